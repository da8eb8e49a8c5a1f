import { type Account, accountById } from './accounts.ts'
import { CATEGORIES, ISSUE_TYPES, LINK_TYPES, PRIORITIES, RESOLUTIONS, STATUSES } from './catalog.ts'
import type { CommentRow, WorklogRow } from './comments.ts'
import type { Dialect } from './dialect.ts'
import type { Project } from './projects.ts'
import type { Site } from './site.ts'
import { jiraTime, showDuration } from './timestamps.ts'

/** Writes stored things the way a dialect shows them. */
export interface Presenter {
  readonly site: Site
  readonly dialect: Dialect
  /** Address of something below the API's root. */
  self(path: string): string
  /** Null for nobody. */
  account(accountId: string | null): Record<string, unknown> | null
  user(account: Account): Record<string, unknown>
  document(json: string | null): unknown
  status(id: string): Record<string, unknown> | undefined
  type(id: string): Record<string, unknown> | undefined
  priority(id: string): Record<string, unknown> | undefined
  resolution(id: string | null): Record<string, unknown> | null
  linkType(id: string): Record<string, unknown> | undefined
  project(project: Project): Record<string, unknown>
  comment(comment: CommentRow): Record<string, unknown>
  worklog(worklog: WorklogRow): Record<string, unknown>
}

export function createPresenter(site: Site, dialect: Dialect): Presenter {
  const self = (path: string) => `${site.baseUrl}${dialect.root}/${path}`
  const user = (account: Account) => dialect.writeAccount(account, site.baseUrl)
  const document = (json: string | null) => (json === null ? null : dialect.writeText(JSON.parse(json)))

  function account(accountId: string | null): Record<string, unknown> | null {
    const found = accountId === null ? undefined : accountById(site, accountId)
    return found === undefined ? null : user(found)
  }

  return {
    site,
    dialect,
    self,
    account,
    user,
    document,
    status(id) {
      const entry = STATUSES.find((each) => each.id === id)
      if (entry === undefined) return undefined
      const category = CATEGORIES[entry.category]
      return {
        self: self(`status/${id}`),
        description: '',
        name: entry.name,
        id,
        statusCategory: { self: self(`statuscategory/${category.id}`), key: entry.category, ...category },
      }
    },
    type(id) {
      const entry = ISSUE_TYPES.find((each) => each.id === id)
      if (entry === undefined) return undefined
      const { name, description, isSubtask, level } = entry
      return { self: self(`issuetype/${id}`), id, description, name, subtask: isSubtask, hierarchyLevel: level }
    },
    priority(id) {
      const entry = PRIORITIES.find((each) => each.id === id)
      return entry && { self: self(`priority/${id}`), name: entry.name, id }
    },
    resolution(id) {
      const entry = RESOLUTIONS.find((each) => each.id === id)
      return entry === undefined ? null : { self: self(`resolution/${entry.id}`), ...entry }
    },
    linkType(id) {
      const entry = LINK_TYPES.find((each) => each.id === id)
      return entry && { ...entry, self: self(`issueLinkType/${id}`) }
    },
    project({ id, key, name }) {
      return { self: self(`project/${id}`), id: String(id), key, name, projectTypeKey: 'software', simplified: false }
    },
    comment({ id, issue_id, author, body, created, updated }) {
      return {
        self: self(`issue/${issue_id}/comment/${id}`),
        id: String(id),
        author: account(author),
        body: document(body),
        updateAuthor: account(author),
        created: jiraTime(created),
        updated: jiraTime(updated),
      }
    },
    worklog({ id, issue_id, author, body, seconds, started, created }) {
      return {
        self: self(`issue/${issue_id}/worklog/${id}`),
        id: String(id),
        issueId: String(issue_id),
        author: account(author),
        updateAuthor: account(author),
        ...(body !== null && { comment: document(body) }),
        created: jiraTime(created),
        updated: jiraTime(created),
        started: jiraTime(started),
        timeSpent: showDuration(seconds),
        timeSpentSeconds: seconds,
      }
    },
  }
}
