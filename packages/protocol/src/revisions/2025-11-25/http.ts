import { HUB_LOST, INSUFFICIENT_SCOPE, PARSE_ERROR, SERVER_BUSY } from '../../jsonrpc/errors.ts'
import type { HttpBinding } from '../revision.ts'
import type { HandshakeVersion } from './methods.ts'

interface Row {
  /** Whether the header with the version goes with every message behind the handshake. */
  tellsVersion: boolean
  primesStreams: boolean
  resumesStreams: boolean
}

const ROWS: Readonly<Record<HandshakeVersion, Row>> = {
  '2024-11-05': { tellsVersion: false, primesStreams: false, resumesStreams: false },
  '2025-03-26': { tellsVersion: false, primesStreams: false, resumesStreams: true },
  '2025-06-18': { tellsVersion: true, primesStreams: false, resumesStreams: true },
  '2025-11-25': { tellsVersion: true, primesStreams: true, resumesStreams: true },
}

/** The specification leaves the status of a JSON-RPC error open; elsewhere it is 200 with the error as the body. */
const STATUS: ReadonlyMap<number, number> = new Map([
  [PARSE_ERROR, 400],
  [SERVER_BUSY, 503],
  [INSUFFICIENT_SCOPE, 403],
  [HUB_LOST, 503],
])

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http */
export function httpOf(version: HandshakeVersion): HttpBinding {
  const { tellsVersion, primesStreams, resumesStreams } = ROWS[version]
  const headers = tellsVersion ? Object.freeze({ 'MCP-Protocol-Version': version }) : NO_HEADERS
  return {
    statusOf: (code) => STATUS.get(code) ?? 200,
    malformedStatus: 400,
    checkHeaders() {
      // no header repeats what a body says
    },
    // "on all subsequent requests": the handshake itself still agrees on the version
    headersOf: ({ method }) => (method === 'initialize' ? NO_HEADERS : headers),
    primesStreams,
    resumesStreams,
  }
}
