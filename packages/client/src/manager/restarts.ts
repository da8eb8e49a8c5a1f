import type { Clock } from '@bao-mcp/protocol/engine'

/** How a server that was lost is started again. All times are milliseconds. */
export interface RestartOptions {
  /** Restarts within `windowMs` before the server is given up. Default 5. */
  readonly max?: number | undefined
  /** Default 60 s. */
  readonly windowMs?: number | undefined
  /** Longest first pause; it doubles with every failure in a row. Default 500 ms. */
  readonly firstMs?: number | undefined
  /** Longest pause of all. Default 30 s. */
  readonly longestMs?: number | undefined
  /** How long a server has to stay up until its failures are forgotten. Default 30 s. */
  readonly stableMs?: number | undefined
}

/** Decides whether, and when, there is another attempt. */
export interface Restarts {
  readonly max: number
  readonly windowMs: number
  /** Attempts that were granted over the whole time. */
  readonly total: number
  /** Milliseconds until the next attempt; undefined when the budget is spent. */
  next(): number | undefined
  /** A connection ended that stood for so long. */
  stood(forMs: number): void
  /** Begins anew, as somebody asked for a restart. */
  reset(): void
}

export function createRestarts(clock: Clock, random: () => number, options: RestartOptions = {}): Restarts {
  const { max = 5, windowMs = 60_000, firstMs = 500, longestMs = 30_000, stableMs = 30_000 } = options
  let granted: number[] = []
  let failures = 0
  let total = 0
  return {
    max,
    windowMs,
    get total() {
      return total
    },
    next() {
      const now = clock.now()
      granted = granted.filter((at) => now - at < windowMs)
      if (granted.length >= max) return undefined
      granted.push(now)
      total++
      // full jitter: anywhere between nothing and the ceiling, so that many that failed together come back apart
      return random() * Math.min(longestMs, firstMs * 2 ** failures++)
    },
    stood(forMs) {
      if (forMs >= stableMs) failures = 0
    },
    reset() {
      granted = []
      failures = 0
    },
  }
}
