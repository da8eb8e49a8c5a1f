import { createBatch } from './batch.ts'
import type { Caller, Responder } from './caller.ts'
import type { Channel, Unreadable, Way } from './channel.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Conventions } from './conventions.ts'
import { createDeadlines, type Deadlines } from './deadlines.ts'
import { type CloseReason, ConnectionError, INVALID_REQUEST, PARSE_ERROR, type RpcError, toRpcError } from './errors.ts'
import { type AnswerSink, createInbound, errorAnswer } from './inbound.ts'
import {
  classify,
  excerptOf,
  explainInvalid,
  type InvalidMessage,
  isJsonObject,
  type JsonObject,
  type JsonRpcError,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type JsonRpcResult,
  notification,
  type RequestId,
} from './message.ts'
import { createOutbound, notSent } from './outbound.ts'

/** Milliseconds a call waits for its answer or its next notice. */
export const DEFAULT_TIMEOUT_MS = 60_000
/** Milliseconds a call may take in all. */
export const DEFAULT_MAX_TOTAL_TIMEOUT_MS: number = 15 * 60_000
/** Messages one batch may hold. */
export const MAX_BATCH_SIZE = 100

/** Something that arrived and belongs to nothing: reported, never answered, never fatal. */
export interface Stray {
  kind: 'unknown_id' | 'late_notice' | 'unreadable' | 'invalid'
  message: string
  /** The start of what arrived, for logs. */
  excerpt?: string
}

/** How long a peer waits, what it accepts, and who hears of what fits nothing. */
export interface PeerOptions {
  conventions?: Conventions
  /** Milliseconds a call waits for its answer or its next notice. Default 60 s. */
  timeoutMs?: number
  /** Milliseconds a call may take in all. Default 15 min. */
  maxTotalTimeoutMs?: number
  /**
   * True where `timeoutMs` stands still while this side answers a request of the other's, as a client does whose user is
   * being asked. Default false.
   */
  pausesWhileAsked?: boolean
  /** Whether an array of messages is accepted at this moment. Default: never. */
  acceptsBatches?: () => boolean
  /**
   * True where rubbish is answered with an error without an id (a server); false where it is only reported (a client,
   * because what a server prints by mistake must not come back to it as a message). Default false.
   */
  answersRubbish?: boolean
  /** Whether this side may answer at this moment; where it may not, nothing that answers ever leaves. Default: always. */
  answers?: () => boolean
  /** Goes before the number in the ids of outbound calls, which are then strings: it tells peers apart that share a channel. */
  idPrefix?: string
  onStray?: (stray: Stray) => void
  /** Told of every throwable that the other side only learns of as "Internal error", and of what a notice's reader threw. */
  onInternalError?: (error: RpcError, method: string) => void
  clock?: Clock
  /** Deadlines shared with other peers, which then outlive this one. Default: its own, on `clock`. */
  deadlines?: Deadlines
}

/** The JSON-RPC engine over one channel, in both directions. */
export interface Peer extends Caller {
  /** Inbound calls that are running. */
  readonly inFlight: number
  /** Resolves when no inbound call is running. */
  idle(): Promise<void>
  /** From now on every inbound request is answered with this error. */
  refuse(error: RpcError): void
  /** Answers every inbound call that is running with this error. */
  failInFlight(error: RpcError): void
}

/**
 * Starts a JSON-RPC peer on a channel it then owns.
 * Every request whose id can be read is answered, every call settles, and a message that fits nothing is reported.
 */
export function createPeer(channel: Channel, responder: Responder, options: PeerOptions = {}): Peer {
  const { conventions, answersRubbish = false } = options
  const deadlines = options.deadlines ?? createDeadlines(options.clock ?? systemClock)
  const stray = options.onStray ?? ignore
  const onInternalError = options.onInternalError ?? ignore
  const inbound = createInbound({ channel, responder, onInternalError })
  const outbound = createOutbound({
    channel,
    deadlines,
    conventions,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxTotalTimeoutMs: options.maxTotalTimeoutMs ?? DEFAULT_MAX_TOTAL_TIMEOUT_MS,
    idPrefix: options.idPrefix,
    owesAnswer: () => options.pausesWhileAsked === true && inbound.size > 0,
  })
  const closed = Promise.withResolvers<CloseReason>()
  let over: CloseReason | undefined

  function answer(answers: JsonRpcResponse | JsonRpcResponse[] | undefined, way: Way | undefined): void {
    if (answers === undefined) {
      if (way !== undefined) channel.unanswered?.(way)
      return
    }
    // a failed write ends the channel, which reports itself through `end`
    if (options.answers?.() !== false) void channel.send(answers, way)
  }

  function receive(value: unknown, sink: AnswerSink, length: number, way: Way | undefined): void {
    const kind = classify(value)
    // proof of the casts: classify has just checked every member these types name
    switch (kind) {
      case 'request':
        return inbound.request(value as JsonRpcRequest, sink, length, way)
      case 'result': {
        const message = value as JsonRpcResult
        if (!outbound.result(message)) unknownId(message.id)
        return
      }
      case 'notification':
        return receiveNotice(value as JsonRpcNotification)
      case 'error': {
        const message = value as JsonRpcError
        if (!outbound.error(message)) unknownId(message.id ?? undefined)
        return
      }
      case 'batch':
        return receiveBatch(value as unknown[], length, way)
      case 'invalid':
        return receiveInvalid(value, explainInvalid(value), sink, way)
      default:
        kind satisfies never
    }
  }

  function unknownId(id: RequestId | undefined): void {
    const what = id === undefined ? 'an answer without an id' : `an answer to ${JSON.stringify(id)}`
    stray({ kind: 'unknown_id', message: `${what}, which no pending call waits for` })
  }

  function receiveNotice(notice: JsonRpcNotification): void {
    const cancelled = conventions?.cancelledCall(notice)
    if (cancelled !== undefined) {
      // a call that is unknown or finished may well be cancelled: the two messages crossed
      if (inbound.cancel(cancelled, conventions?.cancelReason(notice) ?? '')) return
    }
    const call = conventions?.callOf(notice)
    try {
      if (call === undefined) return responder.notice(notice)
      if (outbound.notice(call, notice)) return
    } catch (thrown) {
      // whoever reads a notice must not keep the messages behind it from being read
      return onInternalError(toRpcError(thrown), notice.method)
    }
    stray({ kind: 'late_notice', message: `${notice.method} for ${JSON.stringify(call)}, which is not pending` })
  }

  function receiveBatch(values: unknown[], length: number, way: Way | undefined): void {
    const refusal = whyRefuseBatch(values)
    if (refusal !== undefined) return refuseBatch(values, refusal, way)
    const batch = createBatch((answers) => answer(answers, way))
    for (const value of values) {
      const sink = batch.expect(value)
      if (Array.isArray(value)) receiveInvalid(value, explainInvalid(value), sink, way)
      else receive(value, sink, length / values.length, way)
    }
    batch.seal()
  }

  function refuseBatch(values: unknown[], message: string, way: Way | undefined): void {
    stray({ kind: 'invalid', message })
    let concernsSomebody = false
    for (const value of values) {
      const kind = classify(value)
      if (kind === 'result' || kind === 'error') {
        // an answer counts wherever it stands: to drop it would leave its call waiting
        concernsSomebody = true
        receive(value, answer, 0, way)
      }
      const id = isRequestLike(value) ? explainInvalid(value).id : undefined
      if (id === undefined) continue
      concernsSomebody = true
      answer(errorAnswer(id, { code: INVALID_REQUEST, message }), way)
    }
    if (!concernsSomebody && answersRubbish) answer(errorAnswer(undefined, { code: INVALID_REQUEST, message }), way)
  }

  function whyRefuseBatch(values: unknown[]): string | undefined {
    if (values.length === 0) return 'an empty batch is not a message'
    if (options.acceptsBatches?.() !== true) return 'batches are not part of the protocol revision in use'
    if (values.length > MAX_BATCH_SIZE)
      return `a batch of ${values.length} messages is over the limit of ${MAX_BATCH_SIZE}`
    return undefined
  }

  function receiveInvalid(value: unknown, invalid: InvalidMessage, sink: AnswerSink, way: Way | undefined): void {
    const { id, isResponse, isNotification, reason } = invalid
    // an id alone, without a method and without an outcome, can only be meant as an answer if a call waits for it
    if ((isResponse || !isRequestLike(value)) && claimsToAnswer(value, invalid)) {
      if (outbound.spoiled(id, 'unanswerable', `the answer is not a valid response: ${reason}`)) return
    }
    stray({ kind: 'invalid', message: reason, excerpt: excerptOf(value) })
    const answerable = !isResponse && !isNotification && (answersRubbish || (id !== undefined && isRequestLike(value)))
    const error = errorAnswer(id, { code: INVALID_REQUEST, message: `Invalid request: ${reason}` })
    sink(answerable ? error : undefined, way)
  }

  function receiveUnreadable(fault: Unreadable): void {
    const { id, salvaged } = fault
    const kind = classify(salvaged)
    // proof: classify has just checked the members
    if (kind === 'result' && outbound.result(salvaged as JsonRpcResult)) return reportRubbish(fault)
    if (kind === 'error' && isAddressed(salvaged as JsonRpcError) && outbound.error(salvaged as JsonRpcError)) {
      return reportRubbish(fault)
    }
    if (fault.isResponse) {
      // without an id, something broken may just as well be a line of somebody's log
      const answers = id !== undefined || fault.kind === 'oversized'
      const code = fault.kind === 'oversized' ? 'too_large' : 'unanswerable'
      if (!answers || !outbound.spoiled(id, code, fault.message)) reportRubbish(fault)
      return
    }
    reportRubbish(fault)
    const code = fault.kind === 'syntax' ? PARSE_ERROR : INVALID_REQUEST
    if (id !== undefined || answersRubbish) answer(errorAnswer(id, { code, message: fault.message }), undefined)
  }

  function reportRubbish(fault: Unreadable): void {
    stray({ kind: 'unreadable', message: fault.message, excerpt: fault.excerpt })
  }

  channel.open({
    message: (value, length = 0, way) => receive(value, answer, length, way),
    unreadable: receiveUnreadable,
    failed(id, error) {
      if (!outbound.failed(id, error)) unknownId(id)
    },
    readEnd: (reason) => outbound.end(reason),
    end(reason) {
      over = reason
      outbound.end(reason)
      inbound.abandon(new DOMException(reason.message, 'AbortError'))
      if (options.deadlines === undefined) deadlines.clear()
      closed.resolve(reason)
    },
  })

  return {
    closed: closed.promise,
    get inFlight() {
      return inbound.size
    },
    request: (method, params, callOptions) => outbound.request(method, params, callOptions),
    async notify(method: string, params?: JsonObject) {
      if (over !== undefined) throw notSent(method, over)
      let room: void | Promise<void>
      try {
        room = channel.send(notification(method, params))
      } catch (cause) {
        throw new ConnectionError('unserialisable', `the params of ${method} cannot be written as JSON`, {
          method,
          cause,
        })
      }
      await room
    },
    idle: () => inbound.idle(),
    refuse: (error) => inbound.refuse(error),
    failInFlight: (error) => inbound.failAll(error),
    [Symbol.asyncDispose]: () => channel.close(),
  }
}

function isAddressed(message: JsonRpcError): boolean {
  return message.id !== undefined && message.id !== null
}

/** A line of somebody's log may have an "id" or an "error" too: it takes two signs to be taken for a broken answer. */
function claimsToAnswer(value: unknown, { id, isResponse }: InvalidMessage): boolean {
  const signs = [id !== undefined, isResponse, isJsonObject(value) && value.jsonrpc === '2.0']
  return signs.filter(Boolean).length >= 2
}

function isRequestLike(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'method' in value
}

function ignore(): void {
  // the owner asked for no reports
}
