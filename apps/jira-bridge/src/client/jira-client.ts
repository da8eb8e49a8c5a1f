import {
  createSessionManager,
  type ServerConfig,
  type ServerHandle,
  type ServerInfo,
  type ServerOptions,
  type ServerState,
  type SessionManager,
  type SessionManagerOptions,
  type StdioServer,
} from '@bao-mcp/client'
import type { Issue, IssueSummary, IssueType, Transition, User } from '../shapes.ts'
import { bridgeCommand } from './bridge-command.ts'
import { callFailure } from './call-failures.ts'
import { createOperations, type JiraCallOptions } from './call-tool.ts'
import { type SearchPage, walkPages } from './issue-pages.ts'
import { JiraError } from './jira-error.ts'
import type { JiraMapping } from './mapping-rules.ts'
import type { OperationInput, OperationOutput } from './operations.ts'
import { resolveTransition } from './resolve-transition.ts'

/** Milliseconds a call waits for its answer, or for the next sign that it is being worked on. */
export const DEFAULT_CALL_TIMEOUT_MS = 30_000
/** Issues a search gives where it does not say. */
export const DEFAULT_SEARCH_LIMIT = 50
/** Issues of one page of a walk. */
export const DEFAULT_PAGE_SIZE = 100
/** The name of the server within its manager. */
const SERVER = 'jira'

type Without<Input, Key extends string> = Omit<Input, Key>

/**
 * Jira, through an MCP server. Every method rejects with {@link JiraError}, or with the reason of its signal; a write is
 * sent at most once. One that was given up by its signal may have been done.
 */
export interface JiraClient extends AsyncDisposable {
  /** Up to `limit` issues (default 50), from as many pages as that takes. */
  searchIssues(jql: string, options?: JiraCallOptions & { readonly limit?: number }): Promise<IssueSummary[]>
  /** One page. */
  searchPage(
    jql: string,
    options?: JiraCallOptions & { readonly limit?: number; readonly pageToken?: string | undefined },
  ): Promise<SearchPage>
  /** Page after page, as far as the loop goes. */
  issuePages(
    jql: string,
    options?: JiraCallOptions & { readonly limit?: number; readonly pageSize?: number },
  ): AsyncIterableIterator<IssueSummary[]>
  /** @param options `comments`: how many of the latest, default 10 */
  getIssue(key: string, options?: JiraCallOptions & { readonly comments?: number }): Promise<Issue>
  createIssue(issue: OperationInput<'createIssue'>, options?: JiraCallOptions): Promise<OperationOutput<'createIssue'>>
  updateIssue(
    key: string,
    changes: Without<OperationInput<'updateIssue'>, 'key'>,
    options?: JiraCallOptions,
  ): Promise<OperationOutput<'updateIssue'>>
  getTransitions(key: string, options?: JiraCallOptions): Promise<Transition[]>
  /** @param to name or id of the transition, or name of the status it leads to */
  transition(
    key: string,
    to: string,
    more?: Without<OperationInput<'transition'>, 'key' | 'to'>,
    options?: JiraCallOptions,
  ): Promise<OperationOutput<'transition'>>
  /** @param body Markdown */
  addComment(
    key: string,
    body: string,
    more?: Without<OperationInput<'addComment'>, 'key' | 'body'>,
    options?: JiraCallOptions,
  ): Promise<OperationOutput<'addComment'>>
  listProjects(
    filter?: OperationInput<'listProjects'>,
    options?: JiraCallOptions,
  ): Promise<OperationOutput<'listProjects'>>
  /** @param more `withFields`: also the fields of each type */
  listIssueTypes(
    project: string,
    more?: Without<OperationInput<'listIssueTypes'>, 'project'>,
    options?: JiraCallOptions,
  ): Promise<IssueType[]>
  findUsers(
    query: string,
    more?: Without<OperationInput<'findUsers'>, 'query'>,
    options?: JiraCallOptions,
  ): Promise<User[]>
  whoami(options?: JiraCallOptions): Promise<OperationOutput<'whoami'>>
  /** How the server's tools are called and understood. */
  mapping(): Promise<JiraMapping>
  /** Where the server stands. */
  info(): ServerInfo
  /** The same as disposing. */
  close(): Promise<void>
}

export interface JiraClientOptions {
  /** Default: the one the server's tools fit. */
  readonly mapping?: JiraMapping | undefined
  /** Milliseconds; each call may have its own. Default 30 s. */
  readonly timeoutMs?: number | undefined
}

export interface StateChange {
  readonly from: ServerState
  readonly to: ServerState
  readonly reason: string
}

export interface JiraConnectOptions
  extends JiraClientOptions,
    Omit<ServerOptions, 'timeoutMs' | 'trustAnnotations'>,
    Partial<
      Pick<StdioServer, 'command' | 'args' | 'cwd' | 'env' | 'inheritEnv' | 'stderr' | 'stdinGraceMs' | 'termGraceMs'>
    > {
  /** A server that is no command: a URL, or a transport. */
  readonly server?: ServerConfig | undefined
  /** False: resolves at once, and calls wait for the server or fail with `unavailable`. Default true. */
  readonly mustStart?: boolean | undefined
  /** Told whenever the server comes to another state. */
  readonly onState?: ((change: StateChange) => void) | undefined
  /** How the session manager is made that keeps the server alive. */
  readonly manager?: SessionManagerOptions | undefined
}

export const JiraClient: {
  /**
   * Starts this project's bridge, or the server that is given, and keeps it running until the client is closed.
   * @throws {JiraError} `unavailable`, when it does not start; `unauthorized`, when it wants somebody to log in;
   * `invalid`, when the options make no server
   */
  connect(options?: JiraConnectOptions): Promise<JiraClient>
  /**
   * Uses a server of a manager, which stays its owner's. Add it with `trustAnnotations: false`, or the manager sends a
   * write again whose tool is listed with `idempotentHint`.
   */
  over(server: ServerHandle, options?: JiraClientOptions): JiraClient
} = { connect, over }

async function connect(options: JiraConnectOptions = {}): Promise<JiraClient> {
  const { mapping, timeoutMs, mustStart = true, manager: managerOptions, onState, server, command, ...rest } = options
  const manager = createSessionManager(managerOptions)
  // it ends with the manager, and rejects only with what the listener throws
  if (onState !== undefined) void tellStates(manager, onState)
  try {
    const config = server ?? (command === undefined ? ownBridge(rest) : { ...rest, command })
    // repeating is decided here, by what is a write, and not by the word of the server
    const adding = manager.add(SERVER, config, { ...rest, trustAnnotations: false })
    if (mustStart) mustBeUp(await adding)
    // with `mustStart: false` the state tells, and so does every call
    else adding.catch(() => {})
    return over(manager.get(SERVER), { mapping, timeoutMs }, () => manager.close())
  } catch (error) {
    await manager.close()
    throw callFailure(error, { tool: 'connecting', isWrite: false })
  }
}

/** Arguments come behind those that start it. */
function ownBridge({ args = [], ...rest }: Omit<JiraConnectOptions, 'command'>): StdioServer {
  const bridge = bridgeCommand()
  return { ...bridge, ...rest, args: [...(bridge.args ?? []), ...args] }
}

async function tellStates(manager: SessionManager, onState: (change: StateChange) => void): Promise<void> {
  for await (const event of manager.events(0)) {
    if (event.kind === 'state') onState({ from: event.from, to: event.to, reason: event.reason })
  }
}

function mustBeUp({ state, reason, lastError }: ServerInfo): void {
  if (state === 'ready' || state === 'degraded' || state === 'configured' || state === 'manifest-known') return
  const code = state === 'needs-auth' ? 'unauthorized' : 'unavailable'
  throw new JiraError(code, `the Jira server did not start: ${lastError?.message ?? reason}`)
}

function over(
  server: ServerHandle,
  options: JiraClientOptions = {},
  release: () => Promise<void> = async () => {},
): JiraClient {
  const { mapping, timeoutMs = DEFAULT_CALL_TIMEOUT_MS } = options
  const operations = createOperations(server, { mapping, timeoutMs })
  const { run } = operations

  async function* issuePages(...[jql, options = {}]: Parameters<JiraClient['issuePages']>) {
    const { limit = Number.POSITIVE_INFINITY, pageSize = DEFAULT_PAGE_SIZE, ...call } = options
    if (!(limit >= 1)) throw new JiraError('invalid', `search: limit must be at least 1, got ${limit}`)
    const { maxPageSize } = await operations.mapping(call.signal)
    const read = (size: number, pageToken: string | undefined) =>
      run('search', { jql, limit: size, ...(pageToken !== undefined && { pageToken }) }, call)
    yield* walkPages(read, { limit, pageSize: Math.min(pageSize, maxPageSize) })
  }

  return {
    issuePages,
    async searchIssues(jql, options = {}) {
      const { limit = DEFAULT_SEARCH_LIMIT } = options
      const pages = await Array.fromAsync(issuePages(jql, { ...options, limit, pageSize: limit }))
      return pages.flat()
    },
    searchPage(jql, { limit = DEFAULT_SEARCH_LIMIT, pageToken, ...call } = {}) {
      return run('search', { jql, limit, ...(pageToken !== undefined && { pageToken }) }, call)
    },
    getIssue: (key, { comments = 10, ...call } = {}) => run('getIssue', { key, comments }, call),
    createIssue: (issue, call) => run('createIssue', issue, call),
    updateIssue: (key, changes, call) => run('updateIssue', { ...changes, key }, call),
    getTransitions: async (key, call) => (await run('getTransitions', { key }, call)).transitions,
    async transition(key, to, more = {}, call) {
      const { transitionsBy } = await operations.mapping(call?.signal)
      if (transitionsBy === 'name') return run('transition', { ...more, key, to }, call)
      const { transitions } = await run('getTransitions', { key }, call)
      return run('transition', { ...more, key, to: resolveTransition(key, transitions, to).id }, call)
    },
    addComment: (key, body, more = {}, call) => run('addComment', { ...more, key, body }, call),
    listProjects: (filter = {}, call) => run('listProjects', filter, call),
    listIssueTypes: async (project, more = {}, call) => (await run('listIssueTypes', { ...more, project }, call)).types,
    findUsers: async (query, more = {}, call) => (await run('findUsers', { ...more, query }, call)).users,
    whoami: (call) => run('whoami', {}, call),
    mapping: () => operations.mapping(),
    info: () => server.info(),
    close: release,
    [Symbol.asyncDispose]: release,
  }
}
