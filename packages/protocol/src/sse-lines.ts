/** What is told of a stream's lines, in order. */
export interface LineSink {
  /**
   * One whole line without its end, in the pieces it came in.
   * @param pieces none of a line over the limit, which was shown by `piece`
   */
  line(pieces: readonly Uint8Array[], bytes: number): void
  /** A piece of a line over the limit; the first one is longer than the limit itself. */
  piece(bytes: Uint8Array): void
}

export interface LineCutter {
  /** Whether no line has come in part. */
  readonly isBetweenLines: boolean
  push(chunk: Uint8Array): void
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const NOTHING = new Uint8Array(0)
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf)

/**
 * Cuts a stream of bytes into lines, which end with a carriage return, a line feed or both; a byte order mark in front
 * is dropped, and a last line without its end is never told. Holds at most one line up to the limit; each byte is
 * searched once. A chunk that is pushed must not be changed afterwards.
 * @param isAtStart false where a part of the stream was read before
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createLineCutter(sink: LineSink, maxLineBytes: number, isAtStart = true): LineCutter {
  let pieces: Uint8Array[] = []
  let heldBytes = 0
  let isOverlong = false
  /** The last byte was a carriage return, so that a line feed belongs to it. */
  let isBehindReturn = false
  /** The first bytes of the stream while they may become a byte order mark; undefined behind them. */
  let start: Uint8Array | undefined = isAtStart ? NOTHING : undefined

  function hold(piece: Uint8Array): void {
    if (piece.length === 0) return
    heldBytes += piece.length
    if (isOverlong) return sink.piece(piece)
    pieces.push(piece)
    if (heldBytes <= maxLineBytes) return
    isOverlong = true
    const held = pieces
    pieces = []
    sink.piece(held.length === 1 ? piece : join(held, heldBytes))
  }

  function endLine(last: Uint8Array): void {
    hold(last)
    const held = pieces
    const bytes = heldBytes
    pieces = []
    heldBytes = 0
    isOverlong = false
    sink.line(held, bytes)
  }

  function cut(bytes: Uint8Array): void {
    let from = isBehindReturn && bytes[0] === LINE_FEED ? 1 : 0
    isBehindReturn = false
    let feed = bytes.indexOf(LINE_FEED, from)
    let back = bytes.indexOf(CARRIAGE_RETURN, from)
    while (feed !== -1 || back !== -1) {
      const isReturn = back !== -1 && (feed === -1 || back < feed)
      const end = isReturn ? back : feed
      const line = bytes.subarray(from, end)
      from = end + 1
      if (isReturn) {
        const isPair = feed === from
        if (isPair) from++
        // set before the line is told, because whoever hears it may throw
        isBehindReturn = !isPair && from === bytes.length
        back = bytes.indexOf(CARRIAGE_RETURN, from)
      }
      if (feed !== -1 && feed < from) feed = bytes.indexOf(LINE_FEED, from)
      endLine(line)
    }
    hold(bytes.subarray(from))
  }

  return {
    get isBetweenLines() {
      return heldBytes === 0 && !isBehindReturn && (start === undefined || start.length === 0)
    },
    push(chunk) {
      if (chunk.length === 0) return
      if (start?.length === 0 && chunk[0] !== BYTE_ORDER_MARK[0]) start = undefined
      if (start === undefined) return cut(chunk)
      const first = join([start, chunk], start.length + chunk.length)
      const common = BYTE_ORDER_MARK.findIndex((byte, index) => byte !== first[index])
      if (common >= first.length) {
        start = first
        return
      }
      start = undefined
      cut(common === -1 ? first.subarray(BYTE_ORDER_MARK.length) : first)
    },
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
