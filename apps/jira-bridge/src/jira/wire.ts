import type { JsonObject } from '@bao-mcp/protocol/engine'

/** Whoever waits for an answer may stop waiting. */
export interface Waiting {
  signal?: AbortSignal | undefined
  /** Called before each sending of a request; what it throws ends it. */
  beforeSending?: (() => void) | undefined
}

export interface Page {
  startAt: number
  maxResults: number
}

/** The requests a bridge sends to Jira, answered with Jira's own JSON: nothing of it is trusted before it is read. */
export interface JiraWire {
  /** Whether a search may miss what was written just now, unless it names it. */
  readonly isIndexBehind: boolean
  myself(waiting: Waiting): Promise<unknown>
  serverInfo(waiting: Waiting): Promise<unknown>
  /** @param keys of permissions, such as BROWSE_PROJECTS */
  permissions(keys: readonly string[], waiting: Waiting): Promise<unknown>
  search(query: WireSearch, waiting: Waiting): Promise<unknown>
  issue(key: string, fields: readonly string[], waiting: Waiting): Promise<unknown>
  create(body: JsonObject, waiting: Waiting): Promise<unknown>
  edit(key: string, body: JsonObject, waiting: Waiting): Promise<unknown>
  transitions(key: string, waiting: Waiting): Promise<unknown>
  transition(key: string, body: JsonObject, waiting: Waiting): Promise<unknown>
  /** The newest first. */
  comments(key: string, maxResults: number, waiting: Waiting): Promise<unknown>
  comment(key: string, body: JsonObject, waiting: Waiting): Promise<unknown>
  projects(query: Page & { query?: string | undefined }, waiting: Waiting): Promise<unknown>
  issueTypes(project: string, page: Page, waiting: Waiting): Promise<unknown>
  issueFields(at: { project: string; typeId: string }, page: Page, waiting: Waiting): Promise<unknown>
  users(query: WireUsers, waiting: Waiting): Promise<unknown>
  assignable(query: WireUsers & { project?: string; issueKey?: string }, waiting: Waiting): Promise<unknown>
}

export interface WireSearch {
  jql: string
  fields: readonly string[]
  maxResults: number
  pageToken?: string | undefined
  /** Ids of issues that were written just now, so that the index is not behind for them; the same on all pages. */
  reconcileIssues?: readonly number[]
}

/** People by what they are called, or one by the id. */
export interface WireUsers {
  query?: string
  accountId?: string
  maxResults: number
}
