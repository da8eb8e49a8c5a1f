import { createIdScanner, PARSE_ERROR } from '@bao-mcp/protocol/engine'
import { HttpFault } from './fault.ts'

/**
 * Levels of nesting a body may have. What is deeper can be read and not written: Node overflows its stack past 4000 levels,
 * and what a handler does with its arguments, such as digesting them, takes several frames for each.
 */
export const MAX_BODY_DEPTH = 1000

const encoder = new TextEncoder()
const QUOTE = 0x22
const BACKSLASH = 0x5c
/** One bit apart are brackets and braces. */
const BRACE_BIT = 0x20
const OPENING = 0x7b
const CLOSING = 0x7d

/** @throws {HttpFault} 400 with the id the text has at its top level, so that its sender gets an answer to what it asked */
export function parseBody(text: string): unknown {
  // each level takes two characters, so most bodies need no look
  if (text.length > 2 * MAX_BODY_DEPTH && isTooDeep(text)) {
    throw unreadable(text, `the body is nested more than ${MAX_BODY_DEPTH} levels deep (MAX_BODY_DEPTH)`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable(text, text === '' ? 'the body is empty' : 'the body is not valid JSON')
  }
}

function unreadable(text: string, message: string): HttpFault {
  const scanner = createIdScanner()
  scanner.push(encoder.encode(text))
  return new HttpFault(400, PARSE_ERROR, message, { id: scanner.result().id })
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if ((code | BRACE_BIT) === CLOSING) depth--
    else if ((code | BRACE_BIT) === OPENING && ++depth > MAX_BODY_DEPTH) return true
  }
  return false
}

/** Where the string that starts here ends; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote
  }
  return text.length
}
