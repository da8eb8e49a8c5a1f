import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { JiraApiError } from '../jira/errors.ts'
import type { JiraPort } from '../jira/port.ts'
import type { IssueSummary } from '../shapes.ts'

/** Recent issues and projects for completions and lists, which come with every keystroke. */
export interface IssueKeys {
  /** Issues changed lately, the latest first; of one project when it is named. */
  recent(project?: string): Promise<IssueSummary[]>
  /** Keys that begin so, those of issues changed lately first. */
  completeKey(typed: string): Promise<string[]>
  completeProject(typed: string): Promise<string[]>
}

export interface IssueKeysOptions {
  clock?: Clock
  /** Milliseconds for which what was read is good enough. Default 15 s. */
  keptMs?: number
}

const DEFAULT_KEPT_MS = 15_000
const MAX_KEPT = 50
const MAX_RECENT = 100
const MAX_PROJECTS = 100

export function createIssueKeys(jira: JiraPort, options: IssueKeysOptions = {}): IssueKeys {
  const { clock = systemClock, keptMs = DEFAULT_KEPT_MS } = options
  const kept = new Map<string, { at: number; value: Promise<unknown> }>()

  function remembered<T>(key: string, read: () => Promise<T>): Promise<T> {
    const found = kept.get(key)
    // proof: one key is read by one function only
    if (found !== undefined && clock.now() - found.at < keptMs) return found.value as Promise<T>
    const value = read()
    kept.delete(key)
    kept.set(key, { at: clock.now(), value })
    const [oldest] = kept.keys()
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    value.catch(() => kept.delete(key))
    return value
  }

  function recent(project?: string): Promise<IssueSummary[]> {
    const bound = project === undefined ? 'updated >= -30d' : `project = ${quoted(project)}`
    const jql = `${bound} ORDER BY updated DESC`
    return remembered(`issues ${jql}`, async () => (await jira.search({ jql, limit: MAX_RECENT }, {})).issues)
  }

  return {
    recent,
    async completeKey(typed) {
      const wanted = typed.trim().toUpperCase()
      const [, project] = /^([A-Z][A-Z0-9_]*)-\d*$/.exec(wanted) ?? []
      const keys = (await orNothing(recent(project))).map(({ key }) => key)
      return keys.filter((key) => key.startsWith(wanted))
    },
    async completeProject(typed) {
      const wanted = typed.trim().toLowerCase()
      const read = async () => (await jira.projects({ startAt: 0, limit: MAX_PROJECTS }, {})).projects
      const projects = await orNothing(remembered('projects', read))
      const fitting = projects.filter(({ key, name }) =>
        [key, name].some((said) => said.toLowerCase().startsWith(wanted)),
      )
      return fitting.map(({ key }) => key)
    },
  }
}

/** Whoever types has no use for an error: a project that is not there yet has no issues. */
async function orNothing<T>(reading: Promise<T[]>): Promise<T[]> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof JiraApiError) return []
    throw error
  }
}

/** A value within JQL. @see https://support.atlassian.com/jira-software-cloud/docs/search-syntax-for-text-fields/ */
export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&').replace(/[\r\n]+/g, ' ')}"`
}
