import { createIdScanner, PARSE_ERROR } from '@bao-mcp/protocol/engine'
import { HttpFault } from './fault.ts'

const encoder = new TextEncoder()

/** @throws {HttpFault} 400 with the id the text has at its top level, so that its sender gets an answer to what it asked */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const scanner = createIdScanner()
    scanner.push(encoder.encode(text))
    const { id } = scanner.result()
    const message = text === '' ? 'the body is empty' : 'the body is not valid JSON'
    throw new HttpFault(400, PARSE_ERROR, message, { id })
  }
}
