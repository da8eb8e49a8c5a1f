import { type Clock, createSseReader, type SseEvent, type Unreadable } from '@bao-mcp/protocol/engine'

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
export async function readText(response: Response, limits: ReadLimits): Promise<string> {
  const declared = Number(response.headers.get('content-length') ?? 0)
  if (declared > limits.maxMessageBytes) {
    // whoever does not read lets go of the connection
    response.body?.cancel().catch(ignore)
    throw tooLarge(limits.maxMessageBytes)
  }
  if (declared > 0 && declared <= SHORT_BYTES && isFramedByLength(response)) return readShort(response, limits)
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of chunksOf(response, limits)) {
    bytes += chunk.byteLength
    if (bytes > limits.maxMessageBytes) throw tooLarge(limits.maxMessageBytes)
    text += decoder.decode(chunk, { stream: true })
  }
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
    const stop =
      streamIdleTimeoutMs === Number.POSITIVE_INFINITY
        ? ignore
        : clock.after(streamIdleTimeoutMs, () => {
            reject(new BodyError('idle', `it was not whole after ${streamIdleTimeoutMs} ms (streamIdleTimeoutMs)`))
          })
    response.text().then(
      (text) => {
        stop()
        if (text.length > maxMessageBytes) reject(tooLarge(maxMessageBytes))
        else resolve(text)
      },
      (cause: unknown) => {
        stop()
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
  /** True while a stream without a byte is not taken for dead. Default: never. */
  mayBeSilent?(): boolean
}

/** Reads a stream of events to its end. @throws {BodyError} when it falls silent or breaks off */
export async function readEvents(response: Response, handlers: EventHandlers, limits: ReadLimits): Promise<void> {
  const reader = createSseReader({ ...handlers, maxEventBytes: limits.maxMessageBytes })
  let id = ''
  try {
    for await (const chunk of chunksOf(response, limits, handlers)) {
      reader.push(chunk)
      if (reader.lastEventId !== id) {
        id = reader.lastEventId
        handlers.eventId?.(id)
      }
      if (handlers.isDone?.() === true) return
    }
  } finally {
    reader.end()
  }
}

async function* chunksOf(
  response: Response,
  { streamIdleTimeoutMs, clock }: ReadLimits,
  handlers?: EventHandlers,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  let idle = false
  let stop: (() => void) | undefined
  const watch = (): void => {
    stop?.()
    if (streamIdleTimeoutMs === Number.POSITIVE_INFINITY) return
    stop = clock.after(streamIdleTimeoutMs, () => {
      if (handlers?.mayBeSilent?.() === true) return watch()
      idle = true
      reader.cancel().catch(ignore)
    })
  }
  try {
    for (;;) {
      watch()
      const { done, value } = await reader.read()
      if (idle) throw new BodyError('idle', `nothing came for ${streamIdleTimeoutMs} ms (streamIdleTimeoutMs)`)
      if (done) return
      yield value
    }
  } catch (cause) {
    if (cause instanceof BodyError) throw cause
    throw brokenOff(cause)
  } finally {
    stop?.()
    // whoever stops reading early lets go of the connection
    reader.cancel().catch(ignore)
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
