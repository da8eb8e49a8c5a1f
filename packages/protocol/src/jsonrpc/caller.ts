import type { Way } from './channel.ts'
import type { CloseReason } from './errors.ts'
import type { JsonObject, JsonRpcNotification, JsonRpcRequest, Notice, RequestId } from './message.ts'

/** What one call may differ in: how long it waits, who may end it, and who hears of its notices. */
export interface CallOptions {
  /** Gives the call up: the other side is told, and the promise rejects with `signal.reason`. */
  signal?: AbortSignal | undefined
  /** Milliseconds without an answer or a notice of this call before it is given up. */
  timeoutMs?: number | undefined
  /** Milliseconds before the call is given up, whatever notices arrived. */
  maxTotalTimeoutMs?: number | undefined
  /** Headers of this request, where the transport has any. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Notices that belong to this call alone, in order and before its answer. */
  onNotice?: ((notice: Notice) => void) | undefined
  /** False for a request that may never be cancelled on the wire; giving it up is then a local matter. */
  cancellable?: boolean | undefined
  /** The way of the inbound request it is part of, where the channel has several. */
  way?: Way | undefined
}

/** Something requests can be sent through: a peer over a channel, or HTTP. */
export interface Caller extends AsyncDisposable {
  /** Resolves when the connection is over, with exit code, signal and last stderr lines where known; never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * Sends a request and settles with its answer. Every call settles.
   * @throws {RpcError} what the other side answered
   * @throws {ConnectionError} when no answer can come
   * @throws the signal's reason when the call was given up
   */
  request(method: string, params?: JsonObject, options?: CallOptions): Promise<JsonObject>
  /**
   * Sends a notification; resolves when it was handed to the transport.
   * @throws {ConnectionError} `closed` when the connection is over, `unserialisable` for params that are no JSON
   */
  notify(method: string, params?: JsonObject): Promise<void>
}

/** A value, or a promise of it: whoever has the value already costs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>

/** One inbound request while it is being answered. */
export interface Exchange {
  readonly id: RequestId
  /** Length of the request's text in UTF-16 units: what it holds of memory while it is answered. 0 where unknown. */
  readonly length: number
  /** The way it came, where the channel has several. */
  readonly way?: Way | undefined
  /** Aborts when the other side cancels the request or the connection ends. Created on first use. */
  readonly signal: AbortSignal
  /** True once nobody waits for the answer any more. */
  readonly cancelled: boolean
  /**
   * Sends a notice on this request's own way back; dropped when nobody waits any more. A promise means back-pressure:
   * it resolves when there is room again.
   */
  notify(method: string, params?: JsonObject): void | Promise<void>
}

/** Something that answers requests. */
export interface Responder {
  /**
   * Answers one request. What is returned without a promise is sent in the same tick.
   * @throws {RpcError} to answer with that error; anything else becomes -32603 "Internal error"
   */
  request(request: JsonRpcRequest, exchange: Exchange): MaybePromise<JsonObject>
  notice(notice: JsonRpcNotification): void
}
