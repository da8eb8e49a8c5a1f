import type { ToolChanges } from './pin-set.ts'
import type { ServerState } from './state.ts'

/** What happened to one server of a manager. */
export type ServerEventBody = { readonly server: string } & (
  | { readonly kind: 'added'; readonly transport: string }
  | { readonly kind: 'removed' }
  /** `generation` counts the starts. */
  | {
      readonly kind: 'state'
      readonly from: ServerState
      readonly to: ServerState
      readonly reason: string
      readonly generation: number
    }
  /** The tools are others now; the names are those that came and went. */
  | {
      readonly kind: 'tools'
      readonly count: number
      readonly added: readonly string[]
      readonly removed: readonly string[]
    }
  /** A line that is no message came for the first time on this connection; further ones are only counted. */
  | { readonly kind: 'noise'; readonly message: string; readonly excerpt: string }
  | { readonly kind: 'warning'; readonly message: string }
  /** Tools were seen for the first time, and count as accepted from now on. */
  | { readonly kind: 'pinned'; readonly count: number }
  /** Tools are not as they were accepted. Told once for the same changes. */
  | ({ readonly kind: 'changed'; readonly isBlocked: boolean } & ToolChanges)
  /** Somebody accepted these tools as they are. */
  | { readonly kind: 'accepted'; readonly tools: readonly string[] }
  /** What the approval hook decided about a call. */
  | { readonly kind: 'decision'; readonly tool: string; readonly allowed: boolean; readonly reason?: string }
)

/** An event before it has a number and a time. */
export type EventBody =
  | ServerEventBody
  /** The machine slept, or the clock was set forward: connections are looked at. */
  | { readonly kind: 'woke'; readonly sleptMs: number }

/** One thing that happened. Sequence numbers start at 1 and have no holes; `at` is milliseconds of the Unix epoch. */
export type ManagerEvent = { readonly sequence: number; readonly at: number } & (
  | EventBody
  /** Events before `sequence` are no longer kept, and this many of them were not delivered: take a new snapshot. */
  | { readonly kind: 'gap'; readonly missed: number }
)

/** The latest events, for any number of readers that each go at their own pace. */
export interface EventLog {
  /** Number of the last event; 0 before the first. */
  readonly sequence: number
  append(body: EventBody): void
  /** The events after `since`, old ones first and then as they happen, until the log is closed. */
  after(since: number): AsyncIterableIterator<ManagerEvent>
  /** Ends every reader once it has read what there is. */
  close(): void
}

/** @param limit events that are kept */
export function createEventLog({ limit, wallClock }: { limit: number; wallClock: () => number }): EventLog {
  let kept: ManagerEvent[] = []
  let sequence = 0
  let closed = false
  const sleepers = new Set<() => void>()

  function wakeAll(): void {
    for (const wake of [...sleepers]) wake()
  }

  return {
    get sequence() {
      return sequence
    },
    append(body) {
      if (closed) return
      kept.push({ ...body, sequence: ++sequence, at: wallClock() })
      // in bulk, so that a full log does not move every event for each new one
      if (kept.length >= limit * 2) kept = kept.slice(-limit)
      wakeAll()
    },
    after(since) {
      let last = since
      let left = false
      let wake: (() => void) | undefined

      function take(): ManagerEvent | undefined {
        if (last >= sequence) return undefined
        const oldest = Math.max(1, sequence - Math.min(kept.length, limit) + 1)
        if (last + 1 < oldest) {
          const missed = oldest - 1 - last
          last = oldest - 1
          return { kind: 'gap', missed, sequence: last, at: wallClock() }
        }
        last++
        return kept[kept.length - 1 - (sequence - last)]
      }

      const over = { done: true, value: undefined } as const
      return {
        async next() {
          for (;;) {
            const value = left ? undefined : take()
            if (value !== undefined) return { done: false, value }
            if (left || closed) return over
            const awake = Promise.withResolvers<void>()
            wake = awake.resolve
            sleepers.add(wake)
            await awake.promise
            sleepers.delete(awake.resolve)
          }
        },
        async return() {
          left = true
          wake?.()
          return over
        },
        [Symbol.asyncIterator]() {
          return this
        },
      }
    },
    close() {
      closed = true
      wakeAll()
    },
  }
}
