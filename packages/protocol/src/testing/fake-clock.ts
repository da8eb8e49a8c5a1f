import type { Clock } from '../jsonrpc/clock.ts'

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Timers that are set and have not fired. */
  readonly timers: number
  /**
   * Lets this many milliseconds pass: runs the timers that come due in the order of their times, those of one time in
   * the order they were set, and lets everything settle before the first, between them and after the last.
   * @throws what a timer throws
   */
  advance(ms: number): Promise<void>
}

interface Timer {
  readonly dueAt: number
  readonly fn: () => void
}

/** A clock for tests, which stands still until it is told to go on. @param startMs what `now()` begins with, in milliseconds */
export function createFakeClock(startMs: number = 0): FakeClock {
  // in the order they were set
  const timers = new Set<Timer>()
  let now = startMs

  function nextUntil(limit: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueAt <= limit && (next === undefined || timer.dueAt < next.dueAt)) next = timer
    }
    return next
  }

  return {
    get timers() {
      return timers.size
    },
    now: () => now,
    after(ms, fn) {
      const timer: Timer = { dueAt: now + Math.max(0, ms), fn }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const target = now + ms
      await settle()
      for (let timer = nextUntil(target); timer !== undefined; timer = nextUntil(target)) {
        timers.delete(timer)
        now = timer.dueAt
        timer.fn()
        await settle()
      }
      now = target
    },
  }
}

/** Resolves when all that could happen without time or I/O has happened: every microtask has run, however long the chain. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    // proof: nothing is assumed of the member, which browsers do not have
    const { setImmediate } = globalThis as { setImmediate?: unknown }
    if (typeof setImmediate === 'function') {
      setImmediate(resolve)
      return
    }
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
