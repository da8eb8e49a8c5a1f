import { RpcError } from './jsonrpc/errors.ts'
import { HEADER_MISMATCH } from './names.ts'

/** Headers by name in any spelling; null for one that did not come. A `Headers` object is one. */
export interface HeaderLookup {
  get(name: string): string | null
}

/** What marks a value as Base64 of UTF-8. The marks are case-sensitive: with any other letters the text means itself. */
const PREFIX = '=?base64?'
const SUFFIX = '?='

/**
 * A text as the value of `Mcp-Name` or `Mcp-Param-*`: as it is where a header can carry it, otherwise behind a mark, in
 * Base64. A text that looks marked itself is marked as well.
 * @throws {TypeError} for half of a surrogate pair, which UTF-8 cannot carry
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 */
export function encodeHeaderValue(text: string): string {
  if (isPlainHeaderValue(text) && !hasOuterBlank(text)) return text
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError('a header value must not hold half of a surrogate pair: UTF-8 cannot carry it')
  }
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return `${PREFIX}${btoa(binary)}${SUFFIX}`
}

/**
 * The text a header value stands for, without blanks around the value.
 * @param header its name, for the error
 * @throws {RpcError} -32020 when it is marked as Base64 and is none (of UTF-8, padded, in the one way there is to write
 * it), or is not marked and holds what no header may carry unencoded
 */
export function decodeHeaderValue(text: string, header = 'value'): string {
  const value = trimHeaderValue(text)
  if (!isMarked(value)) {
    if (/^[\t -~]*$/.test(value)) return value
    throw new RpcError(HEADER_MISMATCH, `the ${header} header holds characters that must be encoded as Base64`)
  }
  return decodeBase64(value.slice(PREFIX.length, -SUFFIX.length), header)
}

/** Whether every reader takes the value for itself: printable ASCII and nothing like a mark. */
export function isPlainHeaderValue(value: string): boolean {
  return /^[ -~]*$/.test(value) && !(value.startsWith(PREFIX) && value.endsWith(SUFFIX))
}

/** "Leading and trailing whitespace is not part of a field value." */
export function trimHeaderValue(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value, start)) start++
  while (end > start && isBlank(value, end - 1)) end--
  return value.slice(start, end)
}

function isMarked(value: string): boolean {
  // marks that overlap are none
  return value.length >= PREFIX.length + SUFFIX.length && value.startsWith(PREFIX) && value.endsWith(SUFFIX)
}

function hasOuterBlank(text: string): boolean {
  return isBlank(text, 0) || isBlank(text, text.length - 1)
}

function isBlank(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit === 0x20 || unit === 0x09
}

function decodeBase64(encoded: string, header: string): string {
  let binary: string | undefined
  try {
    binary = atob(encoded)
  } catch {
    // letters outside the alphabet; told below, with what atob overlooks
  }
  // writing it again shows missing padding, blanks and surplus bits
  if (binary === undefined || btoa(binary) !== encoded) {
    throw new RpcError(HEADER_MISMATCH, `the ${header} header is marked as Base64 and is no padded Base64`)
  }
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new RpcError(HEADER_MISMATCH, `the ${header} header is Base64 of what is no UTF-8`, undefined, { cause })
  }
}
