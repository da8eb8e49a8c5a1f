import { type Exchange, type MaybePromise, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { atLeast } from './at-least.ts'

export const DEFAULT_MAX_CONCURRENT_CALLS = 100
export const DEFAULT_MAX_QUEUED_CALLS = 1000

/** Bounds how many calls run at once. A call that finishes without a promise is never counted. */
export interface Limiter {
  /**
   * Runs a call, now or when a place is free. One that was cancelled while it waited is never run.
   * @throws {RpcError} SERVER_BUSY when the queue is full as well
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
export function createLimiter(
  maxConcurrentCalls: number = DEFAULT_MAX_CONCURRENT_CALLS,
  maxQueuedCalls: number = DEFAULT_MAX_QUEUED_CALLS,
): Limiter {
  atLeast(1, 'maxConcurrentCalls', maxConcurrentCalls)
  atLeast(0, 'maxQueuedCalls', maxQueuedCalls)
  let running = 0
  let queue: Waiting[] = []

  function release(): void {
    running--
    while (running < maxConcurrentCalls) {
      const next = queue.shift()
      if (next === undefined) return
      if (next.exchange.cancelled) next.giveUp()
      else next.start()
    }
  }

  function start<T>(call: () => MaybePromise<T>): MaybePromise<T> {
    const result = call()
    if (!(result instanceof Promise)) return result
    running++
    // the promise that is returned carries the rejection; this branch only gives the place back
    result.then(release, release)
    return result
  }

  function dropCancelled(): void {
    const waiting = queue
    queue = waiting.filter(({ exchange }) => !exchange.cancelled)
    for (const one of waiting) if (one.exchange.cancelled) one.giveUp()
  }

  function enqueue<T>(exchange: Exchange, call: () => MaybePromise<T>): Promise<T> {
    if (queue.length >= maxQueuedCalls) dropCancelled()
    if (queue.length >= maxQueuedCalls) {
      throw new RpcError(SERVER_BUSY, `the server is busy: ${running} calls run and ${queue.length} wait`, {
        maxConcurrentCalls,
        maxQueuedCalls,
      })
    }
    return new Promise((resolve, reject) => {
      queue.push({
        exchange,
        start() {
          try {
            resolve(start(call))
          } catch (error) {
            reject(error)
          }
        },
        giveUp: () => reject(exchange.signal.reason),
      })
    })
  }

  return {
    run: (exchange, call) => (running < maxConcurrentCalls ? start(call) : enqueue(exchange, call)),
  }
}
