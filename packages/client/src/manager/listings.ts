import type { Clock } from '@bao-mcp/protocol/engine'

/** Changes that come within so many milliseconds are looked at together. */
export const TOOLS_DEBOUNCE_MS = 75
/** The longest pause before a server that keeps changing is listed once more, in milliseconds. */
export const MAX_TOOLS_PAUSE_MS = 30_000
/** Milliseconds without a change, or the last pause where that was longer, after which the pause is short again. */
export const TOOLS_QUIET_MS = 1_000

/** Lists what one connection offers: never twice at a time, so that no older list comes after a newer one. */
export interface Listings {
  /** Something changed, and no listing that began later has succeeded. */
  readonly isStale: boolean
  /** Lists now; behind a listing that is under way it is one for all who ask meanwhile. Rejects as the listing does. */
  now(): Promise<void>
  /** Lists after a pause, which doubles while listing is answered with the next change. */
  changed(): void
  /** Forgets changes that were not looked at, and those to come. */
  stop(): void
}

export interface ListingsOptions {
  readonly clock: Clock
  list(): Promise<void>
  /** A listing for a change failed. */
  failed(error: unknown): void
}

export function createListings({ clock, list, failed }: ListingsOptions): Listings {
  let isStale = false
  let isStopped = false
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  let stopTimer: (() => void) | undefined
  let pauseMs = TOOLS_DEBOUNCE_MS
  /** Listings for a change that are under way, and when the last one ended. */
  let chases = 0
  let chasedAt = Number.NEGATIVE_INFINITY

  async function once(): Promise<void> {
    const wasStale = isStale
    isStale = false
    try {
      await list()
    } catch (error) {
      if (wasStale) isStale = true
      throw error
    }
  }

  function start(): Promise<void> {
    const mine = once().finally(() => {
      running = undefined
    })
    running = mine
    return mine
  }

  function now(): Promise<void> {
    if (running === undefined && next === undefined) return start()
    const before = running ?? Promise.resolve()
    // who asked for the one before is told how that went
    next ??= before
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return start()
      })
    return next
  }

  /** Never rejects. */
  async function chase(): Promise<void> {
    chases++
    try {
      await now()
    } catch (error) {
      failed(error)
    } finally {
      chases--
      chasedAt = clock.now()
    }
  }

  return {
    get isStale() {
      return isStale
    },
    now,
    changed() {
      isStale = true
      if (isStopped || stopTimer !== undefined) return
      const isRepeated = chases > 0 || clock.now() - chasedAt < Math.max(TOOLS_QUIET_MS, pauseMs)
      pauseMs = isRepeated ? Math.min(pauseMs * 2, MAX_TOOLS_PAUSE_MS) : TOOLS_DEBOUNCE_MS
      stopTimer = clock.after(pauseMs, () => {
        stopTimer = undefined
        // somebody may have asked meanwhile
        if (isStale) void chase()
      })
    },
    stop() {
      isStopped = true
      stopTimer?.()
      stopTimer = undefined
    },
  }
}
