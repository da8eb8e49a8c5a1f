import type { Clock, CloseReason } from '@bao-mcp/protocol/engine'
import type { ByteSink } from '../runtime/port.ts'

/** Text handed to the sink at once; between two pieces it shows whether the reader is still reading. */
const PIECE_BYTES = 1024 * 1024
/** What may be pushed beyond `maxOutboundBytes`, as a multiple of it, before time no longer matters. */
const OVERRUN_FACTOR = 4

/** Sizes are counted in characters, which for ASCII are bytes. */
export interface OutboxLimits {
  /** `push` returns a promise while more than this waits. */
  highWaterBytes: number
  /** With more than this waiting and nothing leaving for `stalledReaderMs`, the outbox breaks. */
  maxOutboundBytes: number
  stalledReaderMs: number
  /** The same patience once nothing more will be pushed. */
  closingStalledMs: number
}

export interface OutboxOptions extends OutboxLimits {
  sink: ByteSink
  clock: Clock
  /** Told once, when nothing can leave any more. What waits is dropped. */
  onBroken(reason: CloseReason): void
}

/** Text on its way out: joined per tick, written piece by piece, and bounded when the reader is slow. */
export interface Outbox {
  /** Takes one line. A promise means back-pressure: it resolves when there is room again, or no need for any. */
  push(line: string): void | Promise<void>
  /** Resolves when everything has left, or nothing can; never rejects. Nothing may be pushed after it. */
  finish(): Promise<void>
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { sink, clock, highWaterBytes, maxOutboundBytes, stalledReaderMs, closingStalledMs } = options
  let waiting = ''
  /** Length of the piece the sink has not wholly taken; 0 when it is free. */
  let leaving = 0
  /** Pushed while more than `maxOutboundBytes` was waiting already: what bounds memory before the reader is given up. */
  let overrun = 0
  let scheduled = false
  let closing = false
  let broken = false
  let room: PromiseWithResolvers<void> | undefined
  let empty: PromiseWithResolvers<void> | undefined
  let stopWatching: (() => void) | undefined

  function write(): void {
    scheduled = false
    while (leaving === 0 && waiting !== '') {
      const piece = nextPiece()
      let taken: void | Promise<void>
      try {
        taken = sink.write(piece)
      } catch (error) {
        return breakDown(writeFailure(error))
      }
      if (taken === undefined) continue
      leaving = piece.length
      taken.then(onTaken, (error: unknown) => breakDown(writeFailure(error)))
    }
    report()
    watch()
  }

  function nextPiece(): string {
    const end = waiting.length <= PIECE_BYTES ? waiting.length : endOfPiece(waiting)
    const piece = waiting.slice(0, end)
    waiting = waiting.slice(end)
    return piece
  }

  function onTaken(): void {
    if (broken) return
    leaving = 0
    stopWatching?.()
    stopWatching = undefined
    write()
  }

  function held(): number {
    return waiting.length + leaving
  }

  function report(): void {
    if (held() <= maxOutboundBytes) overrun = 0
    if (room !== undefined && held() <= highWaterBytes) {
      room.resolve()
      room = undefined
    }
    if (empty !== undefined && held() === 0) empty.resolve()
  }

  /** A reader that takes nothing is given up after a while, so that what it does not read cannot pile up for ever. */
  function watch(): void {
    if (leaving === 0 || stopWatching !== undefined || broken) return
    if (closing) stopWatching = clock.after(closingStalledMs, () => giveUp(closingStalledMs))
    else if (held() > maxOutboundBytes) {
      stopWatching = clock.after(stalledReaderMs, () => giveUp(stalledReaderMs))
    }
  }

  function giveUp(ms: number): void {
    breakDown({
      kind: 'failed',
      message: `the reader of stdout took nothing for ${ms} ms while ${held()} bytes waited`,
    })
  }

  function overflow(): void {
    const message = `the reader of stdout is too slow: ${held()} bytes wait (maxOutboundBytes ${maxOutboundBytes})`
    breakDown({ kind: 'failed', message })
  }

  function breakDown(reason: CloseReason): void {
    if (broken) return
    broken = true
    waiting = ''
    leaving = 0
    stopWatching?.()
    report()
    options.onBroken(reason)
  }

  return {
    push(line) {
      if (broken || closing) return undefined
      if (leaving > 0 && held() > maxOutboundBytes) overrun += line.length
      waiting = waiting === '' ? line : waiting + line
      if (leaving > 0) {
        if (overrun > OVERRUN_FACTOR * maxOutboundBytes) overflow()
        else watch()
      } else if (!scheduled) {
        scheduled = true
        queueMicrotask(write)
      }
      if (broken || held() <= highWaterBytes) return undefined
      room ??= Promise.withResolvers()
      return room.promise
    },
    finish() {
      closing = true
      if (empty === undefined) {
        empty = Promise.withResolvers()
        // the patience of an open outbox does not count any more
        stopWatching?.()
        stopWatching = undefined
        write()
      }
      return empty.promise
    },
  }
}

/** Never between the two halves of a character. */
function endOfPiece(text: string): number {
  const last = text.charCodeAt(PIECE_BYTES - 1)
  return last >= 0xd800 && last <= 0xdbff ? PIECE_BYTES - 1 : PIECE_BYTES
}

function writeFailure(error: unknown): CloseReason {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EPIPE') return { kind: 'remote', message: 'the reader of stdout is gone (EPIPE)', error }
  const text = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', message: `stdout cannot be written: ${text}`, error }
}
