import { type Clock, createOutbox, type OutboxFailure } from '@bao-mcp/protocol/engine'

export interface SseStreamOptions {
  readonly highWaterLength: number
  readonly maxOutboundLength: number
  readonly stalledReaderMs: number
  readonly clock: Clock
  /** Told once when the reader is gone (false) or was given up (true), and never after `end`. */
  onGone(reason: string, givenUp: boolean): void
}

/** The body of one event stream. */
export interface SseStream {
  readonly body: ReadableStream<Uint8Array>
  /** Writes one encoded event. A promise means back-pressure: it resolves when there is room again. */
  write(text: string): void | Promise<void>
  /** Writes a comment when nothing, not even a comment, was written since it was last called, and nothing waits. */
  keepAlive(): void
  /** Ends the stream, after what was written has left. */
  end(): void
  /** Told when the reader was given up, by whoever owns the connection. */
  whenGivenUp(fn: () => void): void
}

const KEEP_ALIVE = ':\n\n'
const encoder = new TextEncoder()
/** Bytes the runtime may take ahead of its reader. */
const AHEAD_BYTES = 16 * 1024

export function createSseStream(options: SseStreamOptions): SseStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let room: (() => void) | undefined
  let over = false
  let quiet = true
  let toldGivenUp: (() => void) | undefined

  const outbox = createOutbox({
    write(text) {
      controller?.enqueue(encoder.encode(text))
      if ((controller?.desiredSize ?? 1) > 0) return undefined
      return new Promise<void>((resolve) => {
        room = resolve
      })
    },
    highWaterLength: options.highWaterLength,
    maxLength: options.maxOutboundLength,
    stalledMs: options.stalledReaderMs,
    clock: options.clock,
    onFailed: (failure) => {
      // an AbortError, because it was meant: whoever owns the connection has nothing to report
      close(() => controller?.error(new DOMException(wordsOf(failure), 'AbortError')))
      options.onGone(wordsOf(failure), true)
      toldGivenUp?.()
    },
  })

  function close(how: () => void): void {
    if (over) return
    over = true
    how()
    controller = undefined
    outbox.stop()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      pull() {
        const resume = room
        room = undefined
        resume?.()
      },
      cancel() {
        if (over) return
        close(() => undefined)
        options.onGone('the client has closed the stream', false)
      },
    },
    { highWaterMark: AHEAD_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  )

  return {
    body,
    write(text) {
      if (over) return undefined
      quiet = false
      return outbox.push(text)
    },
    keepAlive() {
      // a reader that takes nothing needs no sign of life
      const speaks = quiet && room === undefined && !over
      if (speaks) void outbox.push(KEEP_ALIVE)
      quiet = !speaks
    },
    end() {
      if (over) return
      void outbox.finish(options.stalledReaderMs).then(() => close(() => controller?.close()))
    },
    whenGivenUp(fn) {
      toldGivenUp = fn
    },
  }
}

function wordsOf(failure: OutboxFailure): string {
  switch (failure.kind) {
    case 'broken':
      return 'the stream cannot be written'
    case 'stalled':
      return `the reader took nothing for ${failure.stalledMs} ms while ${failure.length} characters waited (stalledReaderMs)`
    case 'overrun':
      return `the reader is too slow: ${failure.length} characters wait (maxOutboundLength)`
    default:
      return failure satisfies never
  }
}
