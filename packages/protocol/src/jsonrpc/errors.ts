import type { JsonRpcErrorObject, RequestId } from './message.ts'

/** What was received is no JSON. */
export const PARSE_ERROR = -32700
/** The JSON is no request. */
export const INVALID_REQUEST = -32600
/** There is no such method here. */
export const METHOD_NOT_FOUND = -32601
/** The parameters do not fit the method. */
export const INVALID_PARAMS = -32602
/** The side that answers failed; what went wrong is not told. */
export const INTERNAL_ERROR = -32603

/**
 * A call waited in vain for a free place: too many calls are running and queued.
 * It lies outside -32768..-32000, the range JSON-RPC and MCP keep for themselves.
 */
export const SERVER_BUSY = -31999

/** Who asks was not granted every scope the request needs. Outside the reserved range, as {@link SERVER_BUSY} is. */
export const INSUFFICIENT_SCOPE = -31998

/**
 * What the nodes of a server share could not be reached, so nothing was done; asking again later may help. Outside the
 * reserved range, as {@link SERVER_BUSY} is.
 */
export const HUB_LOST = -31997

/**
 * An error that crosses the wire: what the other side answered, or what a handler wants answered.
 * @see https://www.jsonrpc.org/specification#error_object
 */
export class RpcError extends Error {
  override readonly name: string = 'RpcError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.data = data
  }

  /** The error as it is written on the wire: no cause, no stack. */
  toObject(): JsonRpcErrorObject {
    return this.data === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, data: this.data }
  }
}

/** An error the other side answered. What it tells is between it and this side, and is not meant for a third. */
export class AnsweredError extends RpcError {
  /** The HTTP status it came with, where that was not 200. */
  readonly status: number | undefined
  /** Milliseconds after which the other side wants to be asked again, where it said so. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: number,
    message: string,
    data?: unknown,
    options: ErrorOptions & { status?: number; retryAfterMs?: number } = {},
  ) {
    super(code, message, data, options)
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
  }
}

/**
 * Turns whatever a handler threw into what may be told the other side: an RpcError as it is, anything else as
 * -32603 "Internal error" with the original kept in `cause`, which never leaves this process. "The code MUST be an
 * integer", so an error with another code counts as anything else.
 */
export function toRpcError(thrown: unknown): RpcError {
  if (thrown instanceof RpcError && Number.isSafeInteger(thrown.code)) return thrown
  return new RpcError(INTERNAL_ERROR, 'Internal error', undefined, { cause: thrown })
}

/** Why a connection is over. Every field but `kind` and `message` is evidence, present where it is known. */
export interface CloseReason {
  /** `local`: this side closed it. `remote`: the other side did. `failed`: neither meant to. */
  kind: 'local' | 'remote' | 'failed'
  /** One sentence with the facts, fit for a log line. */
  message: string
  exitCode?: number
  /** Signal that ended the process, such as `SIGKILL`. */
  signal?: string
  /** Last lines the server wrote to stderr, oldest first. */
  stderrTail?: readonly string[]
  error?: unknown
}

/** Closed set of codes of {@link ConnectionError}. */
export type ConnectionErrorCode =
  | 'closed' // the connection ended before the answer came
  | 'timeout' // no answer, and no progress, within `timeoutMs`
  | 'total_timeout' // no answer within `maxTotalTimeoutMs`, whatever progress was reported
  | 'unanswerable' // the other side answered something no answer can be read from
  | 'too_large' // the answer was longer than `maxMessageBytes`
  | 'unserialisable' // the params cannot be written as JSON
  | 'unreachable' // nothing could be sent: the server cannot be reached
  | 'http_status' // the server answered with a status, and with no answer
  | 'dropped' // the connection of this call broke off before its answer
  | 'open_limit' // the runtime would let this request wait for others to end, for ever if need be

/** What is known of a call without an answer. */
export interface ConnectionEvidence {
  reason?: CloseReason
  method?: string
  id?: RequestId
  status?: number
  outcome?: 'not_run' | 'unknown'
  retryAfterMs?: number
  cause?: unknown
}

/** A call that ended without an answer, for a reason on this side of the wire; it has no wire code. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: ConnectionErrorCode
  /** Why the connection ended, where it did: exit code, signal, last stderr lines. */
  readonly reason: CloseReason | undefined
  readonly method: string | undefined
  readonly id: RequestId | undefined
  /** The HTTP status that was answered, where one was. */
  readonly status: number | undefined
  /** `not_run`: the other side has certainly not begun with the call. Undefined where there is no such thing to tell. */
  readonly outcome: 'not_run' | 'unknown' | undefined
  /** Milliseconds after which the other side wants to be asked again, where it said so. */
  readonly retryAfterMs: number | undefined

  constructor(code: ConnectionErrorCode, message: string, evidence: ConnectionEvidence = {}) {
    super(message, evidence.cause === undefined ? undefined : { cause: evidence.cause })
    this.code = code
    this.reason = evidence.reason
    this.method = evidence.method
    this.id = evidence.id
    this.status = evidence.status
    this.outcome = evidence.outcome
    this.retryAfterMs = evidence.retryAfterMs
  }
}
