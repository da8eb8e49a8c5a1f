import { createIdScanner, type IdScanner } from './id-scan.ts'
import type { Unreadable } from './jsonrpc/channel.ts'
import { salvage } from './salvage.ts'

/** The longest message that is read, in bytes, unless an option says otherwise. */
export const DEFAULT_MAX_MESSAGE_BYTES: number = 64 * 1024 * 1024

const NEWLINE = 0x0a
const BYTE_ORDER_MARK = 0xfeff
/** What a decoder writes in place of bytes that are no text. */
const REPLACEMENT = '\ufffd'
const EXCERPT_LENGTH = 200

/** Who is given the messages of a pipe, and how long one may be. */
export interface NdjsonReaderOptions {
  /** Longest line in bytes; a longer one is skipped and reported, and the next one is read. Default 64 MiB. */
  maxMessageBytes?: number | undefined
  /** @param length of its line in UTF-16 units */
  message(value: unknown, length: number): void
  unreadable(fault: Unreadable): void
}

/** Cuts a stream of bytes into lines and parses each as one JSON value. */
export interface NdjsonReader {
  push(chunk: Uint8Array): void
  /** The stream is over: what is left without a newline is the last line. */
  end(): void
}

/**
 * Work is linear in the bytes read: only a new chunk is searched for newlines, a line that spans chunks is joined once,
 * and all whole lines of a chunk are decoded in one go. A chunk that is pushed must not be changed afterwards.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export function createNdjsonReader(options: NdjsonReaderOptions): NdjsonReader {
  const maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES
  // a newline never is part of a longer UTF-8 sequence, so whole lines can be decoded without state; a byte order mark
  // is kept, because a decoder would only drop the one that starts a chunk
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let parts: Uint8Array[] = []
  let heldBytes = 0
  /** Set while the rest of an oversized line is skipped. */
  let skipping: Skipped | undefined

  function hold(part: Uint8Array): void {
    if (part.length === 0) return
    heldBytes += part.length
    if (skipping !== undefined) return skipping.push(part)
    parts.push(part)
    if (heldBytes <= maxBytes) return
    skipping = skipped()
    for (const held of parts) skipping.push(held)
    parts = []
  }

  function endOfLine(): void {
    const oversized = skipping
    const held = parts
    const bytes = heldBytes
    parts = []
    heldBytes = 0
    skipping = undefined
    if (oversized !== undefined) return refuseOversized(bytes, oversized)
    const line = held.length === 1 ? held[0] : join(held, bytes)
    if (line !== undefined && bytes > 0) readLines(line)
  }

  function refuseOversized(bytes: number, { excerpt, result }: Skipped): void {
    const message = `a message of ${bytes} bytes is over the limit of ${maxBytes} (maxMessageBytes)`
    options.unreadable({ kind: 'oversized', message, excerpt: excerpt(), bytes, ...result() })
  }

  function isOversized(line: Uint8Array): boolean {
    if (line.length <= maxBytes) return false
    const oversized = skipped()
    oversized.push(line)
    refuseOversized(line.length, oversized)
    return true
  }

  /** Reads one or more whole lines. */
  function readLines(bytes: Uint8Array): void {
    let text: string
    try {
      text = strict.decode(bytes)
    } catch {
      // some line is not UTF-8; find out which, so that only that one is refused
      return splitBytes(bytes)
    }
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      readText(text.slice(start, end))
      start = end + 1
    }
    readText(start === 0 ? text : text.slice(start))
  }

  function splitBytes(bytes: Uint8Array): void {
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      readBytes(bytes.subarray(start, end))
      start = end + 1
    }
    readBytes(bytes.subarray(start))
  }

  function readBytes(line: Uint8Array): void {
    if (isOversized(line)) return
    let text: string
    try {
      text = strict.decode(line)
    } catch {
      const shown = new TextDecoder().decode(line)
      // a message is only whole behind the last byte that is no text
      const sound = shown.slice(shown.lastIndexOf(REPLACEMENT))
      return refuse({ text: shown, bytes: line, message: 'the message is not valid UTF-8', sound })
    }
    readText(text)
  }

  function readText(text: string): void {
    // three bytes at most per UTF-16 unit, so short lines need no count
    if (text.length * 3 > maxBytes && isOversized(new TextEncoder().encode(text))) return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      return readOdd(text, error)
    }
    options.message(value, text.length)
  }

  /** A line that does not parse: blank, behind a byte order mark, or rubbish. */
  function readOdd(text: string, error: unknown): void {
    if (text.trim() === '') return
    const isMarked = text.charCodeAt(0) === BYTE_ORDER_MARK && text.charCodeAt(1) !== BYTE_ORDER_MARK
    if (isMarked) return readText(text.slice(1))
    const reason = error instanceof Error ? error.message : String(error)
    refuse({ text, bytes: new TextEncoder().encode(text), message: `Parse error: ${reason}`, sound: text })
  }

  function refuse({ text, bytes, message, sound }: BrokenLine): void {
    const scanner = createIdScanner()
    scanner.push(bytes)
    const fault: Unreadable = {
      kind: 'syntax',
      message,
      excerpt: text.slice(0, EXCERPT_LENGTH),
      bytes: bytes.length,
      ...scanner.result(),
    }
    const salvaged = salvage(sound)
    options.unreadable(salvaged === undefined ? fault : { ...fault, salvaged })
  }

  return {
    push(chunk) {
      let rest = chunk
      if (heldBytes > 0) {
        const first = chunk.indexOf(NEWLINE)
        if (first === -1) return hold(chunk)
        hold(chunk.subarray(0, first))
        endOfLine()
        rest = chunk.subarray(first + 1)
      }
      const last = rest.lastIndexOf(NEWLINE)
      if (last === -1) return hold(rest)
      if (last > 0) readLines(rest.subarray(0, last))
      hold(rest.subarray(last + 1))
    },
    end: endOfLine,
  }
}

interface BrokenLine {
  readonly text: string
  readonly bytes: Uint8Array
  readonly message: string
  /** The end of the text that says what was sent. */
  readonly sound: string
}

/** What is kept of a line that is skipped: its start, and what a scan finds. */
interface Skipped extends IdScanner {
  excerpt(): string
}

function skipped(): Skipped {
  const scanner = createIdScanner()
  const start = new Uint8Array(EXCERPT_LENGTH)
  let kept = 0
  return {
    push(bytes) {
      scanner.push(bytes)
      if (kept === EXCERPT_LENGTH) return
      const more = bytes.subarray(0, EXCERPT_LENGTH - kept)
      start.set(more, kept)
      kept += more.length
    },
    result: scanner.result,
    // streaming leaves out a character that is cut in two
    excerpt: () => new TextDecoder().decode(start.subarray(0, kept), { stream: true }),
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
