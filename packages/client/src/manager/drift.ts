import type { Clock } from '@bao-mcp/protocol/engine'

/** How often the two clocks are compared, in milliseconds. */
export const DRIFT_INTERVAL_MS = 5_000
/** By how much more than the interval the wall clock has to have gone on, in milliseconds. */
export const DRIFT_TOLERANCE_MS = 10_000

/** Notices that this machine slept: timers stood still, and the wall clock did not. */
export interface DriftWatch {
  /** Begins, unless it did. */
  start(): void
  stop(): void
}

export function createDriftWatch(options: {
  readonly clock: Clock
  readonly wallClock: () => number
  woke(sleptMs: number): void
}): DriftWatch {
  const { clock, wallClock, woke } = options
  let stopTimer: (() => void) | undefined

  function arm(): void {
    const before = wallClock()
    stopTimer = clock.after(DRIFT_INTERVAL_MS, () => {
      const sleptMs = wallClock() - before - DRIFT_INTERVAL_MS
      arm()
      if (sleptMs >= DRIFT_TOLERANCE_MS) woke(sleptMs)
    })
  }

  return {
    start() {
      if (stopTimer === undefined) arm()
    },
    stop() {
      stopTimer?.()
      stopTimer = undefined
    },
  }
}
