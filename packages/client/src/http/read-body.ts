import {
  type Clock,
  createSseReader,
  type Deadline,
  type SseEvent,
  type SseReader,
  type Unreadable,
} from '@bao-mcp/protocol/engine'
import { deadlinesOf } from './deadlines-of.ts'
import { type BytesReader, cancel, linger } from './linger.ts'
import { Silence } from './silence.ts'

export interface ReadLimits {
  readonly maxMessageBytes: number
  readonly streamIdleTimeoutMs: number
  readonly clock: Clock
}

/** Why a body was not read to its end. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly code: 'too_large' | 'idle' | 'broken'

  constructor(code: BodyError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Longest body that is waited for as a whole, in bytes. */
const SHORT_BYTES = 64 * 1024

/** Reads a body as text. @throws {BodyError} when it is too long, falls silent or breaks off */
export function readText(response: Response, limits: ReadLimits): Promise<string> {
  const { headers } = response
  const declared = Number(headers.get('content-length') ?? 0)
  if (declared > limits.maxMessageBytes) {
    // whoever does not read lets go of the connection
    response.body?.cancel().catch(ignore)
    return Promise.reject(tooLarge(limits.maxMessageBytes))
  }
  const isShort = declared > 0 && declared <= SHORT_BYTES && isFramedByLength(headers)
  return isShort ? readShort(response, limits) : readLong(response, limits)
}

async function readLong(response: Response, limits: ReadLimits): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  await readPieces(response, limits, {
    take(piece) {
      bytes += piece.byteLength
      if (bytes > limits.maxMessageBytes) throw tooLarge(limits.maxMessageBytes)
      text += decoder.decode(piece, { stream: true })
      return true
    },
  })
  return text + decoder.decode()
}

/** Whether the declared length is that of the text: it says nothing of what is compressed, and nothing holds chunks to it. */
function isFramedByLength(headers: Headers): boolean {
  return !headers.has('content-encoding') && !headers.has('transfer-encoding')
}

/**
 * Reads a body that cannot be long as a whole: a stream of its pieces costs a small call a sixth of its CPU time.
 * One that never comes whole is given up; its connection is the runtime's to end, as what is read like this cannot be cancelled.
 */
function readShort(response: Response, { maxMessageBytes, streamIdleTimeoutMs, clock }: ReadLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    const deadlines = deadlinesOf(clock)
    const whole: Deadline = {
      dueAt: deadlines.now() + streamIdleTimeoutMs,
      heapIndex: -1,
      expire() {
        reject(new BodyError('idle', `it was not whole after ${streamIdleTimeoutMs} ms (streamIdleTimeoutMs)`))
      },
    }
    if (whole.dueAt !== Number.POSITIVE_INFINITY) deadlines.add(whole)
    response.text().then(
      (text) => {
        deadlines.remove(whole)
        if (text.length > maxMessageBytes) reject(tooLarge(maxMessageBytes))
        else resolve(text)
      },
      (cause: unknown) => {
        deadlines.remove(whole)
        reject(brokenOff(cause))
      },
    )
  })
}

export interface EventHandlers {
  event(event: SseEvent): void
  /** The id to come back with: that of the last event that came whole, with data or without. Told when it has changed. */
  eventId?(id: string): void
  retry?(ms: number): void
  tooLong(fault: Unreadable): void
  /** True when nothing more is wanted of the stream. */
  isDone?(): boolean
  /** True for a stream that its server is about to end then, which is waited for. Default: it is let go of at once. */
  readonly endsThen?: boolean | undefined
  /** True while a stream without a byte is not taken for dead. Default: never. */
  mayBeSilent?(): boolean
}

/**
 * Reads a stream of events to its end, or until nothing more is wanted of it.
 * @throws {BodyError} when it falls silent or breaks off
 */
export function readEvents(response: Response, handlers: EventHandlers, limits: ReadLimits): Promise<void> {
  return readPieces(response, limits, new EventTaker(handlers, limits.maxMessageBytes))
}

/** What is given the pieces of a body. */
interface Taker extends Pick<EventHandlers, 'endsThen' | 'mayBeSilent'> {
  /** @returns whether more is wanted */
  take(piece: Uint8Array): boolean
  /** Told when the reading is over, for whatever reason. */
  over?(): void
}

class EventTaker implements Taker {
  readonly endsThen: boolean | undefined
  readonly #handlers: EventHandlers
  readonly #reader: SseReader
  #id = ''

  constructor(handlers: EventHandlers, maxEventBytes: number) {
    this.endsThen = handlers.endsThen
    this.#handlers = handlers
    this.#reader = createSseReader({
      maxEventBytes,
      event: (event) => handlers.event(event),
      retry: (ms) => handlers.retry?.(ms),
      tooLong: (fault) => handlers.tooLong(fault),
    })
  }

  take(piece: Uint8Array): boolean {
    this.#reader.push(piece)
    const { lastEventId } = this.#reader
    if (lastEventId !== this.#id) {
      this.#id = lastEventId
      this.#handlers.eventId?.(lastEventId)
    }
    return this.#handlers.isDone?.() !== true
  }

  over(): void {
    this.#reader.end()
  }

  mayBeSilent(): boolean {
    return this.#handlers.mayBeSilent?.() === true
  }
}

/**
 * Reads a body piece by piece until it ends, or nothing more is wanted.
 * @throws {BodyError} when it falls silent or breaks off
 * @throws what `taker` throws
 */
async function readPieces(response: Response, limits: ReadLimits, taker: Taker): Promise<void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return taker.over?.()
  const silence = new Silence(reader, limits.streamIdleTimeoutMs, deadlinesOf(limits.clock), taker)
  let isWanted = true
  try {
    while (isWanted) {
      silence.begin()
      let next: Awaited<ReturnType<BytesReader['read']>>
      try {
        next = await reader.read()
      } catch (cause) {
        throw brokenOff(cause)
      }
      if (silence.isOver) throw silent(limits.streamIdleTimeoutMs)
      if (next.done) return
      isWanted = taker.take(next.value)
    }
  } finally {
    silence.end()
    // whoever stops reading early lets go of the connection
    if (isWanted || taker.endsThen !== true) cancel(reader)
    else linger(reader, limits.clock)
    taker.over?.()
  }
}

function brokenOff(cause: unknown): BodyError {
  return new BodyError('broken', cause instanceof Error ? cause.message : 'it broke off', cause)
}

function silent(limitMs: number): BodyError {
  return new BodyError('idle', `nothing came for ${limitMs} ms (streamIdleTimeoutMs)`)
}

function tooLarge(limit: number): BodyError {
  return new BodyError('too_large', `it is over the limit of ${limit} bytes (maxMessageBytes)`)
}

function ignore(): void {
  // it had ended by itself
}
