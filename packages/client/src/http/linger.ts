import type { Clock, Deadline, Deadlines } from '@bao-mcp/protocol/engine'
import { tellsEndUnread } from '#runtime/fetch'
import { deadlinesOf } from './deadlines-of.ts'

/** What reads the bytes of a body. */
export type BytesReader = ReadableStreamDefaultReader<Uint8Array>

/** Milliseconds a stream that has brought its answer may take to end by itself. */
export const LINGER_MS = 100
/** Milliseconds of it in which nothing is read, where the end is told all the same: a read costs more than waiting. */
export const UNREAD_MS = 10
/** Bytes that may still come on it. */
export const MAX_LINGER_BYTES: number = 16 * 1024
/** Streams that are waited for at once. */
export const MAX_LINGERING = 256

const streams = new Set<Lingering>()

/**
 * Waits for the end of a stream that has brought its answer: to cancel it would end its connection, and the next request
 * would have to open another one. What is left of it is read for nobody. A server that does not end it in time is let go of.
 * @param isTold whether the end is told to `reader.closed` though nobody reads on
 */
export function linger(reader: BytesReader, clock: Clock, isTold: boolean = tellsEndUnread): void {
  if (streams.size >= MAX_LINGERING) return cancel(reader)
  const stream = new Lingering(reader, deadlinesOf(clock), isTold)
  streams.add(stream)
  if (isTold) stream.wait()
  else void stream.read()
}

/** Streams that are being waited for, each of them one of the runtime's open requests. */
export function lingering(): number {
  return streams.size
}

/** Lets go of all of them. */
export function endLingering(): void {
  for (const stream of streams) stream.letGo()
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
  /** Milliseconds left for reading, behind the time of waiting alone. */
  #leftMs: number

  constructor(reader: BytesReader, deadlines: Deadlines, waitsFirst: boolean) {
    this.#reader = reader
    this.#deadlines = deadlines
    this.#leftMs = waitsFirst ? LINGER_MS - UNREAD_MS : 0
    this.dueAt = deadlines.now() + LINGER_MS - this.#leftMs
    deadlines.add(this)
  }

  wait(): void {
    const forget = (): void => this.#forget()
    // one that broke off is over too, and nobody wanted more of it
    this.#reader.closed.then(forget, forget)
  }

  /** Never rejects. */
  async read(): Promise<void> {
    try {
      for (let bytes = 0; bytes <= MAX_LINGER_BYTES; ) {
        const { done, value } = await this.#reader.read()
        if (done) return
        bytes += value.byteLength
      }
      cancel(this.#reader)
    } catch {
      // it broke off, and nobody wanted more of it
    } finally {
      this.#forget()
    }
  }

  expire(): void {
    if (this.#leftMs === 0) return this.letGo()
    this.dueAt += this.#leftMs
    this.#leftMs = 0
    this.#deadlines.add(this)
    void this.read()
  }

  letGo(): void {
    this.#forget()
    cancel(this.#reader)
  }

  #forget(): void {
    streams.delete(this)
    this.#deadlines.remove(this)
  }
}
