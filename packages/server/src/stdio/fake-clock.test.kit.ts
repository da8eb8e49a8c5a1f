import type { Clock } from '@bao-mcp/protocol/engine'

/** A clock that stands still until it is told otherwise. */
export interface FakeClock extends Clock {
  /** Moves time on and fires what became due, in order. */
  advance(ms: number): void
  /** Timers that have not fired. */
  readonly pending: number
}

export function fakeClock(): FakeClock {
  let now = 0
  const timers = new Set<{ at: number; fn: () => void }>()
  return {
    now: () => now,
    after(ms, fn) {
      const timer = { at: now + ms, fn }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    get pending() {
      return timers.size
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const [due] = [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)
        if (due === undefined) break
        timers.delete(due)
        now = due.at
        due.fn()
      }
      now = until
    },
  }
}
