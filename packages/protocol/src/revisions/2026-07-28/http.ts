import {
  decodeHeaderValue,
  encodeHeaderValue,
  type HeaderLookup,
  isPlainHeaderValue,
  trimHeaderValue,
} from '../../header-value.ts'
import {
  HUB_LOST,
  INSUFFICIENT_SCOPE,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  RpcError,
  SERVER_BUSY,
} from '../../jsonrpc/errors.ts'
import type { Notice } from '../../jsonrpc/message.ts'
import { HEADER_MISMATCH, MISSING_CLIENT_CAPABILITY, UNSUPPORTED_PROTOCOL_VERSION } from '../../names.ts'
import { shown } from '../../shown.ts'
import type { HttpBinding } from '../revision.ts'

/** Errors that are no part of a conversation; every other one travels in band, with 200. */
const STATUS: ReadonlyMap<number, number> = new Map([
  [METHOD_NOT_FOUND, 404],
  [PARSE_ERROR, 400],
  [INVALID_REQUEST, 400],
  [HEADER_MISMATCH, 400],
  [MISSING_CLIENT_CAPABILITY, 400],
  [UNSUPPORTED_PROTOCOL_VERSION, 400],
  [SERVER_BUSY, 503],
  [INSUFFICIENT_SCOPE, 403],
  [HUB_LOST, 503],
])

/** Which member of its params a method's `Mcp-Name` repeats. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
])

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#standard-headers */
export function httpOf(version: string): HttpBinding {
  return {
    statusOf: (code) => STATUS.get(code) ?? 200,
    malformedStatus: 400,
    checkHeaders,
    headersOf(request, names) {
      const name = nameOf(request, names)
      return {
        'MCP-Protocol-Version': version,
        'Mcp-Method': request.method,
        ...(typeof name === 'string' && { 'Mcp-Name': encodeHeaderValue(name) }),
      }
    },
    primesStreams: false,
    resumesStreams: false,
  }
}

/** "Servers MUST reject requests with missing or mismatched standard headers." */
function checkHeaders(request: Notice, headers: HeaderLookup, names?: ReadonlyMap<string, string>): void {
  const { method, params } = request
  const sentMethod = headers.get('mcp-method')
  if (sentMethod !== method) mustRepeat('Mcp-Method', 'method', method, sentMethod, trimHeaderValue)
  const member = NAMES.get(method) ?? names?.get(method)
  if (member === undefined) return
  const sentName = headers.get('mcp-name')
  const name = params !== undefined && Object.hasOwn(params, member) ? params[member] : undefined
  if (sentName === null) throw missing('Mcp-Name', `params.${member}`, name)
  // what is said plainly needs no decoding
  if (typeof name !== 'string' || (sentName === name && isPlainHeaderValue(name))) return
  mustRepeat('Mcp-Name', `params.${member}`, name, sentName, decodeHeaderValue)
}

function nameOf({ method, params }: Notice, names: ReadonlyMap<string, string> | undefined): unknown {
  const member = NAMES.get(method) ?? names?.get(method)
  return member !== undefined && params !== undefined && Object.hasOwn(params, member) ? params[member] : undefined
}

function mustRepeat(
  header: string,
  place: string,
  expected: string,
  sent: string | null,
  read: (text: string, header: string) => string,
): void {
  if (sent === null) throw missing(header, place, expected)
  const got = read(sent, header)
  if (got === expected) return
  const words = `the ${header} header must repeat ${place}: expected ${shown(expected)}, got ${shown(got)}`
  throw new RpcError(HEADER_MISMATCH, words)
}

function missing(header: string, place: string, expected: unknown): RpcError {
  const what = typeof expected === 'string' ? `, which is ${shown(expected)}` : ''
  return new RpcError(HEADER_MISMATCH, `the ${header} header is missing: it must repeat ${place}${what}`)
}
