import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { FieldMeta, Issue, IssueSummary, IssueType, Project, Transition, User } from '../shapes.ts'
import type { Waiting } from './wire.ts'

/** What is known of an issue that is to be made. Texts are Markdown. */
export interface NewIssue {
  project: string
  typeId: string
  summary: string
  description?: string | undefined
  assignee?: User | undefined
  priority?: string | undefined
  labels?: readonly string[] | undefined
  parent?: string | undefined
  /** By Jira's field ids, as Jira takes them; what is said above goes before them. */
  fields?: JsonObject | undefined
}

/** What is to change; what is absent stays. */
export interface Changes {
  summary?: string | undefined
  description?: string | undefined
  /** Null for nobody. */
  assignee?: User | null | undefined
  priority?: string | undefined
  labels?: readonly string[] | undefined
  fields?: JsonObject | undefined
}

/** Where somebody is looked for who can be given an issue. */
export type AssignableWhere = { project: string } | { issueKey: string }

/** Bodies of writes, so that what would be sent can be shown. They are sent as they are. */
export interface JiraBodies {
  create(issue: NewIssue): JsonObject
  update(changes: Changes): JsonObject
  transition(to: { id: string; comment?: string | undefined; fields?: JsonObject | undefined }): JsonObject
  comment(markdown: string): JsonObject
}

/**
 * Jira in the bridge's words: rich text is Markdown, people have ids, pages have tokens. Everything rejects with a
 * `JiraApiError` that says what to do, or with the reason of `waiting.signal`.
 */
export interface JiraPort {
  readonly bodies: JiraBodies
  /** Address of the site as people see it, without a slash at its end. */
  site(waiting: Waiting): Promise<string>
  whoAmI(waiting: Waiting): Promise<User>
  /** Which of these permissions the account has somewhere; undefined where Jira does not say. */
  permissions(keys: readonly string[], waiting: Waiting): Promise<Record<string, boolean> | undefined>
  /** One page, which may be shorter than asked for although it is not the last. */
  search(query: { jql: string; limit: number; pageToken?: string | undefined }, waiting: Waiting): Promise<SearchPage>
  /** With the newest comments, at most so many. */
  issue(key: string, comments: number, waiting: Waiting): Promise<Issue>
  create(body: JsonObject, waiting: Waiting): Promise<{ key: string }>
  update(key: string, body: JsonObject, waiting: Waiting): Promise<void>
  transitions(key: string, waiting: Waiting): Promise<Transition[]>
  transition(key: string, body: JsonObject, waiting: Waiting): Promise<void>
  addComment(key: string, body: JsonObject, waiting: Waiting): Promise<{ id: string }>
  projects(
    query: { query?: string | undefined; startAt: number; limit: number },
    waiting: Waiting,
  ): Promise<ProjectPage>
  issueTypes(project: string, waiting: Waiting): Promise<IssueType[]>
  fields(at: { project: string; typeId: string }, waiting: Waiting): Promise<FieldMeta[]>
  users(query: { query: string; limit: number }, waiting: Waiting): Promise<User[]>
  /** The one with this id. */
  user(accountId: string, waiting: Waiting): Promise<User | undefined>
  assignable(query: { query: string; where: AssignableWhere; limit: number }, waiting: Waiting): Promise<User[]>
}

export interface SearchPage {
  issues: IssueSummary[]
  nextPageToken?: string
  isLast: boolean
}

export interface ProjectPage {
  projects: Project[]
  /** Of all that fit the query. */
  total: number
}
