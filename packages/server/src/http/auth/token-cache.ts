/** What is remembered of verified tokens, by a digest of the token, so that memory holds no token. */
export interface TokenCache<V> {
  /** Undefined for what was never kept, is too old, or had to go. */
  get(digest: string): V | undefined
  /** @param ttlMs for how long; nothing is kept for 0 or less */
  set(digest: string, value: V, ttlMs: number): void
}

interface Entry<V> {
  readonly value: V
  /** On the cache's clock. */
  readonly staleAt: number
}

/**
 * Keeps a bounded number of values for a bounded time; past the bound, the one unused for longest goes.
 * @param now milliseconds of a clock that never goes back
 */
export function createTokenCache<V>(maxEntries: number, now: () => number): TokenCache<V> {
  // in the order of their last use
  const entries = new Map<string, Entry<V>>()

  function dropOldest(): void {
    for (const digest of entries.keys()) {
      entries.delete(digest)
      return
    }
  }

  return {
    get(digest) {
      const entry = entries.get(digest)
      if (entry === undefined) return undefined
      entries.delete(digest)
      if (entry.staleAt <= now()) return undefined
      entries.set(digest, entry)
      return entry.value
    },
    set(digest, value, ttlMs) {
      entries.delete(digest)
      if (ttlMs <= 0) return
      if (entries.size >= maxEntries) dropOldest()
      entries.set(digest, { value, staleAt: now() + ttlMs })
    },
  }
}
