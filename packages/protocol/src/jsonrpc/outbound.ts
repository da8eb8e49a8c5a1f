import type { CallOptions } from './caller.ts'
import type { Channel, OutboundWay, Way } from './channel.ts'
import type { Conventions } from './conventions.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import { AnsweredError, type CloseReason, ConnectionError, type ConnectionErrorCode } from './errors.ts'
import {
  type JsonObject,
  type JsonRpcError,
  type JsonRpcNotification,
  type JsonRpcResult,
  notification,
  type RequestId,
} from './message.ts'

/** The calls this side has sent and that wait for their answers. */
export interface Outbound {
  readonly size: number
  request(method: string, params: JsonObject | undefined, options: CallOptions | undefined): Promise<JsonObject>
  /** Settles the call a result answers; false when no call waits for that id. */
  result(message: JsonRpcResult): boolean
  /** Rejects the call an error answers; an error without id answers the only pending call. False when it answers none. */
  error(message: JsonRpcError): boolean
  /** Rejects the call that something unusable answers, by the same rule. False when it answers none. */
  spoiled(id: RequestId | undefined, code: ConnectionErrorCode, message: string): boolean
  /** Rejects the call of this id with an error of this side; false when no call waits for it. */
  failed(id: RequestId, error: Error): boolean
  /** Hands a notice to the call it belongs to and restarts its timeout; false when that call is over. */
  notice(id: RequestId, notice: JsonRpcNotification): boolean
  /** Rejects everything pending and everything asked from now on. */
  end(reason: CloseReason): void
}

export interface OutboundOptions {
  channel: Channel
  deadlines: Deadlines
  conventions: Conventions | undefined
  timeoutMs: number
  maxTotalTimeoutMs: number
  idPrefix: string | undefined
  /** Whether this side keeps the other waiting at this moment, so that `timeoutMs` says nothing of the other. */
  owesAnswer: () => boolean
}

type Settle = (value: JsonObject) => void
type Reject = (reason: unknown) => void

/** One call: its own deadline in the heap, so that a call costs one object. */
class PendingCall implements Deadline {
  dueAt: number
  heapIndex = -1
  /** The deadline notices have earned; the heap is only told of it when the old one passes. */
  softDueAt: number
  readonly id: RequestId
  readonly method: string
  readonly hardDueAt: number
  readonly timeoutMs: number
  readonly maxTotalTimeoutMs: number
  readonly options: CallOptions | undefined
  readonly resolve: Settle
  readonly reject: Reject
  readonly #expired: (call: PendingCall) => void
  stopListening: (() => void) | undefined

  constructor(
    id: RequestId,
    method: string,
    options: CallOptions | undefined,
    times: { now: number; timeoutMs: number; maxTotalTimeoutMs: number },
    settle: { resolve: Settle; reject: Reject; expired: (call: PendingCall) => void },
  ) {
    this.id = id
    this.method = method
    this.options = options
    this.timeoutMs = times.timeoutMs
    this.maxTotalTimeoutMs = times.maxTotalTimeoutMs
    this.softDueAt = times.now + times.timeoutMs
    this.hardDueAt = times.now + times.maxTotalTimeoutMs
    this.dueAt = Math.min(this.softDueAt, this.hardDueAt)
    this.resolve = settle.resolve
    this.reject = settle.reject
    this.#expired = settle.expired
  }

  expire(): void {
    this.#expired(this)
  }
}

export function createOutbound(options: OutboundOptions): Outbound {
  const { channel, deadlines, conventions } = options
  const pending = new Map<RequestId, PendingCall>()
  let nextId = 1
  let ended: CloseReason | undefined
  checkTimeLimits({ timeoutMs: options.timeoutMs, maxTotalTimeoutMs: options.maxTotalTimeoutMs })

  function forget(call: PendingCall): void {
    pending.delete(call.id)
    deadlines.remove(call)
    call.stopListening?.()
  }

  function giveUp(call: PendingCall, why: unknown, words: string): void {
    forget(call)
    call.reject(why)
    if (conventions === undefined || call.options?.cancellable === false) return
    const { method, params } = conventions.cancelNotice(call.id, words)
    // a failed write ends the channel, which reports itself through `end`
    void channel.send(notification(method, params), call.options?.way)
  }

  function expired(call: PendingCall): void {
    const now = deadlines.now()
    // while this side owes the other an answer, it is not the other that keeps it waiting
    if (call.softDueAt <= now && options.owesAnswer()) call.softDueAt = now + call.timeoutMs
    if (call.softDueAt > now && call.hardDueAt > now) {
      call.dueAt = Math.min(call.softDueAt, call.hardDueAt)
      deadlines.add(call)
      return
    }
    const total = call.hardDueAt <= now
    const message = total
      ? `${call.method} was given up after ${call.maxTotalTimeoutMs} ms (maxTotalTimeoutMs)`
      : `${call.method} had no answer and no progress for ${call.timeoutMs} ms (timeoutMs)`
    const error = new ConnectionError(total ? 'total_timeout' : 'timeout', message, {
      method: call.method,
      id: call.id,
    })
    giveUp(call, error, message)
  }

  function listen(call: PendingCall, signal: AbortSignal): void {
    const onAbort = (): void => giveUp(call, signal.reason, wordsOf(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    call.stopListening = () => signal.removeEventListener('abort', onAbort)
  }

  function closedError(method: string, reason: CloseReason): ConnectionError {
    return new ConnectionError('closed', `${method} was not answered: ${reason.message}`, { reason, method })
  }

  /** The call an answer is for: by its id, or the only one pending when the answer has no id. */
  function answered(id: RequestId | null | undefined): PendingCall | undefined {
    if (id !== undefined && id !== null) return pending.get(id)
    if (pending.size !== 1) return undefined
    for (const call of pending.values()) return call
    return undefined
  }

  return {
    get size() {
      return pending.size
    },
    request(method, params, callOptions) {
      return new Promise<JsonObject>((resolve, reject) => {
        const signal = callOptions?.signal
        if (signal?.aborted) return reject(signal.reason)
        if (ended !== undefined) return reject(notSent(method, ended))
        const fault = faultIn(callOptions)
        if (fault !== undefined) return reject(fault)
        const times = {
          now: deadlines.now(),
          timeoutMs: callOptions?.timeoutMs ?? options.timeoutMs,
          maxTotalTimeoutMs: callOptions?.maxTotalTimeoutMs ?? options.maxTotalTimeoutMs,
        }
        const number = nextId++
        const id = options.idPrefix === undefined ? number : `${options.idPrefix}${number}`
        const call = new PendingCall(id, method, callOptions, times, { resolve, reject, expired })
        const marked = conventions === undefined ? params : conventions.mark(method, params, id)
        pending.set(id, call)
        // before the call is sent: a channel may answer, or end, while it sends
        if (call.dueAt !== Number.POSITIVE_INFINITY) deadlines.add(call)
        if (signal !== undefined) listen(call, signal)
        try {
          void channel.send(
            marked === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params: marked },
            wayOf(callOptions),
          )
        } catch (cause) {
          forget(call)
          const message = `the params of ${method} cannot be written as JSON`
          return reject(new ConnectionError('unserialisable', message, { method, id, cause }))
        }
      })
    },
    result(message) {
      const call = pending.get(message.id)
      if (call === undefined) return false
      forget(call)
      call.resolve(message.result)
      return true
    },
    error(message) {
      const call = answered(message.id)
      if (call === undefined) return false
      forget(call)
      const { code, message: words, data } = message.error
      call.reject(new AnsweredError(code, words, data))
      return true
    },
    spoiled(id, code, message) {
      const call = answered(id)
      if (call === undefined) return false
      forget(call)
      call.reject(new ConnectionError(code, `${call.method}: ${message}`, { method: call.method, id: call.id }))
      return true
    },
    failed(id, error) {
      const call = pending.get(id)
      if (call === undefined) return false
      forget(call)
      call.reject(error)
      return true
    },
    notice(id, notice) {
      const call = pending.get(id)
      if (call === undefined) return false
      call.softDueAt = deadlines.now() + call.timeoutMs
      call.options?.onNotice?.(notice)
      return true
    },
    end(reason) {
      // a second reason knows more: what ended the pipe, where the first only knew that nothing more will arrive
      ended = reason
      const calls = [...pending.values()]
      for (const call of calls) forget(call)
      for (const call of calls) call.reject(closedError(call.method, reason))
    },
  }
}

/** @throws {TypeError} naming the time limit that is no number of milliseconds: it would never pass, or at once */
export function checkTimeLimits(limits: Readonly<Record<string, unknown>>): void {
  for (const [name, ms] of Object.entries(limits)) {
    const fault = faultOf(name, ms)
    if (fault !== undefined) throw fault
  }
}

/** What is wrong with the time limits of a call. */
function faultIn(options: CallOptions | undefined): TypeError | undefined {
  if (options === undefined) return undefined
  return faultOf('timeoutMs', options.timeoutMs) ?? faultOf('maxTotalTimeoutMs', options.maxTotalTimeoutMs)
}

function faultOf(name: string, ms: unknown): TypeError | undefined {
  if (ms === undefined || (typeof ms === 'number' && ms >= 0)) return undefined
  const got = typeof ms === 'string' ? JSON.stringify(ms) : String(ms)
  return new TypeError(`${name} must be milliseconds from 0 on, got ${got}`)
}

/** The error of a message that found its connection over. */
export function notSent(method: string, reason: CloseReason): ConnectionError {
  return new ConnectionError('closed', `${method} was not sent: ${reason.message}`, {
    reason,
    method,
    outcome: 'not_run',
  })
}

function wayOf(options: CallOptions | undefined): Way | undefined {
  if (options?.headers === undefined) return options?.way
  return { headers: options.headers } satisfies OutboundWay
}

function wordsOf(reason: unknown): string {
  if (reason instanceof Error) return reason.message
  // any value may be the reason of an abort, and not every object can be made a string
  return typeof reason === 'object' || typeof reason === 'function' ? 'aborted' : String(reason)
}
