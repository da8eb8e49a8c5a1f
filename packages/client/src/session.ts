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

/** What a server said of itself when the conversation opened. */
export interface Greeting {
  readonly revision: Revision
  /** Who it says it is, for display only. */
  readonly serverInfo: Implementation | undefined
  readonly capabilities: ServerCapabilities
  readonly instructions: string | undefined
}

/** A client's open conversation with one server. Its era opened it and decides how it runs. Disposing closes it. */
export interface Session extends Greeting, AsyncDisposable {
  readonly era: Era
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
  request(method: string, params?: JsonObject, options?: CallOptions): Promise<JsonObject>
  notify(method: string, params?: JsonObject): Promise<void>
  /** Asks for a sign of life. */
  ping(options?: CallOptions): Promise<void>
  /** Least severe level of log messages the server is to send from now on. */
  setLogLevel(level: LogLevel, options?: CallOptions): Promise<void>
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
}

/** What this side brings into a conversation of either era. */
export interface ClientSide {
  readonly info: Implementation
  readonly inputs: Inputs
  readonly logLevel: LogLevel | undefined
  /** Whether somebody wants to hear that the list of tools changed. */
  readonly wantsToolChanges: boolean
  /** Input rounds of one request before it is given up. */
  readonly maxInputRounds: number
  /** Milliseconds a call may take in all, its input rounds included. */
  readonly maxTotalTimeoutMs: number
  readonly clock: Clock
  /** Takes the notices that belong to no call. */
  hear(notice: Notice): void
  /** Takes what arrived and belongs to nothing. */
  stray(stray: Stray): void
}
