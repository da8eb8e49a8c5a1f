import { isJsonObject } from './jsonrpc/message.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** A mark that begins a quotation: whoever quotes a message and ends the line behind it has not sent it. */
const OPENING_MARK = /(?:^|[\s([{<=:,])["'`]$/

/**
 * The whole JSON-RPC message at the end of a line that does not parse: text printed without its newline sits in front of
 * it. Members may come in any order. Work is linear whatever the line holds: at most one place can be the start of an
 * object that ends with the line, and only from there is it parsed.
 * @returns undefined when there is none, or when it is quoted
 */
export function salvage(line: string): unknown {
  const text = line.trimEnd()
  const start = startOfLastObject(text)
  if (start <= 0 || OPENING_MARK.test(text.slice(Math.max(0, start - 2), start))) return undefined
  try {
    const value: unknown = JSON.parse(text.slice(start))
    return isJsonObject(value) && value.jsonrpc === '2.0' ? value : undefined
  } catch {
    // nothing whole behind the fragment; the line is reported as unreadable
    return undefined
  }
}

/**
 * Where the object begins that the text ends with; -1 when there is none. Read backwards, the end of the text is outside
 * of every string, and so each mark that follows is known to close a string, to open it or to be part of it.
 */
function startOfLastObject(text: string): number {
  if (text.charCodeAt(text.length - 1) !== CLOSE_BRACE) return -1
  let depth = 0
  let inString = false
  for (let at = text.length - 1; at >= 0; at--) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const before = at
      while (text.charCodeAt(at - 1) === BACKSLASH) at--
      const isEscaped = (before - at) % 2 === 1
      if (!isEscaped) inString = !inString
      else if (!inString) return -1
    } else if (!inString) {
      if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth++
      else if ((code === OPEN_BRACE || code === OPEN_BRACKET) && --depth === 0) return at
    }
  }
  return -1
}
