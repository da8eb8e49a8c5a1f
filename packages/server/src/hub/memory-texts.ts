import { type Clock, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'

/** Texts with a time of their own, the oldest of which may go. */
export interface KeptTexts {
  /** Characters of all texts. */
  readonly length: number
  put(key: string, text: string, ttlMs: number): void
  get(key: string): string | undefined
  /** Forgets what is over. */
  expire(): void
  /** False when there is none left. */
  dropOldest(): boolean
}

export function keptTexts(clock: Clock, maxEntries: number): KeptTexts {
  const texts = new Map<string, { text: string; until: number }>()
  let length = 0

  function drop(key: string): void {
    length -= texts.get(key)?.text.length ?? 0
    texts.delete(key)
  }

  function dropOldest(): boolean {
    // a map iterates in the order of insertion, so the first is the oldest
    const [oldest] = texts.keys()
    if (oldest === undefined) return false
    drop(oldest)
    return true
  }

  return {
    get length() {
      return length
    },
    put(key, text, ttlMs) {
      drop(key)
      texts.set(key, { text, until: clock.now() + ttlMs })
      length += text.length
      if (texts.size > maxEntries) dropOldest()
    },
    get(key) {
      const kept = texts.get(key)
      if (kept === undefined || kept.until > clock.now()) return kept?.text
      drop(key)
      return undefined
    },
    expire() {
      for (const [key, { until }] of texts) if (until <= clock.now()) drop(key)
    },
    dropOldest,
  }
}

/** Claims of keys, never forgotten early. */
export function keptClaims(clock: Clock, maxEntries: number): (key: string, ttlMs: number) => boolean {
  const claims = new Map<string, number>()

  function isClaimed(key: string): boolean {
    const until = claims.get(key)
    return until !== undefined && until > clock.now()
  }

  return (key, ttlMs) => {
    if (isClaimed(key)) return false
    if (claims.size >= maxEntries) for (const one of claims.keys()) if (!isClaimed(one)) claims.delete(one)
    if (claims.size >= maxEntries) {
      throw new RpcError(SERVER_BUSY, `${claims.size} claims are kept, which is the limit (maxEntries)`)
    }
    claims.set(key, clock.now() + ttlMs)
    return true
  }
}
