import type { Clock } from '@bao-mcp/protocol/engine'

/** Consecutive failures that open a breaker. */
export const DEFAULT_BREAKER_FAILURES = 5
/** Milliseconds an open breaker lets nothing pass. */
export const DEFAULT_BREAKER_COOLDOWN_MS = 30_000

/** `closed` lets calls through, `open` refuses them, `half-open` lets one probe. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * Leaves a server alone that fails again and again. Every call that begins ends with exactly one of `succeed`, `fail` and
 * `abandon`. Calls that were under way together when one of them failed count once: what befell them is one fault.
 */
export interface Breaker {
  readonly state: BreakerState
  /** Milliseconds after which to ask again; undefined while a call may begin. */
  readonly retryAfterMs: number | undefined
  /** A call begins; after the pause it is the probe, and the only one. Gives what its end is told with. */
  begin(): number
  /** The server answered, whatever it said. */
  succeed(): void
  /** The way to the server failed, or it did not answer in time. */
  fail(begun: number): void
  /** The call says nothing about the server. */
  abandon(begun: number): void
  /** A sign of life came that is no answer to a call: the pause is over. */
  alive(): void
  /** The server was replaced: calls may pass, and the next failure opens it again. */
  renew(): void
}

export interface BreakerOptions {
  readonly clock: Clock
  readonly failures: number
  readonly cooldownMs: number
  /** Told when it opens (`open`), and when a probe succeeded (`closed`). */
  changed(state: 'open' | 'closed'): void
  /** So many calls failed without any sign of life in between, whether they count or not: the server may be frozen. */
  suspected(): void
}

export function createBreaker(options: BreakerOptions): Breaker {
  const { clock, failures: limit, cooldownMs, changed, suspected } = options
  let failures = 0
  let unanswered = 0
  /** Another one begins with every failure that counts and every new server; what an older call meets is no news. */
  let round = 0
  let openUntil: number | undefined
  let probing = false

  function open(): void {
    const wasOpen = openUntil !== undefined
    openUntil = clock.now() + cooldownMs
    probing = false
    if (!wasOpen) changed('open')
  }

  function close(): void {
    openUntil = undefined
    probing = false
    changed('closed')
  }

  function alive(): void {
    unanswered = 0
    if (openUntil !== undefined) openUntil = Math.min(openUntil, clock.now())
  }

  return {
    get state() {
      if (openUntil === undefined) return 'closed'
      return probing || clock.now() >= openUntil ? 'half-open' : 'open'
    },
    get retryAfterMs() {
      if (openUntil === undefined) return undefined
      // who comes while the probe is out waits as long as another round would take at most
      if (probing) return cooldownMs
      const leftMs = openUntil - clock.now()
      return leftMs > 0 ? leftMs : undefined
    },
    begin() {
      if (openUntil !== undefined) probing = true
      return round
    },
    succeed() {
      failures = 0
      alive()
      if (probing) close()
    },
    fail(begun) {
      const isSuspect = ++unanswered === limit
      if (begun === round) {
        round++
        failures++
        if (openUntil === undefined ? failures >= limit : probing) open()
      }
      if (isSuspect) suspected()
    },
    abandon(begun) {
      if (begun === round) probing = false
    },
    alive,
    renew() {
      round++
      unanswered = 0
      if (openUntil === undefined) return
      failures = limit - 1
      close()
    },
  }
}
