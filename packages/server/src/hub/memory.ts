import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import type { Hub } from './port.ts'

/** Entries and characters the in-process hub holds before it forgets the oldest. */
export interface MemoryHubLimits {
  maxEntries?: number
  maxTextLength?: number
}

interface Kept {
  text: string
  until: number
}

/** A hub for one process. Bounded: past its limits the oldest entries go, which their owners see as expired. */
export function memoryHub(
  { maxEntries = 10_000, maxTextLength = 64 * 1024 * 1024 }: MemoryHubLimits = {},
  clock: Clock = systemClock,
): Hub {
  const kept = new Map<string, Kept>()
  let textLength = 0

  function drop(key: string, entry: Kept): void {
    kept.delete(key)
    textLength -= entry.text.length
  }

  function live(key: string): Kept | undefined {
    const entry = kept.get(key)
    if (entry === undefined || entry.until > clock.now()) return entry
    drop(key, entry)
    return undefined
  }

  function keep(key: string, text: string, ttlMs: number): void {
    const old = kept.get(key)
    if (old !== undefined) drop(key, old)
    kept.set(key, { text, until: clock.now() + ttlMs })
    textLength += text.length
    // a map iterates in the order of insertion, so the first is the oldest
    for (const [oldest, entry] of kept) {
      if (kept.size <= maxEntries && textLength <= maxTextLength) break
      drop(oldest, entry)
    }
  }

  return {
    async put(key, text, ttlMs) {
      keep(`text ${key}`, text, ttlMs)
    },
    get: async (key) => live(`text ${key}`)?.text,
    async claim(key, ttlMs) {
      if (live(`claim ${key}`) !== undefined) return false
      keep(`claim ${key}`, '', ttlMs)
      return true
    },
  }
}
