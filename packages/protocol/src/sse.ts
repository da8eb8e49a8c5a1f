import { createIdScanner, type IdScanner } from './id-scan.ts'
import type { Unreadable } from './jsonrpc/channel.ts'
import { DEFAULT_MAX_MESSAGE_BYTES } from './ndjson.ts'
import { createLineCutter, type LineCutter } from './sse-lines.ts'

/** An event as it is written. */
export interface SseFields {
  /** Any text; it may have several lines, whose ends arrive as line feeds. */
  data: string
  /** What a reader that lost the stream names when it comes back. No line break and no NUL. */
  id?: string | undefined
  /** Name of the event; `message` where there is none. No line break. */
  event?: string | undefined
  /** Milliseconds to wait before coming back; an integer. */
  retry?: number | undefined
}

/** An event as it was read. */
export interface SseEvent {
  data: string
  /** Name of the event; `message` where it has none. */
  event: string
  /** The id of this event, or else the last one before it; empty when there was none. */
  id: string
}

/** Who is given the events of a stream, and how long one may be. */
export interface SseReaderOptions {
  /** Longest event in bytes, without comments and ends of lines; a longer one is skipped and reported. Default 64 MiB. */
  maxEventBytes?: number | undefined
  /** The id a stream is continued behind: that of its events until one has its own. Default empty. */
  lastEventId?: string | undefined
  /** An event with data, which may be empty: that is how a stream tells its first id. */
  event(event: SseEvent): void
  /** @param ms how long the stream wants a reader that lost it to wait */
  retry?(ms: number): void
  /** An event over the limit; its data was scanned for the id of a JSON-RPC message. The next one is read. */
  tooLong(fault: Unreadable): void
}

/** Cuts a stream of bytes into server-sent events. */
export interface SseReader {
  /** The id to come back with: that of the last event, with data or without, that came whole; empty when none had one. */
  readonly lastEventId: string
  push(chunk: Uint8Array): void
  /** The stream is over: an event that came in part is dropped; one already over the limit is still reported. */
  end(): void
}

/** The least `maxEventBytes`: what the name of a field is sure to fit in. */
export const MIN_MAX_EVENT_BYTES = 16

const EXCERPT_LENGTH = 200
const COLON = 0x3a
const SPACE = 0x20
const FEED = 0x0a
const LINE_FEED = Uint8Array.of(FEED)
const BYTE_ORDER_MARK_START = 0xef
/** One for all: what it decodes it is given at once. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const DATA = [0x64, 0x61, 0x74, 0x61, COLON] as const

/**
 * One event as text.
 * @throws {TypeError} when an id or a name cannot be written, or `retry` is no number of milliseconds
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function encodeSseEvent({ data, id, event, retry }: SseFields): string {
  let text = ''
  if (event !== undefined) text += `event: ${writable('event', event, /[\r\n]/)}\n`
  if (id !== undefined) text += `id: ${writable('id', id, /[\r\n\0]/)}\n`
  if (retry !== undefined) text += `retry: ${milliseconds(retry)}\n`
  return /[\r\n]/.test(data) ? `${text}${prefixed('data', data)}\n` : `${text}data: ${data}\n\n`
}

/** A comment, which readers overlook; it keeps a silent stream alive. */
export function encodeSseComment(text = ''): string {
  return `${prefixed('', text)}\n`
}

/**
 * Reads as the standard says: bytes that are no UTF-8 are replaced, fields it does not know are overlooked. Work is
 * linear in the bytes read, and at most two events' worth of them is held. A chunk that is pushed must not be changed
 * afterwards.
 * @throws {RangeError} for a limit below {@link MIN_MAX_EVENT_BYTES}
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createSseReader(options: SseReaderOptions): SseReader {
  const maxBytes = options.maxEventBytes ?? DEFAULT_MAX_MESSAGE_BYTES
  if (!(maxBytes >= MIN_MAX_EVENT_BYTES)) {
    throw new RangeError(`maxEventBytes must be a number of at least ${MIN_MAX_EVENT_BYTES}, got ${maxBytes}`)
  }
  let lastEventId = options.lastEventId ?? ''
  /** The id as of the event being read; it counts when the event is whole. */
  let id = lastEventId
  let name = ''
  let data: string | undefined
  let eventBytes = 0
  /** Set while the rest of an oversized event is skipped. */
  let skipping: Skipped | undefined
  /** What the line over the limit is whose pieces arrive. */
  let longLine: 'comment' | 'data' | 'other' | undefined

  function skip(): Skipped {
    if (skipping !== undefined) return skipping
    skipping = skipped()
    if (data !== undefined) skipping.data(new TextEncoder().encode(data))
    data = undefined
    return skipping
  }

  function piece(bytes: Uint8Array): void {
    const isFirst = longLine === undefined
    longLine ??= bytes[0] === COLON ? 'comment' : DATA.every((byte, at) => bytes[at] === byte) ? 'data' : 'other'
    if (longLine === 'comment') return
    eventBytes += bytes.length
    const rest = skip()
    if (longLine === 'other') return
    if (isFirst) rest.data(bytes.subarray(DATA.length + (bytes[DATA.length] === SPACE ? 1 : 0)))
    else rest.more(bytes)
  }

  function line(pieces: readonly Uint8Array[], bytes: number): void {
    if (longLine !== undefined) {
      longLine = undefined
      return
    }
    if (bytes === 0) return dispatch()
    if (pieces[0]?.[0] === COLON) return
    eventBytes += bytes
    if (eventBytes > maxBytes) skip()
    field(decode(pieces))
  }

  function decode(pieces: readonly Uint8Array[]): string {
    if (pieces.length === 1) return decoder.decode(pieces[0])
    let text = ''
    for (const one of pieces) text += decoder.decode(one, { stream: true })
    return text + decoder.decode()
  }

  function field(text: string): void {
    const colon = text.indexOf(':')
    const key = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(colon + (text.charCodeAt(colon + 1) === SPACE ? 2 : 1))
    if (key === 'data') {
      if (skipping !== undefined) skipping.data(new TextEncoder().encode(value))
      else data = data === undefined ? value : `${data}\n${value}`
    } else if (key === 'event') {
      name = value
    } else if (key === 'id') {
      if (!value.includes('\0')) id = value
    } else if (key === 'retry' && /^\d+$/.test(value)) {
      options.retry?.(Math.min(Number(value), Number.MAX_SAFE_INTEGER))
    }
  }

  function dispatch(): void {
    lastEventId = id
    const event: SseEvent | undefined = data === undefined ? undefined : { data, event: name || 'message', id }
    if (skipping !== undefined) return refuse(skipping)
    forget()
    if (event !== undefined) options.event(event)
  }

  function refuse(oversized: Skipped): void {
    const bytes = eventBytes
    forget()
    const message = `an event of ${bytes} bytes is over the limit of ${maxBytes} (maxEventBytes)`
    options.tooLong({ kind: 'oversized', message, excerpt: oversized.excerpt(), bytes, ...oversized.result() })
  }

  function forget(): void {
    name = ''
    data = undefined
    eventBytes = 0
    skipping = undefined
  }

  /** Cuts what is not made of whole events; most streams need none. */
  let cutter: LineCutter | undefined
  let isAtStart = true

  /** Whether a chunk is made of whole events, none over the limit. */
  function isWhole(chunk: Uint8Array): boolean {
    const { length } = chunk
    if (length < 2 || length > maxBytes || chunk[length - 1] !== FEED || chunk[length - 2] !== FEED) return false
    if (eventBytes > 0 || (isAtStart && chunk[0] === BYTE_ORDER_MARK_START)) return false
    return cutter === undefined || cutter.isBetweenLines
  }

  /** @param text lines that end with line feeds */
  function lines(text: string): void {
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from)
      if (end === from) dispatch()
      else if (text.charCodeAt(from) !== COLON) field(text.slice(from, end))
      from = end + 1
    }
  }

  return {
    get lastEventId() {
      return lastEventId
    },
    push(chunk) {
      const text = isWhole(chunk) ? decoder.decode(chunk) : undefined
      if (text === undefined || text.includes('\r')) {
        cutter ??= createLineCutter({ line, piece }, maxBytes, isAtStart)
        cutter.push(chunk)
      } else {
        lines(text)
      }
      if (chunk.length > 0) isAtStart = false
    },
    end() {
      if (skipping === undefined) forget()
      else refuse(skipping)
    },
  }
}

/** What is kept of an event that is skipped: the start of its data, and what a scan finds. */
interface Skipped {
  /** One more line of data, or its start. */
  data(bytes: Uint8Array): void
  more(bytes: Uint8Array): void
  excerpt(): string
  result: IdScanner['result']
}

function skipped(): Skipped {
  const scanner = createIdScanner()
  const start = new Uint8Array(EXCERPT_LENGTH)
  let kept = 0
  let hasData = false

  function more(bytes: Uint8Array): void {
    scanner.push(bytes)
    if (kept === EXCERPT_LENGTH) return
    const next = bytes.subarray(0, EXCERPT_LENGTH - kept)
    start.set(next, kept)
    kept += next.length
  }

  return {
    data(bytes) {
      if (hasData) more(LINE_FEED)
      hasData = true
      more(bytes)
    },
    more,
    // streaming leaves out a character that is cut in two
    excerpt: () => new TextDecoder().decode(start.subarray(0, kept), { stream: true }),
    result: scanner.result,
  }
}

function writable(field: string, value: string, forbidden: RegExp): string {
  if (!forbidden.test(value)) return value
  throw new TypeError(`the ${field} of an event must be one line without NUL, got ${JSON.stringify(value)}`)
}

function milliseconds(retry: number): number {
  if (Number.isSafeInteger(retry) && retry >= 0) return retry
  throw new TypeError(`the retry of an event must be a whole number of milliseconds, got ${retry}`)
}

function prefixed(field: string, text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `${field}: ${line}\n`)
    .join('')
}
