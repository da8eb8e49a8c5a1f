import { createIdScanner, type SseEvent, type Unreadable } from '@bao-mcp/protocol/engine'
import { type EventHandlers, type ReadLimits, readEvents } from './read-body.ts'

/** What reads the messages of a stream of events. */
export interface MessageHandlers
  extends Pick<EventHandlers, 'eventId' | 'retry' | 'isDone' | 'endsThen' | 'mayBeSilent'> {
  /** One message, in the order of arrival. @param length of the text it came in */
  message(value: unknown, length: number): void
  /** Something that is no message. */
  unreadable(fault: Unreadable): void
  /** An event that carries none by its name. Default: overlooked. */
  other?(event: SseEvent): void
}

const EXCERPT_LENGTH = 200
const EVENT_STREAM = /^text\/event-stream\s*(?:;|$)/i

/** Reads a stream of events as messages to its end. @throws {BodyError} when it falls silent or breaks off */
export function readMessages(response: Response, handlers: MessageHandlers, limits: ReadLimits): Promise<void> {
  return readEvents(response, new Messages(handlers), limits)
}

/** Whether the body of a response is a stream of events. */
export function isEventStream({ headers }: Response): boolean {
  return isEventStreamType(headers.get('content-type') ?? '')
}

/** Whether that is the content type of a stream of events. */
export function isEventStreamType(type: string): boolean {
  return EVENT_STREAM.test(type)
}

/** The value of a JSON text; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // undefined is what no JSON text means
    return undefined
  }
}

function unparsed(text: string): Unreadable {
  const bytes = new TextEncoder().encode(text)
  const scanner = createIdScanner()
  scanner.push(bytes)
  return {
    kind: 'syntax',
    message: 'an event of the stream is not JSON',
    excerpt: text.slice(0, EXCERPT_LENGTH),
    bytes: bytes.length,
    ...scanner.result(),
  }
}

/** Makes messages of events. */
class Messages implements EventHandlers {
  readonly endsThen: boolean | undefined
  readonly #handlers: MessageHandlers

  constructor(handlers: MessageHandlers) {
    this.#handlers = handlers
    this.endsThen = handlers.endsThen
  }

  event(event: SseEvent): void {
    const { data } = event
    if (event.event !== 'message') return this.#handlers.other?.(event)
    // that is how a stream tells its first id
    if (data === '') return
    const value = parsed(data)
    if (value === undefined) return this.#handlers.unreadable(unparsed(data))
    if (!Array.isArray(value)) return this.#handlers.message(value, data.length)
    for (const one of value) this.#handlers.message(one, data.length)
  }

  tooLong(fault: Unreadable): void {
    this.#handlers.unreadable(fault)
  }

  eventId(id: string): void {
    this.#handlers.eventId?.(id)
  }

  retry(ms: number): void {
    this.#handlers.retry?.(ms)
  }

  isDone(): boolean {
    return this.#handlers.isDone?.() === true
  }

  mayBeSilent(): boolean {
    return this.#handlers.mayBeSilent?.() === true
  }
}
