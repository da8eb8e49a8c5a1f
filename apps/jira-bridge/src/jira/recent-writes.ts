import { type Clock, systemClock } from '@bao-mcp/protocol/engine'

/** "Reconcile at most 50 issues." */
export const MAX_RECONCILED = 50
/** Milliseconds after which the index of Jira has long caught up with a write. */
const LASTS_MS = 60_000
/** Issues whose id is known, should they be written. */
const MAX_SEEN = 1_000

/** Which issues were written just now: the index of Cloud lags behind unless a search names them by id. */
export interface RecentWrites {
  /** An issue was read, and may be written by its key later. */
  seen(key: string, id: number): void
  made(id: number): void
  /** Says nothing of an issue that was never seen. */
  wrote(key: string): void
  /** The latest last, at most {@link MAX_RECONCILED}. */
  ids(): number[]
}

export function createRecentWrites({ clock = systemClock }: { clock?: Clock | undefined } = {}): RecentWrites {
  const writtenAt = new Map<number, number>()
  const idOf = new Map<string, number>()

  function made(id: number): void {
    if (!Number.isSafeInteger(id)) return
    keepLatest(writtenAt, id, clock.now(), MAX_RECONCILED)
  }

  return {
    seen: (key, id) => keepLatest(idOf, key, id, MAX_SEEN),
    made,
    wrote(key) {
      const id = idOf.get(key)
      if (id !== undefined) made(id)
    },
    ids() {
      const since = clock.now() - LASTS_MS
      for (const [id, at] of writtenAt) if (at <= since) writtenAt.delete(id)
      return [...writtenAt.keys()]
    },
  }
}

function keepLatest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
