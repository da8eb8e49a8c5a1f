import type { Implementation, ServerCapabilities, Tool } from '@bao-mcp/protocol'
import type { CloseReason, JsonObject, LogLevel, Notice, SchemaOutput, StandardSchema } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import { collectPages, isNamed, type ListToWalk, walkPages } from './pages.ts'
import { type RequestOptions, sendReporting } from './progress.ts'
import type { Session } from './session.ts'
import { type CheckedToolResult, checkToolResult, readToolResult, type ToolResult } from './tool-result.ts'

/** Arguments of a call: any object, also one typed by an interface, but no array. */
export type CallArguments = JsonObject | (object & { readonly [Symbol.iterator]?: never })

export interface CallToolOptions extends RequestOptions {
  /** Checks the structured output and gives `structured` its type. */
  output?: StandardSchema | undefined
}

export interface ListOptions extends Omit<RequestOptions, 'onProgress'> {
  /** Pages before the list is given up with an error. Default 64. */
  maxPages?: number | undefined
}

/**
 * A connection to one server, the same in both eras. Disposing closes it.
 * Every verb rejects with {@link RpcError} (what the server answered), {@link ConnectionError} (no answer can come),
 * {@link InvalidResultError} (the answer is none), {@link InputError} (the server asked for something and did not get
 * it) or the reason of the signal.
 */
export interface Client extends AsyncDisposable {
  readonly era: Era
  /** The protocol version in use. */
  readonly version: string
  /** Who the server says it is, for display only. */
  readonly server: Implementation | undefined
  readonly capabilities: ServerCapabilities
  /** How the server wants to be used, in its own words. */
  readonly instructions: string | undefined
  /** Resolves when the connection is over, with what is known of its end; never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * Calls a tool. Its own failure is a result with `isError`.
   * @throws {InvalidResultError} when the result is none, or does not fit `output`
   * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
   */
  callTool<S extends StandardSchema>(
    name: string,
    args: CallArguments | undefined,
    options: CallToolOptions & { output: S },
  ): Promise<CheckedToolResult<SchemaOutput<S>>>
  callTool(name: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult>
  /** All tools, from all pages. @throws {InvalidResultError} past `maxPages`, and when a cursor comes twice */
  listTools(options?: ListOptions): Promise<Tool[]>
  /** The tools, fetched page by page as far as the loop goes. */
  tools(options?: ListOptions): AsyncIterable<Tool>
  /** Asks for a sign of life. */
  ping(options?: Omit<RequestOptions, 'onProgress'>): Promise<void>
  /** Least severe level of log messages that are wanted from now on. */
  setLogLevel(level: LogLevel, options?: Omit<RequestOptions, 'onProgress'>): Promise<void>
  /** Sends any request and resolves with its finished result, unchecked. */
  request(method: string, params?: JsonObject, options?: RequestOptions): Promise<JsonObject>
  notify(method: string, params?: JsonObject): Promise<void>
  /** The same as disposing. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Puts the verbs on a session.
 * @param hear takes notices that came with a call and are not about its progress
 */
export function createClient(session: Session, hear: (notice: Notice) => void): Client {
  function request(method: string, params?: JsonObject, options?: RequestOptions): Promise<JsonObject> {
    return sendReporting(options, hear, (callOptions) => session.request(method, params, callOptions))
  }

  function callTool<S extends StandardSchema>(
    name: string,
    args: CallArguments | undefined,
    options: CallToolOptions & { output: S },
  ): Promise<CheckedToolResult<SchemaOutput<S>>>
  function callTool(name: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult>
  function callTool(name: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult> {
    const params = args === undefined ? { name } : { name, arguments: args }
    const answer = request('tools/call', params, options)
    const output = options?.output
    return output === undefined ? answer.then(readToolResult) : answer.then((result) => checkToolResult(result, output))
  }

  function toolList(options: ListOptions | undefined): ListToWalk<Tool> {
    return {
      method: 'tools/list',
      member: 'tools',
      isItem: isTool,
      fetch: (params) => session.request('tools/list', params, options),
      maxPages: options?.maxPages,
    }
  }

  async function close(): Promise<void> {
    await session[Symbol.asyncDispose]()
  }

  return {
    era: session.era,
    version: session.revision.version,
    server: session.serverInfo,
    capabilities: session.capabilities,
    instructions: session.instructions,
    closed: session.closed,
    callTool,
    listTools: (options) => collectPages(toolList(options)),
    async *tools(options) {
      for await (const page of walkPages(toolList(options))) yield* page
    },
    ping: (options) => session.ping(options),
    setLogLevel: (level, options) => session.setLogLevel(level, options),
    request,
    notify: (method, params) => session.notify(method, params),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function isTool(value: unknown): value is Tool {
  return isNamed(value)
}
