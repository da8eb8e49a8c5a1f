import { type Clock, isJsonObject } from '@bao-mcp/protocol/engine'
import { jiraBodies } from './bodies.ts'
import type { Dialect } from './dialect.ts'
import { JiraApiError } from './errors.ts'
import type { JiraPort } from './port.ts'
import {
  listOf,
  looseText,
  numberOf,
  objectOf,
  type Reading,
  readComments,
  readField,
  readIssue,
  readIssueType,
  readMade,
  readProject,
  readSummary,
  readTransitions,
  readUser,
  readUsers,
  textOf,
} from './read.ts'
import { createRecentWrites } from './recent-writes.ts'
import { readWalk, type Walk, writeWalk } from './walk-token.ts'
import type { JiraWire, Page, Waiting } from './wire.ts'

export interface JiraOptions {
  wire: JiraWire
  dialect: Dialect
  /** Address of the site as people see it; without it, Jira is asked. */
  site?: string
  clock?: Clock | undefined
}

/** Search gives at most this many issues at once, whatever is asked for. */
const MAX_SEARCH_PAGE = 100
const MAX_META_PAGE = 200
/** Reads of one list end here, however long Jira says it is. */
const MAX_META_PAGES = 10
const PROJECT = /^[A-Za-z0-9_]+$/
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
export function createJira({ wire, dialect, site: givenSite, clock }: JiraOptions): JiraPort {
  let site = givenSite
  const writes = createRecentWrites({ clock })

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

  function walkOf(pageToken: string | undefined): Partial<Walk> & Pick<Walk, 'reconcileIssues'> {
    if (!wire.isIndexBehind) return { reconcileIssues: [], ...(pageToken !== undefined && { token: pageToken }) }
    return pageToken === undefined ? { reconcileIssues: writes.ids() } : readWalk(pageToken)
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
      const maxResults = Math.min(limit, MAX_SEARCH_PAGE)
      const { token, reconcileIssues } = walkOf(pageToken)
      const [read, raw] = await Promise.all([
        reading(waiting),
        wire.search({ jql, pageToken: token, fields: SUMMARY_FIELDS, maxResults, reconcileIssues }, waiting),
      ])
      const page = objectOf(raw, 'a page of issues')
      const found = listOf(page.issues)
      const issues = found.slice(0, maxResults).map((issue) => readSummary(issue, read))
      for (const { key, id } of issues) writes.seen(key, Number(id))
      // the token of a page that was not asked for goes on behind issues nobody has seen
      if (found.length > maxResults) return { issues, isLast: false }
      const next = page.isLast === true ? undefined : looseText(page.nextPageToken)
      if (next === undefined) return { issues, isLast: true }
      const nextPageToken = wire.isIndexBehind ? writeWalk({ token: next, reconcileIssues }) : next
      return { issues, isLast: false, nextPageToken }
    },
    async issue(key, comments, waiting) {
      const [read, raw, said] = await Promise.all([
        reading(waiting),
        wire.issue(key, ISSUE_FIELDS, waiting),
        wire.comments(key, Math.max(1, comments), waiting),
      ])
      const issue = readIssue(raw, readComments(said, comments, read), read)
      writes.seen(issue.key, Number(issue.id))
      return issue
    },
    async create(body, waiting) {
      const made = await wire.create(body, waiting)
      const key = readMade(made, 'key', 'the issue that was made')
      writes.made(Number(Object(made).id))
      return { key }
    },
    async update(key, body, waiting) {
      await wire.edit(key, body, waiting)
      writes.wrote(key)
    },
    async transitions(key, waiting) {
      return readTransitions(await wire.transitions(key, waiting))
    },
    async transition(key, body, waiting) {
      await wire.transition(key, body, waiting)
      writes.wrote(key)
    },
    async addComment(key, body, waiting) {
      const made = await wire.comment(key, body, waiting)
      writes.wrote(key)
      return { id: readMade(made, 'id', 'the comment that was made') }
    },
    async projects({ query, startAt, limit }, waiting) {
      const page = objectOf(await wire.projects({ query, startAt, maxResults: limit }, waiting), 'a page of projects')
      const projects = listOf(page.values).map(readProject)
      return { projects, total: numberOf(page.total) ?? startAt + projects.length }
    },
    async issueTypes(project, waiting) {
      mustBeProject(project)
      return (await allOf('issueTypes', (page) => wire.issueTypes(project, page, waiting))).map(readIssueType)
    },
    async fields(at, waiting) {
      mustBeProject(at.project)
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

/** It becomes a part of an address, where dots lead elsewhere. */
function mustBeProject(project: string): void {
  if (PROJECT.test(project)) return
  throw new JiraApiError(
    'invalid',
    `project must be the key or the id of one, such as DEMO, got ${JSON.stringify(project)}`,
  )
}
