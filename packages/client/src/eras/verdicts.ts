import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import type { Opening } from '../transports/transport.ts'

/**
 * Remembers which servers end when they are asked anything before `initialize`, so that they are started once and not
 * twice, and which servers had to be spoken to in an older way. Silence is never remembered: a server may only have been slow.
 */
export interface Verdicts {
  endsOnProbe(transport: string): boolean
  remember(transport: string): void
  /** How the server was last spoken to, where its transport has several ways and it was not the first. */
  opening(transport: string): Opening | undefined
  rememberOpening(transport: string, opening: Opening): void
  forget(transport: string): void
}

/** "A stale legacy verdict never fails loudly", so it expires: a server may have been updated. */
export const DEFAULT_VERDICT_MS = 3_600_000

/**
 * A memory of which era a server speaks, so that the next connection need not find out again.
 * @param lastsMs milliseconds a verdict lasts. Default one hour.
 */
export function createVerdicts(clock: Clock = systemClock, lastsMs: number = DEFAULT_VERDICT_MS): Verdicts {
  const expiries = new Map<string, number>()
  const openings = new Map<string, { opening: Opening; expiresAt: number }>()
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
    opening(transport) {
      const kept = openings.get(transport)
      if (kept === undefined || clock.now() < kept.expiresAt) return kept?.opening
      openings.delete(transport)
      return undefined
    },
    rememberOpening(transport, opening) {
      const now = clock.now()
      for (const [name, { expiresAt }] of openings) if (expiresAt <= now) openings.delete(name)
      openings.set(transport, { opening, expiresAt: now + lastsMs })
    },
    forget(transport) {
      expiries.delete(transport)
      openings.delete(transport)
    },
  }
}
