import { JiraApiError } from './errors.ts'
import { MAX_RECONCILED } from './recent-writes.ts'

/** How one search goes on. */
export interface Walk {
  /** The token of Jira. */
  token: string
  /** Named on every page of one search: the list must be the same for all of them. */
  reconcileIssues: readonly number[]
}

const FORM = /^ids((?:-\d{1,16})*):(.+)$/s

/** A page token that carries what Jira wants to hear again with it. */
export function writeWalk({ token, reconcileIssues }: Walk): string {
  return `ids${reconcileIssues.map((id) => `-${id}`).join('')}:${token}`
}

/** @throws {JiraApiError} for what {@link writeWalk} did not write */
export function readWalk(text: string): Walk {
  const [, list = '', token] = FORM.exec(text) ?? []
  const reconcileIssues = list.split('-').slice(1).map(Number)
  if (token === undefined || reconcileIssues.length > MAX_RECONCILED || !reconcileIssues.every(Number.isSafeInteger)) {
    throw new JiraApiError('invalid', 'pageToken is not one this server gave out. Call again without it.')
  }
  return { token, reconcileIssues }
}
