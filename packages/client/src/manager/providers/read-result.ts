import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { sameJson } from './json-values.ts'

/** A piece of a tool's answer on its way to a model. */
export type ResultPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `data` is base64. */
  | { readonly kind: 'media'; readonly mimeType: string; readonly data: string }

/** What of a result can be shown, and how much. */
export interface ReadResultOptions {
  /** The most characters of text, all pieces together. */
  readonly maxCharacters: number
  /** The most characters of base64 in one picture or sound. */
  readonly maxMediaCharacters: number
  /** Where the whole result can be read when it had to be cut. */
  readonly whole?: { readonly uri: string; readonly name?: string }
  /** Which media types the provider takes. */
  takes(mimeType: string): boolean
}

/** A tool's answer as pieces a model can be given. */
export interface ReadResult {
  readonly parts: readonly ResultPart[]
  /** The structured output, where the text said no more than it. */
  readonly structured: JsonObject | undefined
  readonly truncated: boolean
}

const MAX_DOUBLE_CHARACTERS = 1_000_000
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const MEDIA_TYPE = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/i

/** Reads the content of a result: what cannot be shown becomes words that say what it was. */
export function readResult(result: JsonObject, options: ReadResultOptions): ReadResult {
  const content: readonly unknown[] = Array.isArray(result.content) ? result.content : []
  const parts: ResultPart[] = content.map((block) => partOf(block, options))
  const { structuredContent } = result
  let structured: JsonObject | undefined
  if ('structuredContent' in result && structuredContent !== undefined) {
    const double = parts.findIndex((part) => part.kind === 'text' && says(part.text, structuredContent))
    if (double < 0) parts.push({ kind: 'text', text: jsonOf(structuredContent) })
    if (isJsonObject(structuredContent) && parts.length === 1) structured = structuredContent
  }
  return truncate(parts, structured, options, links(content))
}

function partOf(block: unknown, options: ReadResultOptions): ResultPart {
  if (!isJsonObject(block)) return { kind: 'text', text: jsonOf(block) }
  const { type, text, resource } = block
  if (type === 'text' && typeof text === 'string') return { kind: 'text', text }
  if (type === 'image' || type === 'audio') return media(type, block.mimeType, block.data, options)
  if (type === 'resource_link') return { kind: 'text', text: `[resource ${described(block)}]` }
  if (type === 'resource' && isJsonObject(resource)) {
    if (typeof resource.text === 'string')
      return { kind: 'text', text: `[resource ${described(resource)}]\n${resource.text}` }
    const part = media(`resource ${described(resource)}`, resource.mimeType, resource.blob, options)
    return part
  }
  return { kind: 'text', text: `[content of unknown type ${jsonOf(type)}] ${jsonOf(withoutBytes(block))}` }
}

function media(what: string, mimeType: unknown, data: unknown, options: ReadResultOptions): ResultPart {
  const named = typeof mimeType === 'string' && MEDIA_TYPE.test(mimeType) ? mimeType.toLowerCase() : 'of unknown type'
  const left = (why: string): ResultPart => ({ kind: 'text', text: `[${what}, ${named}: ${why}]` })
  if (typeof data !== 'string' || data === '') return left('without data')
  if (!options.takes(named)) return left(`${data.length} characters of base64 the model cannot take`)
  if (data.length > options.maxMediaCharacters) {
    return left(`${data.length} characters of base64, of ${options.maxMediaCharacters} at most`)
  }
  if (data.length % 4 !== 0 || !BASE64.test(data)) return left('its data is no base64')
  return { kind: 'media', mimeType: named, data }
}

/** Cuts the text to what is allowed and says so where it was cut. */
function truncate(
  parts: readonly ResultPart[],
  structured: JsonObject | undefined,
  { maxCharacters, whole }: ReadResultOptions,
  found: readonly string[],
): ReadResult {
  const total = parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.text.length : 0), 0)
  if (total <= maxCharacters && (structured === undefined || jsonOf(structured).length <= maxCharacters)) {
    return { parts, structured, truncated: false }
  }
  const kept: ResultPart[] = []
  let room = maxCharacters
  for (const part of parts) {
    if (part.kind === 'media') kept.push(part)
    else if (room > 0) {
      const text = cutText(part.text, room)
      room -= part.text.length
      kept.push({ kind: 'text', text })
    }
  }
  const uris = whole === undefined ? found : [whole.name === undefined ? whole.uri : `${whole.name} ${whole.uri}`]
  const where = uris.length === 0 ? 'Ask for less, or for a part of it.' : `All of it: ${uris.join(', ')}`
  kept.push({ kind: 'text', text: `[truncated: ${maxCharacters} of ${total} characters are shown. ${where}]` })
  return { parts: kept, structured: undefined, truncated: true }
}

/** Resources that were in the part that may have been cut. */
function links(content: readonly unknown[]): string[] {
  const uris = content.flatMap((block) => {
    if (!isJsonObject(block)) return []
    const uri =
      block.type === 'resource_link' ? block.uri : isJsonObject(block.resource) ? block.resource.uri : undefined
    return typeof uri === 'string' && uri.length < 500 ? [uri] : []
  })
  return [...new Set(uris)].slice(0, 5)
}

function described({ name, title, uri, mimeType, size }: JsonObject): string {
  const words = [title ?? name, uri, mimeType, typeof size === 'number' ? `${size} bytes` : undefined]
  return words.filter((word) => typeof word === 'string').join(', ')
}

function says(text: string, value: unknown): boolean {
  if (text.length > MAX_DOUBLE_CHARACTERS) return false
  try {
    return sameJson(JSON.parse(text), value)
  } catch {
    // text that is no JSON is no double of anything, a bare string apart
    return text === value
  }
}

function withoutBytes(block: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(block).map(([key, value]) => {
      const bytes = typeof value === 'string' && value.length > 200 && BASE64.test(value)
      return [key, bytes ? `(${value.length} characters of base64)` : value]
    }),
  )
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch (cause) {
    return `(cannot be written: ${cause instanceof Error ? cause.message : 'unknown reason'})`
  }
}

function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  const half = /[\uD800-\uDBFF]/.test(text.charAt(length - 1))
  return text.slice(0, half ? length - 1 : length)
}
