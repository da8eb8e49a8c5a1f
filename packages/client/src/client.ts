import type {
  CompleteRequestParams,
  CompleteResult,
  GetPromptResult,
  Implementation,
  ReadResourceResult,
  ServerCapabilities,
} from '@bao-mcp/protocol'
import type {
  Clock,
  CloseReason,
  JsonObject,
  LogLevel,
  Notice,
  SchemaOutput,
  StandardSchema,
} from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { Cache, CachedMethod } from './cache.ts'
import { type Change, type Changes, createWish } from './changes.ts'
import { readServerFacts, type ServerFacts } from './eras/greeting.ts'
import type { ReadOptions } from './flights.ts'
import { createKnownTools } from './known-tools.ts'
import { createLists, type Lists } from './lists.ts'
import { type RequestOptions, sendReporting } from './progress.ts'
import { readCompletion, readContents, readPrompt } from './results.ts'
import type { Session } from './session.ts'
import {
  openSubscription,
  type Subscribed,
  type SubscribeOptions,
  type Subscription,
  subscribeTo,
} from './subscriptions.ts'
import { createToolCalls } from './tool-calls.ts'
import type { CheckedToolResult, ToolResult } from './tool-result.ts'
import type { Wanted } from './wanted.ts'

/** Arguments of a call: any object, also one typed by an interface, but no array. */
export type CallArguments = JsonObject | (object & { readonly [Symbol.iterator]?: never })

export interface CallToolOptions extends RequestOptions {
  /**
   * Checks the structured output and gives `structured` its type. Default: the schema the tool was listed with last, if
   * it was; `false` for no check.
   */
  output?: StandardSchema | false | undefined
  /** Times a call is sent again that was not run, or may be run twice. Default 2. */
  maxRetries?: number | undefined
}

export interface ReadResourceOptions extends RequestOptions {
  /** Asks the server, whatever is kept of an earlier answer. */
  fresh?: boolean | undefined
}

/** Options of requests that report no progress. */
export type PlainOptions = Omit<RequestOptions, 'onProgress'>

/**
 * A connection to one server, the same in both eras. Disposing closes it.
 * Every verb rejects with {@link RpcError} (what the server answered), {@link ConnectionError} (no answer can come),
 * {@link InvalidResultError} (the answer is none), {@link InputError} (the server asked for something and did not get
 * it) or the reason of the signal.
 */
export interface Client extends Lists, AsyncDisposable {
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
   * @throws {ConnectionError} with `outcome` `unknown` when the tool may have run
   * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
   */
  callTool<S extends StandardSchema>(
    name: string,
    args: CallArguments | undefined,
    options: CallToolOptions & { output: S },
  ): Promise<CheckedToolResult<SchemaOutput<S>>>
  callTool(name: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult>
  /** @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#reading-resources */
  readResource(uri: string, options?: ReadResourceOptions): Promise<ReadResourceResult>
  /** @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#getting-a-prompt */
  getPrompt(name: string, args?: Readonly<Record<string, string>>, options?: RequestOptions): Promise<GetPromptResult>
  /**
   * What a value may become, best first.
   * @param context the arguments that are settled already
   * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
   */
  complete(
    ref: CompleteRequestParams['ref'],
    argument: { name: string; value: string },
    context?: Readonly<Record<string, string>>,
    options?: PlainOptions,
  ): Promise<CompleteResult['completion']>
  /**
   * Tells `handler` of changes until the subscription is disposed of; resolves when the server tells of them. A
   * subscription that breaks off is opened again, and what may have been missed is told as changed.
   * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
   */
  listen(wanted: Partial<Wanted>, handler: (change: Change) => void, options?: SubscribeOptions): Promise<Subscription>
  /**
   * Has the server tell `onResourceUpdated` when this resource changes.
   * @throws {RpcError} -32601 when it does not tell of it
   */
  subscribe(uri: string, options?: SubscribeOptions): Promise<void>
  /** Takes {@link subscribe} back. */
  unsubscribe(uri: string): Promise<void>
  /** Tells the server that the roots are others now, where it would not ask anyway. */
  rootsChanged(): Promise<void>
  /** What the server says of itself now; in the legacy era, as it said when the conversation opened. */
  discover(options?: PlainOptions & { fresh?: boolean | undefined }): Promise<ServerFacts>
  /** Asks for a sign of life. */
  ping(options?: PlainOptions): Promise<void>
  /** Least severe level of log messages that are wanted from now on. */
  setLogLevel(level: LogLevel, options?: PlainOptions): Promise<void>
  /** Sends any request and resolves with its finished result, unchecked. */
  request(method: string, params?: JsonObject, options?: RequestOptions): Promise<JsonObject>
  notify(method: string, params?: JsonObject): Promise<void>
  /** The same as disposing. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface ClientParts {
  readonly session: Session
  /** The session's, with whatever stands around it. */
  readonly request: Session['request']
  readonly cache: Cache
  readonly changes: Changes
  readonly clock: Clock
  random(): number
  readonly maxTotalTimeoutMs: number
  /** The session that cursors belong to; another value when it was opened anew. */
  sessionMark(): unknown
  /** Takes notices that came with a call and are not about its progress. */
  hear(notice: Notice): void
  /** Hears of resources that are others now. */
  onResourceUpdated: ((uri: string) => void) | undefined
}

/** Puts the verbs on a session. */
export function createClient(parts: ClientParts): Client {
  const { session, request: send, cache, changes, clock, hear } = parts
  const known = createKnownTools()
  const subscribed = new Map<string, Subscribed>()

  function request(method: string, params?: JsonObject, options?: RequestOptions): Promise<JsonObject> {
    return sendReporting(options, hear, (callOptions) => send(method, params, callOptions))
  }

  function read(
    method: CachedMethod,
    params: JsonObject | undefined,
    options: ReadResourceOptions | undefined,
  ): Promise<JsonObject> {
    const cacheable = session.revision.requests.get(method)?.cacheable === true
    return cache.read({
      method,
      params,
      options,
      cacheable,
      // proof: the options are the caller's, with a signal and a listener of the cache's own
      send: (sent) =>
        sendReporting(sent as ReadOptions & RequestOptions, hear, (callOptions) =>
          method === 'server/discover' ? session.discover(callOptions) : send(method, params, callOptions),
        ),
    })
  }

  const call = createToolCalls({
    request,
    done: cache.seal,
    known,
    clock,
    random: parts.random,
    maxTotalTimeoutMs: parts.maxTotalTimeoutMs,
  })

  function callTool<S extends StandardSchema>(
    name: string,
    args: CallArguments | undefined,
    options: CallToolOptions & { output: S },
  ): Promise<CheckedToolResult<SchemaOutput<S>>>
  function callTool(name: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult>
  function callTool(name: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult> {
    return call(name, args, options)
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
    ...createLists({ read, drop: cache.drop, session: parts.sessionMark, known }),
    async readResource(uri, options) {
      return readContents(await read('resources/read', { uri }, options))
    },
    async getPrompt(name, args, options) {
      return readPrompt(
        await request('prompts/get', args === undefined ? { name } : { name, arguments: args }, options),
      )
    },
    async complete(ref, argument, context, options) {
      const params = context === undefined ? { ref, argument } : { ref, argument, context: { arguments: context } }
      return readCompletion(await request('completion/complete', params, options))
    },
    listen: (wanted, handler, options) => openSubscription(changes, createWish(wanted, handler), options),
    subscribe(uri, options) {
      const { onResourceUpdated } = parts
      return subscribeTo(uri, { changes, subscribed, onResourceUpdated }, options)
    },
    async unsubscribe(uri) {
      const known = subscribed.get(uri)
      if (known === undefined) return
      subscribed.delete(uri)
      await changes.remove(known.wish)
    },
    rootsChanged: () => session.rootsChanged(),
    async discover(options) {
      return readServerFacts(await read('server/discover', undefined, options))
    },
    ping: (options) => session.ping(options),
    setLogLevel: (level, options) => session.setLogLevel(level, options),
    request,
    notify: (method, params) => session.notify(method, params),
    close,
    [Symbol.asyncDispose]: close,
  }
}
