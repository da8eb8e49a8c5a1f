import type { Exchange, Responder } from './caller.ts'
import type { Channel, Way } from './channel.ts'
import { INVALID_REQUEST, type RpcError, toRpcError } from './errors.ts'
import {
  isJsonObject,
  type JsonObject,
  type JsonRpcError,
  type JsonRpcErrorObject,
  type JsonRpcRequest,
  type JsonRpcResponse,
  notification,
  type RequestId,
  SerialisedResult,
} from './message.ts'

/** The calls the other side has sent and that are being answered. */
export interface Inbound {
  readonly size: number
  /** Answers one request, in this tick when the responder does. `sink` is where the answer goes: the channel, or a batch. */
  request(request: JsonRpcRequest, sink: AnswerSink, length: number, way: Way | undefined): void
  /** Stops a running call; nothing more is sent for it. False when no such call runs. */
  cancel(id: RequestId, reason: string): boolean
  /** Answers everything that runs with this error. */
  failAll(error: RpcError): void
  /** Aborts everything that runs, without an answer. */
  abandon(reason: unknown): void
  /** From now on every request is answered with this error. */
  refuse(error: RpcError): void
  /** Resolves when nothing runs. */
  idle(): Promise<void>
}

/** Takes the one answer of a request; undefined when the request was cancelled and has none. */
export type AnswerSink = (answer: JsonRpcResponse | undefined, way: Way | undefined) => void

export interface InboundOptions {
  channel: Channel
  responder: Responder
  /** Told of every throwable that the other side only learns of as "Internal error". */
  onInternalError: (error: RpcError, method: string) => void
}

class InboundExchange implements Exchange {
  readonly id: RequestId
  readonly method: string
  readonly sink: AnswerSink
  readonly length: number
  readonly way: Way | undefined
  readonly #channel: Channel
  /** True once answered, cancelled or abandoned. */
  cancelled = false
  #abortReason: unknown
  #controller: AbortController | undefined

  constructor(request: JsonRpcRequest, channel: Channel, sink: AnswerSink, length: number, way: Way | undefined) {
    this.id = request.id
    this.method = request.method
    this.#channel = channel
    this.sink = sink
    this.length = length
    this.way = way
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  notify(method: string, params?: JsonObject): void | Promise<void> {
    if (this.cancelled) return undefined
    return this.#channel.send(notification(method, params), this.way)
  }

  abort(reason: unknown): void {
    this.cancelled = true
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }
}

export function createInbound({ channel, responder, onInternalError }: InboundOptions): Inbound {
  const running = new Map<RequestId, InboundExchange>()
  let refusal: RpcError | undefined
  /** Why nobody waits for answers any more. */
  let abandoned: { reason: unknown } | undefined
  let waitingForIdle: (() => void)[] = []

  function finish(exchange: InboundExchange): void {
    exchange.cancelled = true
    if (running.get(exchange.id) === exchange) running.delete(exchange.id)
    if (running.size > 0 || waitingForIdle.length === 0) return
    const waiting = waitingForIdle
    waitingForIdle = []
    for (const resolve of waiting) resolve()
  }

  function succeed(exchange: InboundExchange, result: JsonObject): void {
    if (exchange.cancelled) return
    if (!isJsonObject(result)) return fail(exchange, new TypeError(`${exchange.method} returned no result object`))
    finish(exchange)
    try {
      exchange.sink({ jsonrpc: '2.0', id: exchange.id, result }, exchange.way)
    } catch (cause) {
      const error = toRpcError(cause)
      onInternalError(error, exchange.method)
      const message = `the result of ${exchange.method} cannot be written as JSON`
      exchange.sink(errorAnswer(exchange.id, { code: error.code, message }), exchange.way)
    }
  }

  function fail(exchange: InboundExchange, thrown: unknown): void {
    if (exchange.cancelled) return
    finish(exchange)
    const error = toRpcError(thrown)
    if (error !== thrown) onInternalError(error, exchange.method)
    try {
      exchange.sink(errorAnswer(exchange.id, error.toObject()), exchange.way)
    } catch (cause) {
      onInternalError(toRpcError(cause), exchange.method)
      exchange.sink(errorAnswer(exchange.id, { code: error.code, message: error.message }), exchange.way)
    }
  }

  return {
    get size() {
      return running.size
    },
    request(request, sink, length, way) {
      if (refusal !== undefined) return sink(errorAnswer(request.id, refusal.toObject()), way)
      if (running.has(request.id)) {
        const message = `id ${JSON.stringify(request.id)} is already in use by a call that has not been answered`
        return sink(errorAnswer(request.id, { code: INVALID_REQUEST, message }), way)
      }
      const exchange = new InboundExchange(request, channel, sink, length, way)
      let answer: ReturnType<Responder['request']>
      try {
        answer = responder.request(request, exchange)
      } catch (thrown) {
        return fail(exchange, thrown)
      }
      if (!isThenable(answer)) return succeed(exchange, answer)
      // a send of the responder's own may have ended the channel before there was anything to abandon
      if (abandoned === undefined) running.set(request.id, exchange)
      else exchange.abort(abandoned.reason)
      answer.then(
        (result) => succeed(exchange, result),
        (thrown) => fail(exchange, thrown),
      )
    },
    cancel(id, reason) {
      const exchange = running.get(id)
      if (exchange === undefined) return false
      finish(exchange)
      exchange.abort(new DOMException(reason, 'AbortError'))
      exchange.sink(undefined, exchange.way)
      return true
    },
    failAll(error) {
      for (const exchange of [...running.values()]) {
        fail(exchange, error)
        exchange.abort(error)
      }
    },
    abandon(reason) {
      abandoned = { reason }
      for (const exchange of [...running.values()]) {
        finish(exchange)
        exchange.abort(reason)
      }
    },
    refuse(error) {
      refusal = error
    },
    idle() {
      if (running.size === 0) return Promise.resolve()
      return new Promise((resolve) => waitingForIdle.push(resolve))
    },
  }
}

export function errorAnswer(id: RequestId | undefined, error: JsonRpcErrorObject): JsonRpcError {
  return id === undefined ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error }
}

/** A responder that lies about its type may return anything, and still must be answered for. */
function isThenable<T extends JsonObject>(value: T | Promise<T>): value is Promise<T> {
  if (typeof value !== 'object' || value === null || value instanceof SerialisedResult) return false
  return 'then' in value && typeof value.then === 'function'
}
