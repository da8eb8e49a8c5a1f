import { type Clock, systemClock } from '@bao-mcp/protocol/engine'

/**
 * Remembers which servers end when they are asked anything before `initialize`, so that they are started once and not
 * twice. Silence is never remembered: a server may only have been slow.
 */
export interface Verdicts {
  endsOnProbe(transport: string): boolean
  remember(transport: string): void
  forget(transport: string): void
}

/** "A stale legacy verdict never fails loudly", so it expires: a server may have been updated. */
export const DEFAULT_VERDICT_MS = 3_600_000

/** @param lastsMs milliseconds a verdict lasts. Default one hour. */
export function createVerdicts(clock: Clock = systemClock, lastsMs: number = DEFAULT_VERDICT_MS): Verdicts {
  const expiries = new Map<string, number>()
  return {
    endsOnProbe(transport) {
      const expiresAt = expiries.get(transport)
      if (expiresAt === undefined) return false
      if (clock.now() < expiresAt) return true
      expiries.delete(transport)
      return false
    },
    remember(transport) {
      const now = clock.now()
      // what is over would otherwise stay for ever where transports have ever new names
      for (const [name, expiresAt] of expiries) if (expiresAt <= now) expiries.delete(name)
      expiries.set(transport, now + lastsMs)
    },
    forget(transport) {
      expiries.delete(transport)
    },
  }
}
