import { isJsonObject } from '@bao-mcp/protocol/engine'
import { jiraBodies } from './bodies.ts'
import type { Dialect } from './dialect.ts'
import { JiraApiError } from './errors.ts'
import type { JiraPort } from './port.ts'
import {
  listOf,
  looseText,
  numberOf,
  objectOf,
  pageOf,
  type Reading,
  readComments,
  readField,
  readIssue,
  readIssueType,
  readProject,
  readSummary,
  readTransitions,
  readUser,
  readUsers,
  textOf,
} from './read.ts'
import type { JiraWire, Page, Waiting } from './wire.ts'

export interface JiraOptions {
  wire: JiraWire
  dialect: Dialect
  /** Address of the site as people see it; without it, Jira is asked. */
  site?: string
}

/** Search gives at most this many issues at once, whatever is asked for. */
const MAX_SEARCH_PAGE = 100
const MAX_META_PAGE = 200
/** Reads of one list end here, however long Jira says it is. */
const MAX_META_PAGES = 10
/** "Reconcile at most 50 issues." */
const MAX_RECONCILED = 50
/** Issues whose id is known, should they be written. */
const MAX_SEEN = 1_000
const SUMMARY_FIELDS = [
  'summary',
  'issuetype',
  'status',
  'priority',
  'assignee',
  'reporter',
  'labels',
  'created',
  'updated',
]
const ISSUE_FIELDS = [...SUMMARY_FIELDS, 'project', 'description', 'parent', 'components']

/** Jira in the bridge's words, over whatever sends the requests. */
export function createJira({ wire, dialect, site: givenSite }: JiraOptions): JiraPort {
  let site = givenSite
  const written: number[] = []
  const idOf = new Map<string, number>()

  async function siteOf(waiting: Waiting): Promise<string> {
    site ??= await askedSite(waiting)
    return site
  }

  async function askedSite(waiting: Waiting): Promise<string> {
    const { baseUrl } = objectOf(await wire.serverInfo(waiting), 'the description of the site')
    return textOf(baseUrl, 'the address of the site').replace(/\/+$/, '')
  }

  async function reading(waiting: Waiting): Promise<Reading> {
    return { site: await siteOf(waiting), toMarkdown: dialect.toMarkdown }
  }

  /** The index of Cloud lags behind writes unless a search names what was written. */
  function remember(id: number): void {
    if (!Number.isSafeInteger(id) || written.at(-1) === id) return
    written.push(id)
    if (written.length > MAX_RECONCILED) written.shift()
  }

  function seen(key: string, id: number): void {
    idOf.set(key, id)
    const [oldest] = idOf.keys()
    if (idOf.size > MAX_SEEN && oldest !== undefined) idOf.delete(oldest)
  }

  function wrote(key: string): void {
    const id = idOf.get(key)
    if (id !== undefined) remember(id)
  }

  async function allOf(member: string, read: (page: Page) => Promise<unknown>): Promise<unknown[]> {
    const all: unknown[] = []
    for (let pages = 0; pages < MAX_META_PAGES; pages++) {
      const page = objectOf(await read({ startAt: all.length, maxResults: MAX_META_PAGE }), 'a page')
      // Data Center calls them values
      const found = listOf(page[member] ?? page.values)
      all.push(...found)
      if (found.length === 0 || all.length >= (numberOf(page.total) ?? 0)) break
    }
    return all
  }

  return {
    bodies: jiraBodies(dialect),
    site: siteOf,
    async whoAmI(waiting) {
      const user = readUser(await wire.myself(waiting))
      if (user === undefined) throw new JiraApiError('unexpected', 'Jira did not say whose account this is.')
      return user
    },
    async permissions(keys, waiting) {
      const answer = await wire.permissions(keys, waiting)
      const found = isJsonObject(answer) ? answer.permissions : undefined
      if (!isJsonObject(found)) return undefined
      return Object.fromEntries(
        keys.flatMap((key) => {
          const permission = Object.hasOwn(found, key) ? found[key] : undefined
          return isJsonObject(permission) && typeof permission.havePermission === 'boolean'
            ? [[key, permission.havePermission] as const]
            : []
        }),
      )
    },
    async search({ jql, limit, pageToken }, waiting) {
      const [read, raw] = await Promise.all([
        reading(waiting),
        wire.search(
          {
            jql,
            pageToken,
            fields: SUMMARY_FIELDS,
            maxResults: Math.min(limit, MAX_SEARCH_PAGE),
            ...(written.length > 0 && { reconcileIssues: [...new Set(written)] }),
          },
          waiting,
        ),
      ])
      const page = objectOf(raw, 'a page of issues')
      const nextPageToken = looseText(page.nextPageToken)
      return {
        issues: listOf(page.issues).map((issue) => readSummary(issue, read)),
        isLast: page.isLast === true || nextPageToken === undefined,
        ...(nextPageToken !== undefined && page.isLast !== true && { nextPageToken }),
      }
    },
    async issue(key, comments, waiting) {
      const [read, raw, said] = await Promise.all([
        reading(waiting),
        wire.issue(key, ISSUE_FIELDS, waiting),
        wire.comments(key, Math.max(1, comments), waiting),
      ])
      const issue = readIssue(raw, readComments(said, comments, read), read)
      seen(issue.key, Number(issue.id))
      return issue
    },
    async create(body, waiting) {
      const base = await siteOf(waiting)
      const made = objectOf(await wire.create(body, waiting), 'the issue that was made')
      const key = textOf(made.key, 'the key of the issue that was made')
      remember(Number(made.id))
      return { key, url: pageOf(base, key) }
    },
    async update(key, body, waiting) {
      await wire.edit(key, body, waiting)
      wrote(key)
    },
    async transitions(key, waiting) {
      return readTransitions(await wire.transitions(key, waiting))
    },
    async transition(key, body, waiting) {
      await wire.transition(key, body, waiting)
      wrote(key)
    },
    async addComment(key, body, waiting) {
      const made = objectOf(await wire.comment(key, body, waiting), 'the comment that was made')
      wrote(key)
      return { id: textOf(made.id, 'the id of the comment that was made') }
    },
    async projects({ query, startAt, limit }, waiting) {
      const page = objectOf(await wire.projects({ query, startAt, maxResults: limit }, waiting), 'a page of projects')
      const projects = listOf(page.values).map(readProject)
      return { projects, total: numberOf(page.total) ?? startAt + projects.length }
    },
    async issueTypes(project, waiting) {
      return (await allOf('issueTypes', (page) => wire.issueTypes(project, page, waiting))).map(readIssueType)
    },
    async fields(at, waiting) {
      return (await allOf('fields', (page) => wire.issueFields(at, page, waiting))).map(readField)
    },
    async users({ query, limit }, waiting) {
      return readUsers(await wire.users({ query, maxResults: limit }, waiting)).slice(0, limit)
    },
    async user(accountId, waiting) {
      const found = readUsers(await wire.users({ accountId, maxResults: 2 }, waiting))
      return found.find((user) => user.accountId === accountId)
    },
    async assignable({ query, where, limit }, waiting) {
      return readUsers(await wire.assignable({ query, ...where, maxResults: limit }, waiting))
    },
  }
}
