import { type Exchange, type MaybePromise, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { atLeast } from './at-least.ts'

export const DEFAULT_MAX_CONCURRENT_CALLS = 100
export const DEFAULT_MAX_QUEUED_CALLS = 1000
export const DEFAULT_MAX_HELD_LENGTH: number = 256 * 1024 * 1024

export interface CallLimits {
  /** Calls that run at once. Default 100. */
  maxConcurrentCalls?: number | undefined
  /** Calls that wait for a place; past it they are refused. Default 1000. */
  maxQueuedCalls?: number | undefined
  /** UTF-16 units of the requests that run or wait, together; one alone may be longer. Default 256 Mi. */
  maxHeldLength?: number | undefined
}

/** Bounds how many calls run at once, and how much is held for them. A call that finishes without a promise is never counted. */
export interface Limiter {
  /**
   * Runs a call, now or when a place is free. One that was cancelled while it waited is never run.
   * @throws {RpcError} SERVER_BUSY when the queue is full as well, or too much is held
   */
  run<T>(exchange: Exchange, call: () => MaybePromise<T>): MaybePromise<T>
}

interface Waiting {
  exchange: Exchange
  start(): void
  /** Settles the call without running it, for whoever waits around it. */
  giveUp(): void
}

/** @throws {TypeError} for a limit under which nothing could ever run */
export function createLimiter(limits: CallLimits = {}): Limiter {
  const {
    maxConcurrentCalls = DEFAULT_MAX_CONCURRENT_CALLS,
    maxQueuedCalls = DEFAULT_MAX_QUEUED_CALLS,
    maxHeldLength = DEFAULT_MAX_HELD_LENGTH,
  } = limits
  atLeast(1, 'maxConcurrentCalls', maxConcurrentCalls)
  atLeast(0, 'maxQueuedCalls', maxQueuedCalls)
  atLeast(0, 'maxHeldLength', maxHeldLength)
  let running = 0
  /** Length of all requests that run or wait. */
  let held = 0
  let queue: Waiting[] = []

  function startQueued(): void {
    while (running < maxConcurrentCalls) {
      const next = queue.shift()
      if (next === undefined) return
      if (next.exchange.cancelled) next.giveUp()
      else next.start()
    }
  }

  function start<T>({ length }: Exchange, call: () => MaybePromise<T>): MaybePromise<T> {
    const result = call()
    if (!(result instanceof Promise)) return result
    running++
    held += length
    const release = (): void => {
      running--
      held -= length
      startQueued()
    }
    // the promise that is returned carries the rejection; this branch only gives the place back
    result.then(release, release)
    return result
  }

  function dropCancelled(): void {
    const waiting = queue
    queue = waiting.filter(({ exchange }) => !exchange.cancelled)
    for (const one of waiting) if (one.exchange.cancelled) one.giveUp()
  }

  function busy(words: string): RpcError {
    return new RpcError(SERVER_BUSY, `the server is busy: ${words}`, {
      maxConcurrentCalls,
      maxQueuedCalls,
      maxHeldLength,
    })
  }

  function enqueue<T>(exchange: Exchange, call: () => MaybePromise<T>): Promise<T> {
    if (queue.length >= maxQueuedCalls) dropCancelled()
    if (queue.length >= maxQueuedCalls) throw busy(`${running} calls run and ${queue.length} wait`)
    held += exchange.length
    return new Promise((resolve, reject) => {
      queue.push({
        exchange,
        start() {
          held -= exchange.length
          try {
            resolve(start(exchange, call))
          } catch (error) {
            reject(error)
          }
        },
        giveUp() {
          held -= exchange.length
          reject(exchange.signal.reason)
        },
      })
    })
  }

  return {
    run(exchange, call) {
      // one that is too long for the limit may still run alone
      if (held > 0 && held + exchange.length > maxHeldLength) {
        dropCancelled()
        if (held > 0 && held + exchange.length > maxHeldLength) throw busy(`${held} characters of requests are held`)
      }
      return running < maxConcurrentCalls ? start(exchange, call) : enqueue(exchange, call)
    },
  }
}
