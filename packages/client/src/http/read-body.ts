import {
  type Clock,
  createSseReader,
  type Deadline,
  type Deadlines,
  type SseEvent,
  type Unreadable,
} from '@bao-mcp/protocol/engine'
import { deadlinesOf } from './deadlines-of.ts'
import { type BytesReader, cancel, linger } from './linger.ts'

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
  const declared = Number(response.headers.get('content-length') ?? 0)
  if (declared > limits.maxMessageBytes) {
    // whoever does not read lets go of the connection
    response.body?.cancel().catch(ignore)
    return Promise.reject(tooLarge(limits.maxMessageBytes))
  }
  const isShort = declared > 0 && declared <= SHORT_BYTES && isFramedByLength(response)
  return isShort ? readShort(response, limits) : readLong(response, limits)
}

async function readLong(response: Response, limits: ReadLimits): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  await readPieces(response, limits, (piece) => {
    bytes += piece.byteLength
    if (bytes > limits.maxMessageBytes) throw tooLarge(limits.maxMessageBytes)
    text += decoder.decode(piece, { stream: true })
    return false
  })
  return text + decoder.decode()
}

/** Whether the declared length is that of the text: it says nothing of what is compressed, and nothing holds chunks to it. */
function isFramedByLength({ headers }: Response): boolean {
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
export async function readEvents(response: Response, handlers: EventHandlers, limits: ReadLimits): Promise<void> {
  const reader = createSseReader({
    maxEventBytes: limits.maxMessageBytes,
    event: (event) => handlers.event(event),
    retry: (ms) => handlers.retry?.(ms),
    tooLong: (fault) => handlers.tooLong(fault),
  })
  let id = ''
  const take = (piece: Uint8Array): boolean => {
    reader.push(piece)
    if (reader.lastEventId !== id) {
      id = reader.lastEventId
      handlers.eventId?.(id)
    }
    return handlers.isDone?.() === true
  }
  try {
    await readPieces(response, limits, take, handlers)
  } finally {
    reader.end()
  }
}

/**
 * Reads a body piece by piece until it ends, or `take` says that nothing more is wanted.
 * @throws {BodyError} when it falls silent or breaks off
 * @throws what `take` throws
 */
async function readPieces(
  response: Response,
  limits: ReadLimits,
  take: (piece: Uint8Array) => boolean,
  handlers?: EventHandlers,
): Promise<void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const silence = new Silence(reader, limits, handlers)
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
      silence.throwIfOver()
      if (next.done) return
      isWanted = !take(next.value)
    }
  } finally {
    silence.end()
    // whoever stops reading early lets go of the connection
    if (isWanted || handlers?.endsThen !== true) cancel(reader)
    else linger(reader, limits.clock)
  }
}

/** The time without a piece after which a body is taken for dead. */
class Silence implements Deadline {
  dueAt = 0
  heapIndex = -1
  #beganAt = 0
  #isOver = false
  readonly #reader: BytesReader
  readonly #deadlines: Deadlines
  readonly #limitMs: number
  readonly #handlers: EventHandlers | undefined

  constructor(reader: BytesReader, { streamIdleTimeoutMs, clock }: ReadLimits, handlers: EventHandlers | undefined) {
    this.#reader = reader
    this.#deadlines = deadlinesOf(clock)
    this.#limitMs = streamIdleTimeoutMs
    this.#handlers = handlers
  }

  /** From now on. A deadline that is set already finds out by itself that it has become a later one. */
  begin(): void {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return
    this.#beganAt = this.#deadlines.now()
    if (this.heapIndex < 0) this.#wait()
  }

  end(): void {
    this.#deadlines.remove(this)
  }

  expire(): void {
    const now = this.#deadlines.now()
    if (this.#beganAt + this.#limitMs > now) return this.#wait()
    if (this.#handlers?.mayBeSilent?.() === true) {
      this.#beganAt = now
      return this.#wait()
    }
    this.#isOver = true
    cancel(this.#reader)
  }

  /** @throws {BodyError} `idle` */
  throwIfOver(): void {
    if (this.#isOver) throw new BodyError('idle', `nothing came for ${this.#limitMs} ms (streamIdleTimeoutMs)`)
  }

  #wait(): void {
    this.dueAt = this.#beganAt + this.#limitMs
    this.#deadlines.add(this)
  }
}

function brokenOff(cause: unknown): BodyError {
  return new BodyError('broken', cause instanceof Error ? cause.message : 'it broke off', cause)
}

function tooLarge(limit: number): BodyError {
  return new BodyError('too_large', `it is over the limit of ${limit} bytes (maxMessageBytes)`)
}

function ignore(): void {
  // it had ended by itself
}
