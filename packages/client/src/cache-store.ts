import { type Clock, type MaybePromise, systemClock } from '@bao-mcp/protocol/engine'

/** Results that a cache keeps. */
export const DEFAULT_CACHE_ENTRIES = 1_000
/** Length of all texts together, in UTF-16 units. */
export const DEFAULT_CACHE_LENGTH: number = 16 * 1024 * 1024

/**
 * Where results are kept that a server calls public, so that clients may share them. Failing is harmless: the server is
 * asked then.
 */
export interface CacheStore {
  /** The text that was set, while its time lasts. */
  get(family: string, key: string): MaybePromise<string | undefined>
  /** Keeps a text. Its time begins now and lasts `ttlMs` milliseconds. */
  set(entry: CacheEntry): MaybePromise<void>
  /** Drops what is kept under a key; without one, the whole family. */
  drop(family: string, key?: string): MaybePromise<void>
}

/** A result that is kept, under what, and for how long. */
export interface CacheEntry {
  /** What is dropped together: a method of one server, named without secrets. */
  readonly family: string
  /** Which page or which resource. May be long. */
  readonly key: string
  readonly text: string
  readonly ttlMs: number
}

/** How much a cache in memory keeps. */
export interface MemoryCacheOptions {
  clock?: Clock
  /** Entries before the oldest goes. Default 1000. */
  maxEntries?: number
  /** Length of all texts together, in UTF-16 units, before the oldest goes. Default 16 Mi. */
  maxLength?: number
}

/** A {@link CacheStore} that answers at once. */
export interface MemoryCache extends CacheStore {
  get(family: string, key: string): string | undefined
  set(entry: CacheEntry): void
  drop(family: string, key?: string): void
  clear(): void
}

interface Kept {
  readonly family: string
  readonly key: string
  readonly text: string
  /** Point in time on the clock, in milliseconds. */
  readonly staleAt: number
}

/** Keeps entries in this process, as many as its limits allow; what was not used for longest goes first. */
export function createMemoryCache({
  clock = systemClock,
  maxEntries = DEFAULT_CACHE_ENTRIES,
  maxLength = DEFAULT_CACHE_LENGTH,
}: MemoryCacheOptions = {}): MemoryCache {
  const families = new Map<string, Map<string, Kept>>()
  /** In the order of their last use. */
  const used = new Set<Kept>()
  let length = 0

  function remove(kept: Kept): void {
    used.delete(kept)
    length -= kept.text.length
    const family = families.get(kept.family)
    family?.delete(kept.key)
    if (family?.size === 0) families.delete(kept.family)
  }

  return {
    get(family, key) {
      const kept = families.get(family)?.get(key)
      if (kept === undefined) return undefined
      if (clock.now() >= kept.staleAt) {
        remove(kept)
        return undefined
      }
      used.delete(kept)
      used.add(kept)
      return kept.text
    },
    set({ family, key, text, ttlMs }) {
      const old = families.get(family)?.get(key)
      if (old !== undefined) remove(old)
      if (text.length > maxLength || maxEntries < 1) return
      const kept: Kept = { family, key, text, staleAt: clock.now() + ttlMs }
      const siblings = families.get(family) ?? new Map<string, Kept>()
      families.set(family, siblings.set(key, kept))
      used.add(kept)
      length += text.length
      for (const oldest of used) {
        if (used.size <= maxEntries && length <= maxLength) break
        remove(oldest)
      }
    },
    drop(family, key) {
      const siblings = families.get(family)
      for (const kept of [...(siblings?.values() ?? [])]) if (key === undefined || kept.key === key) remove(kept)
    },
    clear() {
      families.clear()
      used.clear()
      length = 0
    },
  }
}
