import type { Clock, Deadline, Deadlines } from '@bao-mcp/protocol/engine'
import { deadlinesOf } from './deadlines-of.ts'

/** What reads the bytes of a body. */
export type BytesReader = ReadableStreamDefaultReader<Uint8Array>

/** Milliseconds a stream that has brought its answer may take to end by itself. */
export const LINGER_MS = 100
/** Bytes that may still come on it. */
export const MAX_LINGER_BYTES: number = 16 * 1024
/** Streams that are waited for at once. */
export const MAX_LINGERING = 256

const streams = new Set<Lingering>()

/**
 * Reads what is left of a stream that has brought its answer, for nobody: to cancel it would end its connection, and the
 * next request would have to open another one. A server that does not end it in time is let go of.
 */
export function linger(reader: BytesReader, clock: Clock): void {
  const stream = new Lingering(reader, deadlinesOf(clock))
  if (streams.size < MAX_LINGERING) void stream.read()
  else stream.expire()
}

/** Streams that are being waited for, each of them one of the runtime's open requests. */
export function lingering(): number {
  return streams.size
}

/** Lets go of all of them. */
export function endLingering(): void {
  for (const stream of streams) stream.expire()
}

/** Lets go of a body. */
export function cancel(reader: BytesReader): void {
  reader.cancel().catch(() => {
    // it had ended by itself
  })
}

class Lingering implements Deadline {
  dueAt: number
  heapIndex = -1
  readonly #reader: BytesReader
  readonly #deadlines: Deadlines

  constructor(reader: BytesReader, deadlines: Deadlines) {
    this.#reader = reader
    this.#deadlines = deadlines
    this.dueAt = deadlines.now() + LINGER_MS
  }

  /** Never rejects. */
  async read(): Promise<void> {
    streams.add(this)
    this.#deadlines.add(this)
    try {
      for (let bytes = 0; bytes <= MAX_LINGER_BYTES; ) {
        const { done, value } = await this.#reader.read()
        if (done) return
        bytes += value.byteLength
      }
      this.expire()
    } catch {
      // it broke off, and nobody wanted more of it
    } finally {
      this.#forget()
    }
  }

  expire(): void {
    this.#forget()
    cancel(this.#reader)
  }

  #forget(): void {
    streams.delete(this)
    this.#deadlines.remove(this)
  }
}
