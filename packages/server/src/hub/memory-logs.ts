import type { Clock } from '@bao-mcp/protocol/engine'
import { createDelivery, type Delivery } from './delivery.ts'
import { type AppendOptions, DEFAULT_MAX_LOG_ENTRIES, type Follower } from './port.ts'
import { mustBePosition, positionOf } from './position.ts'

/** Logs, the one that was appended to longest ago of which may go. */
export interface KeptLogs {
  /** Characters of all entries and their positions. */
  readonly length: number
  append(log: string, text: string, options: AppendOptions): string
  has(log: string, position: string): boolean
  follow(log: string, after: string | undefined, follower: Follower): () => void
  drop(log: string): void
  /** Forgets what is over. */
  expire(): void
  /** Forgets the oldest log, but only the oldest entry of the last one there is. False when nothing is left. */
  dropOldest(): boolean
  close(): void
}

interface Log {
  readonly entries: Map<string, string>
  length: number
  until: number
}

interface Entry {
  position: string
  text: string
}

export function keptLogs(clock: Clock, maxEntries: number): KeptLogs {
  const logs = new Map<string, Log>()
  const following = new Map<string, Set<Delivery<Entry>>>()
  // the time keeps the positions of one process apart from those of another, which a client may still hold
  const startedAt = Date.now()
  let appended = 0
  let length = 0

  function drop(log: string): void {
    length -= logs.get(log)?.length ?? 0
    logs.delete(log)
  }

  function get(log: string): Log | undefined {
    const kept = logs.get(log)
    if (kept === undefined || kept.until > clock.now()) return kept
    drop(log)
    return undefined
  }

  function add(kept: Log, position: string, text: string): void {
    kept.entries.set(position, text)
    kept.length += position.length + text.length
    length += position.length + text.length
  }

  function dropOldestEntry(kept: Log): boolean {
    const [oldest] = kept.entries
    if (oldest === undefined) return false
    const [position, text] = oldest
    kept.entries.delete(position)
    kept.length -= position.length + text.length
    length -= position.length + text.length
    return true
  }

  function dropOldest(): boolean {
    const [oldest] = logs
    if (oldest === undefined) return false
    const [name, kept] = oldest
    if (logs.size === 1) return dropOldestEntry(kept)
    drop(name)
    return true
  }

  return {
    get length() {
      return length
    },
    append(log, text, { ttlMs, maxEntries: most = DEFAULT_MAX_LOG_ENTRIES }) {
      const kept = get(log) ?? { entries: new Map(), length: 0, until: 0 }
      kept.until = clock.now() + ttlMs
      const position = positionOf({ ms: startedAt, count: appended++ })
      add(kept, position, text)
      while (kept.entries.size > Math.max(1, most)) dropOldestEntry(kept)
      // the log that was appended to last is the last to go
      logs.delete(log)
      logs.set(log, kept)
      if (logs.size > maxEntries) dropOldest()
      for (const delivery of following.get(log) ?? []) delivery.push({ position, text })
      return position
    },
    has: (log, position) => get(log)?.entries.has(position) ?? false,
    follow(log, after, { entry }) {
      if (after !== undefined) mustBePosition(after)
      const delivery = createDelivery<Entry>(({ position, text }) => entry(position, text))
      const kept = after === undefined ? undefined : get(log)?.entries
      for (const [position, text] of kept ?? []) if (position > (after ?? '')) delivery.push({ position, text })
      const others = following.get(log) ?? new Set()
      following.set(log, others.add(delivery))
      return () => {
        delivery.stop()
        others.delete(delivery)
        if (others.size === 0 && following.get(log) === others) following.delete(log)
      }
    },
    drop,
    expire() {
      for (const log of logs.keys()) get(log)
    },
    dropOldest,
    close() {
      for (const deliveries of following.values()) for (const delivery of deliveries) delivery.stop()
      following.clear()
      logs.clear()
      length = 0
    },
  }
}
