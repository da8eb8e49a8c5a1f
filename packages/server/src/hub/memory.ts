import { type Clock, RpcError, SERVER_BUSY, systemClock } from '@bao-mcp/protocol/engine'
import { atLeast } from '../at-least.ts'
import type { Hub } from './port.ts'

/** What the in-process hub holds at most. */
export interface MemoryHubLimits {
  /** Texts, and likewise claims. Default 10,000. */
  maxEntries?: number
  /** Characters of all texts together. Default 64 Mi. */
  maxTextLength?: number
}

interface Kept {
  text: string
  until: number
}

/**
 * A hub for one process, bounded. Past its limits the oldest texts go, which their owners see as expired. A claim is never
 * forgotten early, because what it guards could then be done twice: past the limit, new ones are refused.
 * @throws {TypeError} for a limit below 1
 */
export function memoryHub(
  { maxEntries = 10_000, maxTextLength = 64 * 1024 * 1024 }: MemoryHubLimits = {},
  clock: Clock = systemClock,
): Hub {
  atLeast(1, 'maxEntries', maxEntries)
  atLeast(1, 'maxTextLength', maxTextLength)
  const texts = new Map<string, Kept>()
  const claims = new Map<string, number>()
  let textLength = 0

  function drop(key: string, { text }: Kept): void {
    texts.delete(key)
    textLength -= text.length
  }

  function dropOldest(): void {
    // a map iterates in the order of insertion, so the first is the oldest
    for (const [key, kept] of texts) {
      if (texts.size <= maxEntries && textLength <= maxTextLength) return
      drop(key, kept)
    }
  }

  function isClaimed(key: string): boolean {
    const until = claims.get(key)
    return until !== undefined && until > clock.now()
  }

  function makeRoomForClaim(): void {
    if (claims.size < maxEntries) return
    for (const key of claims.keys()) if (!isClaimed(key)) claims.delete(key)
    if (claims.size < maxEntries) return
    throw new RpcError(SERVER_BUSY, `${claims.size} claims are kept, which is the limit (maxEntries)`)
  }

  return {
    async put(key, text, ttlMs) {
      const old = texts.get(key)
      if (old !== undefined) drop(key, old)
      texts.set(key, { text, until: clock.now() + ttlMs })
      textLength += text.length
      dropOldest()
    },
    async get(key) {
      const kept = texts.get(key)
      if (kept === undefined || kept.until > clock.now()) return kept?.text
      drop(key, kept)
      return undefined
    },
    async claim(key, ttlMs) {
      if (isClaimed(key)) return false
      makeRoomForClaim()
      claims.set(key, clock.now() + ttlMs)
      return true
    },
  }
}
