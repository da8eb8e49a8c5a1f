import type { Timer } from './timer.ts'

/** The largest write, in UTF-16 units: of a long queue, what leaves is seen piece by piece. */
const PIECE_LENGTH = 1024 * 1024

export interface OutboxOptions {
  /** Writes at once; a promise means that the pipe is full, and rejects when it is broken. */
  write(text: string): void | Promise<unknown>
  /** From this queue length on senders are asked to wait. */
  highWaterLength: number
  /** A queue longer than this must shrink within `stalledMs`. */
  maxLength: number
  stalledMs: number
  onBroken(error: unknown): void
  onStalled(length: number): void
  timer: Timer
}

/** Text on its way into a pipe. Lengths are counted in UTF-16 units: exact bytes would cost a pass over every message. */
export interface Outbox {
  /** Queues text for the one write of this tick; a promise resolves when there is room again, and never rejects. */
  push(text: string): void | Promise<void>
  /** Resolves when nothing is queued any more, because it left or because it never will. */
  drained(): Promise<void>
  /** Drops what is queued and all that follows, and lets every waiting sender go. */
  stop(): void
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { write, highWaterLength, maxLength, stalledMs, timer } = options
  let queue: string[] = []
  /** Joined text that is being written piece by piece, and how much of it was handed over. */
  let current = ''
  let handed = 0
  /** All that was pushed and has not left. */
  let length = 0
  let busy = false
  let stopped = false
  let room: PromiseWithResolvers<void> | undefined
  let empty: PromiseWithResolvers<void> | undefined
  let stopWatch: (() => void) | undefined

  function flush(): void {
    busy = false
    while (!stopped && length > 0) {
      const piece = nextPiece()
      const leaving = write(piece)
      if (leaving !== undefined) {
        busy = true
        leaving.then(() => {
          left(piece.length)
          flush()
        }, broken)
        return
      }
      left(piece.length)
    }
  }

  function nextPiece(): string {
    if (handed === current.length) {
      current = queue.length === 1 ? (queue[0] ?? '') : queue.join('')
      queue = []
      handed = 0
    }
    const start = handed
    handed = pieceEnd(current, start)
    return start === 0 && handed === current.length ? current : current.slice(start, handed)
  }

  function left(count: number): void {
    length -= count
    stopWatch?.()
    stopWatch = undefined
    if (length > maxLength) watch()
    if (length <= highWaterLength) release(room)
    if (length > 0) return
    current = ''
    handed = 0
    release(empty)
  }

  function release(waiting: PromiseWithResolvers<void> | undefined): void {
    if (waiting === undefined) return
    if (waiting === room) room = undefined
    else empty = undefined
    waiting.resolve()
  }

  function watch(): void {
    stopWatch ??= timer.after(stalledMs, () => options.onStalled(length))
  }

  function broken(error: unknown): void {
    if (stopped) return
    stop()
    options.onBroken(error)
  }

  function stop(): void {
    stopped = true
    length = 0
    queue = []
    current = ''
    handed = 0
    stopWatch?.()
    release(room)
    release(empty)
  }

  return {
    push(text) {
      if (stopped) return
      queue.push(text)
      length += text.length
      if (!busy) {
        busy = true
        queueMicrotask(flush)
      }
      if (length <= highWaterLength) return
      if (length > maxLength) watch()
      room ??= Promise.withResolvers()
      return room.promise
    },
    async drained() {
      if (length === 0) return
      empty ??= Promise.withResolvers()
      await empty.promise
    },
    stop,
  }
}

/** The end of the piece that begins at `start`; a surrogate pair stays whole, or each half would be encoded as U+FFFD. */
function pieceEnd(text: string, start: number): number {
  const end = start + PIECE_LENGTH
  if (end >= text.length) return text.length
  const last = text.charCodeAt(end - 1)
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end
}
