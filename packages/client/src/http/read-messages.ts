import { createIdScanner, type SseEvent, type Unreadable } from '@bao-mcp/protocol/engine'
import { type EventHandlers, type ReadLimits, readEvents } from './read-body.ts'

/** What reads the messages of a stream of events. */
export interface MessageHandlers extends Pick<EventHandlers, 'eventId' | 'retry' | 'isDone' | 'mayBeSilent'> {
  /** One message, in the order of arrival. @param length of the text it came in */
  message(value: unknown, length: number): void
  /** Something that is no message. */
  unreadable(fault: Unreadable): void
  /** An event that carries none by its name. Default: overlooked. */
  other?(event: SseEvent): void
}

const EXCERPT_LENGTH = 200

/** Reads a stream of events as messages to its end. @throws {BodyError} when it falls silent or breaks off */
export function readMessages(response: Response, handlers: MessageHandlers, limits: ReadLimits): Promise<void> {
  return readEvents(
    response,
    {
      event(event) {
        const { data } = event
        if (event.event !== 'message') return handlers.other?.(event)
        // that is how a stream tells its first id
        if (data === '') return
        const value = parsed(data)
        if (value === undefined) return handlers.unreadable(unparsed(data))
        for (const one of Array.isArray(value) ? value : [value]) handlers.message(one, data.length)
      },
      tooLong: (fault) => handlers.unreadable(fault),
      eventId: (id) => handlers.eventId?.(id),
      retry: (ms) => handlers.retry?.(ms),
      isDone: () => handlers.isDone?.() === true,
      mayBeSilent: () => handlers.mayBeSilent?.() === true,
    },
    limits,
  )
}

/** Whether the body of a response is a stream of events. */
export function isEventStream({ headers }: Response): boolean {
  return /^text\/event-stream\s*(?:;|$)/i.test(headers.get('content-type') ?? '')
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
