import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/**
 * The result of a read from whatever a handler returned; undefined when it found nothing.
 * @throws {TypeError} for what is neither text nor bytes nor contents
 */
export function readResult(returned: unknown, uri: string, mimeType: string | undefined): JsonObject | undefined {
  if (returned === undefined || returned === null) return undefined
  const own = { uri, ...(mimeType !== undefined && { mimeType }) }
  if (typeof returned === 'string') return { contents: [{ ...own, text: returned }] }
  if (returned instanceof Uint8Array) return { contents: [{ ...own, blob: toBase64(returned) }] }
  const full = Array.isArray(returned) ? { contents: returned } : returned
  if (!isJsonObject(full) || !Array.isArray(full.contents)) {
    throw new TypeError(`reading ${uri} gave ${typeof returned}, which is neither text, bytes nor contents`)
  }
  if (full.contents.length === 0) return undefined
  return { ...full, contents: full.contents.map((one) => contentsOf(one, own)) }
}

function contentsOf(one: unknown, own: JsonObject): JsonObject {
  if (!isJsonObject(one)) throw new TypeError(`contents of ${own.uri} are no object`)
  const { text, blob } = one
  const whole = { ...('uri' in one ? {} : own), ...one }
  if (typeof text === 'string' || typeof blob === 'string') return whole
  if (blob instanceof Uint8Array) return { ...whole, blob: toBase64(blob) }
  throw new TypeError(`contents of ${own.uri} have neither a text nor a blob`)
}

/** A multiple of 3, so that the parts' texts join without padding between. */
const PART_BYTES = 0x6000

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PART_BYTES)))
  }
  return text
}
