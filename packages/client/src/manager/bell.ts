import type { Clock } from '@bao-mcp/protocol/engine'

/** Wakes all who wait for the next change. */
export interface Bell {
  ring(): void
  /** Resolves with the next ring, or after `ms` milliseconds without one. @throws the signal's reason */
  next(ms: number, signal?: AbortSignal): Promise<void>
}

export function createBell(clock: Clock): Bell {
  const sleepers = new Set<() => void>()
  return {
    ring() {
      for (const wake of [...sleepers]) wake()
    },
    next: (ms, signal) =>
      new Promise((resolve, reject) => {
        function done(settle: () => void): void {
          sleepers.delete(wake)
          stopTimer()
          signal?.removeEventListener('abort', onAbort)
          settle()
        }
        const wake = (): void => done(resolve)
        const onAbort = (): void => done(() => reject(signal?.reason))
        const stopTimer = clock.after(ms, wake)
        sleepers.add(wake)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
  }
}
