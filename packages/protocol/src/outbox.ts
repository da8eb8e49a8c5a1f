import type { Clock } from './jsonrpc/clock.ts'

/** The largest single write; between two of them it shows whether the reader is still reading. */
const PIECE_LENGTH = 1024 * 1024
/** What may be pushed beyond `maxLength`, as a multiple of it, before time no longer matters. */
const OVERRUN_FACTOR = 4

/** Why nothing more can leave. */
export type OutboxFailure =
  | { kind: 'broken'; error: unknown }
  /** The reader took nothing for `stalledMs` while `length` waited. */
  | { kind: 'stalled'; length: number; stalledMs: number }
  /** More was pushed on top of a full queue than is ever kept. */
  | { kind: 'overrun'; length: number }

/** Lengths are counted in UTF-16 units: exact bytes would cost a pass over every message. */
export interface OutboxOptions {
  /**
   * Writes at once. A promise means that the pipe is full; nothing more is written until it settles.
   * @throws {Error} at once or through the promise, when nobody can take it any more
   */
  write(text: string): void | Promise<unknown>
  /** From this queue length on senders are asked to wait. */
  highWaterLength: number
  /** With more than this waiting and nothing leaving for `stalledMs`, the reader is given up. */
  maxLength: number
  stalledMs: number
  clock: Pick<Clock, 'after'>
  /** Told once. What waits is dropped. */
  onFailed(failure: OutboxFailure): void
}

/** Text on its way into a pipe: joined per tick, written piece by piece, and bounded when the reader is slow. */
export interface Outbox {
  /** Queues text for the one write of this tick. A promise means back-pressure: it resolves when there is room again. */
  push(text: string): void | Promise<void>
  /**
   * Resolves when everything has left, or nothing can; never rejects. Nothing is taken after it.
   * @param patienceMs how long the reader may take nothing from now on, however little waits. Default: for ever
   */
  finish(patienceMs?: number): Promise<void>
  /** Drops what waits and all that follows, and lets every waiting sender go. */
  stop(): void
}

/** A queue in front of a writer: all messages of one tick leave in one write, and what waits is bounded. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, highWaterLength, maxLength, stalledMs } = options
  let waiting = ''
  /** Length of the piece that was written and not wholly taken; 0 when the pipe is free. */
  let leaving = 0
  /** Pushed while more than `maxLength` was waiting already: what bounds memory before the reader is given up. */
  let overrun = 0
  let scheduled = false
  let stopped = false
  /** Set once nothing more will be pushed. */
  let lastPatienceMs: number | undefined
  let room: PromiseWithResolvers<void> | undefined
  let empty: PromiseWithResolvers<void> | undefined
  let stopWatching: (() => void) | undefined

  function held(): number {
    return waiting.length + leaving
  }

  function write(): void {
    scheduled = false
    while (leaving === 0 && waiting !== '' && !stopped) {
      const piece = nextPiece()
      let taken: void | Promise<unknown>
      try {
        taken = options.write(piece)
      } catch (error) {
        return fail({ kind: 'broken', error })
      }
      if (taken === undefined) continue
      leaving = piece.length
      taken.then(onTaken, (error: unknown) => fail({ kind: 'broken', error }))
    }
    letGo()
    watch()
  }

  function nextPiece(): string {
    const end = waiting.length <= PIECE_LENGTH ? waiting.length : endOfPiece(waiting)
    const piece = waiting.slice(0, end)
    waiting = waiting.slice(end)
    return piece
  }

  function onTaken(): void {
    if (stopped) return
    leaving = 0
    unwatch()
    write()
  }

  function letGo(): void {
    const length = held()
    if (length <= maxLength) overrun = 0
    if (length <= highWaterLength) {
      room?.resolve()
      room = undefined
    }
    if (length === 0) empty?.resolve()
  }

  /** A reader that takes nothing is given up after a while, so that what it does not read cannot pile up for ever. */
  function watch(): void {
    if (leaving === 0 || stopWatching !== undefined || stopped) return
    const patienceMs = lastPatienceMs ?? (held() > maxLength ? stalledMs : Number.POSITIVE_INFINITY)
    if (patienceMs === Number.POSITIVE_INFINITY) return
    stopWatching = clock.after(patienceMs, () => fail({ kind: 'stalled', length: held(), stalledMs: patienceMs }))
  }

  function unwatch(): void {
    stopWatching?.()
    stopWatching = undefined
  }

  function fail(failure: OutboxFailure): void {
    if (stopped) return
    stop()
    options.onFailed(failure)
  }

  function stop(): void {
    stopped = true
    waiting = ''
    leaving = 0
    unwatch()
    letGo()
  }

  return {
    push(text) {
      if (stopped || lastPatienceMs !== undefined) return undefined
      if (leaving > 0 && held() > maxLength) overrun += text.length
      waiting = waiting === '' ? text : waiting + text
      if (leaving > 0) {
        if (overrun > OVERRUN_FACTOR * maxLength) fail({ kind: 'overrun', length: held() })
        else watch()
      } else if (!scheduled) {
        scheduled = true
        queueMicrotask(write)
      }
      if (stopped || held() <= highWaterLength) return undefined
      room ??= Promise.withResolvers()
      return room.promise
    },
    finish(patienceMs = Number.POSITIVE_INFINITY) {
      if (empty === undefined) {
        lastPatienceMs = patienceMs
        empty = Promise.withResolvers()
        // the patience of an open outbox does not count any more
        unwatch()
        write()
      }
      return empty.promise
    },
    stop,
  }
}

/** Never between the two halves of a surrogate pair, or each would be encoded as U+FFFD. */
function endOfPiece(text: string): number {
  const last = text.charCodeAt(PIECE_LENGTH - 1)
  return last >= 0xd800 && last <= 0xdbff ? PIECE_LENGTH - 1 : PIECE_LENGTH
}
