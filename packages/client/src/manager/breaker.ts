import type { Clock } from '@bao-mcp/protocol/engine'

/** Consecutive failures that open a breaker. */
export const DEFAULT_BREAKER_FAILURES = 5
/** Milliseconds an open breaker lets nothing pass. */
export const DEFAULT_BREAKER_COOLDOWN_MS = 30_000

/** `closed` lets calls through, `open` refuses them, `half-open` lets one probe. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * Leaves a server alone that fails again and again. Every admitted call ends with exactly one of `succeed`, `fail` and
 * `abandon`.
 */
export interface Breaker {
  readonly state: BreakerState
  /** Admits a call, or says in how many milliseconds to ask again. After the pause one call is admitted as a probe. */
  admit(): 'admitted' | { readonly retryAfterMs: number }
  /** The server answered, whatever it said. */
  succeed(): void
  /** The way to the server failed, or it did not answer in time. */
  fail(): void
  /** The call says nothing about the server. */
  abandon(): void
  /** The server was replaced: calls may pass, and the next failure opens it again. */
  renew(): void
}

export interface BreakerOptions {
  readonly clock: Clock
  readonly failures: number
  readonly cooldownMs: number
  /** Told when it opens (`open`), and when a probe succeeded (`closed`). */
  changed(state: 'open' | 'closed'): void
}

export function createBreaker({ clock, failures: limit, cooldownMs, changed }: BreakerOptions): Breaker {
  let failures = 0
  let openUntil: number | undefined
  let probing = false

  function open(): void {
    const wasOpen = openUntil !== undefined
    openUntil = clock.now() + cooldownMs
    probing = false
    if (!wasOpen) changed('open')
  }

  return {
    get state() {
      if (openUntil === undefined) return 'closed'
      return probing || clock.now() >= openUntil ? 'half-open' : 'open'
    },
    admit() {
      if (openUntil === undefined) return 'admitted'
      const leftMs = openUntil - clock.now()
      // who comes while the probe is out waits as long as another round would take at most
      if (leftMs > 0 || probing) return { retryAfterMs: probing ? cooldownMs : leftMs }
      probing = true
      return 'admitted'
    },
    succeed() {
      failures = 0
      if (openUntil === undefined || !probing) return
      openUntil = undefined
      probing = false
      changed('closed')
    },
    fail() {
      failures++
      if (openUntil === undefined ? failures >= limit : probing) open()
    },
    abandon() {
      probing = false
    },
    renew() {
      if (openUntil === undefined) return
      openUntil = undefined
      probing = false
      failures = limit - 1
      changed('closed')
    },
  }
}
