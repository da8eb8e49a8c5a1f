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

/** Reads a body as text. @throws {BodyError} when it is too long, falls silent or breaks off */
export async function readText(response: Response, limits: ReadLimits): Promise<string> {
  const declared = Number(response.headers.get('content-length') ?? 0)
  if (declared > limits.maxMessageBytes) {
    // whoever does not read lets go of the connection
    response.body?.cancel().catch(ignore)
    throw tooLarge(limits.maxMessageBytes)
  }
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
    throw new BodyError('broken', cause instanceof Error ? cause.message : 'it broke off', cause)
  } finally {
    stop?.()
    // whoever stops reading early lets go of the connection
    reader.cancel().catch(ignore)
  }
}

function tooLarge(limit: number): BodyError {
  return new BodyError('too_large', `it is over the limit of ${limit} bytes (maxMessageBytes)`)
}

function ignore(): void {
  // it had ended by itself
}
