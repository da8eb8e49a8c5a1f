import type { ClientCapabilities, Implementation, ServerCapabilities } from '@bao-mcp/protocol'
import type {
  CallOptions,
  Clock,
  CloseReason,
  JsonObject,
  LogLevel,
  MaybePromise,
  Notice,
  Stray,
} from '@bao-mcp/protocol/engine'
import type { Era, Revision } from '@bao-mcp/protocol/revisions'
import type { Extensions } from './extension.ts'
import type { Honoured, Wanted } from './wanted.ts'

/** What a server said of itself when the conversation opened. */
export interface Greeting {
  readonly revision: Revision
  /** Who it says it is, for display only. */
  readonly serverInfo: Implementation | undefined
  readonly capabilities: ServerCapabilities
  readonly instructions: string | undefined
}

/** Options of one call that a session needs besides those of the protocol. */
export interface SessionCallOptions extends CallOptions {
  /** Told when the server answers with questions, so that the result is one of this call alone. */
  onInput?: (() => void) | undefined
}

/** A client's open conversation with one server. Its era opened it and decides how it runs. Disposing closes it. */
export interface Session extends Greeting, AsyncDisposable {
  readonly era: Era
  /** Times the server began anew with it: what it had handed out before, such as cursors, is void. */
  readonly renewals: number
  /** Resolves when the conversation is over; never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * Sends a request and settles with its finished result, whatever the server had to ask first.
   * @throws {RpcError} what the server answered
   * @throws {ConnectionError} when no answer can come
   * @throws {InvalidResultError} when the answer is none of this revision
   * @throws {InputError} when the server asked for something this client could not give
   * @throws the signal's reason
   */
  request(method: string, params?: JsonObject, options?: SessionCallOptions): Promise<JsonObject>
  notify(method: string, params?: JsonObject): Promise<void>
  /** Asks for a sign of life. */
  ping(options?: CallOptions): Promise<void>
  /** The server has begun anew with this conversation and has forgotten what it was told: says it again. */
  renewed?(): void
  /** Least severe level of log messages the server is to send from now on. */
  setLogLevel(level: LogLevel, options?: CallOptions): Promise<void>
  /** What the server says of itself: asked anew where that can be asked, else as it was said. */
  discover(options?: CallOptions): Promise<JsonObject>
  /** Tells the server that the roots are others now, where it would not ask anyway. */
  rootsChanged(): Promise<void>
  /**
   * Has the server tell of these changes and of no others, and resolves with what it honours as soon as it does. Until
   * then it tells of what was wanted before. What is broken off is taken up again, and the gap goes to `side.missed`.
   * @throws {RpcError} | {@link ConnectionError} when it will not tell
   */
  listen(wanted: Wanted): Promise<Honoured>
}

/** What the server may see of a handler's call. */
export interface InputCall {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Answers what a server asks of the client, in whichever way its era asks. */
export interface Inputs {
  /** What the presence of handlers declares. */
  readonly capabilities: ClientCapabilities
  /** @throws {InputError} when there is no answer */
  answer(method: string, params: JsonObject | undefined, call: InputCall): MaybePromise<JsonObject>
  /** Takes a notice that may tell of something that was asked before. */
  hear(notice: Notice): void
}

/** What this side brings into a conversation of either era. */
export interface ClientSide {
  readonly info: Implementation
  readonly inputs: Inputs
  /** What is spoken beyond the core protocol; undefined for nothing. */
  readonly extensions?: Extensions | undefined
  readonly logLevel: LogLevel | undefined
  /** Input rounds of one request before it is given up. */
  readonly maxInputRounds: number
  /** Milliseconds a call may take in all, its input rounds included. */
  readonly maxTotalTimeoutMs: number
  readonly clock: Clock
  /** Between 0 and 1; what waiting times are scattered by. */
  random(): number
  /** Takes the notices that belong to no call. */
  hear(notice: Notice): void
  /** Told that notices may not have come, so that all that was kept by them is in doubt. */
  missed(): void
  /** Takes what arrived and belongs to nothing. */
  stray(stray: Stray): void
}
