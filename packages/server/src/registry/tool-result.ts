import { complete, isJsonObject, type JsonObject, type Outcome } from '@bao-mcp/protocol/engine'
import type { Tool } from './tool.ts'
import { listIssues } from './validate.ts'

/** A result that tells the model what went wrong, so that it can do better. */
export function failedCall(text: string): Outcome {
  return complete({ content: [{ type: 'text', text }], isError: true })
}

const RESULT_MEMBERS: ReadonlySet<string> = new Set(['content', 'structuredContent', 'isError', '_meta'])

/** Whether what a handler returned is a full result and not a value, which may well have members of the same names. */
export function isFullResult(value: unknown): value is JsonObject {
  if (!isJsonObject(value) || !Object.keys(value).every((member) => RESULT_MEMBERS.has(member))) return false
  if (value.isError === true || 'structuredContent' in value) return true
  return isContent(value.content)
}

/** The result of a call from a value of its output schema: structured, and as text for clients that read only that. */
export function structuredResult(value: unknown, rest: JsonObject = {}): JsonObject {
  const content = isContent(rest.content) ? rest.content : textContent(JSON.stringify(value) ?? 'null')
  return { ...rest, content, structuredContent: value }
}

/** The result of a call from whatever a handler without output schema returned. */
export function looseResult(returned: unknown): JsonObject {
  const value = asWritten(returned)
  if (value === undefined || value === null) return { content: [] }
  if (typeof value === 'string') return { content: textContent(value) }
  if (isFullResult(value)) {
    if (isContent(value.content)) return value
    return 'structuredContent' in value ? structuredResult(value.structuredContent, value) : { ...value, content: [] }
  }
  if (isContent(value)) return { content: value }
  return isJsonObject(value)
    ? structuredResult(value)
    : { content: textContent(JSON.stringify(value) ?? String(value)) }
}

function textContent(text: string): JsonObject[] {
  return [{ type: 'text', text }]
}

/** Dates, URLs and the like are objects here and something else on the wire. */
function asWritten(value: unknown): unknown {
  return isJsonObject(value) && typeof value.toJSON === 'function' ? value.toJSON() : value
}

/** Rows of data often have a `type` of their own, so a block must be one through and through. */
function isContent(value: unknown): value is JsonObject[] {
  return Array.isArray(value) && value.every((block) => isJsonObject(block) && isBlock(block))
}

function isBlock(block: JsonObject): boolean {
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string'
    case 'image':
    case 'audio':
      return isBase64(block.data) && typeof block.mimeType === 'string' && MIME_TYPE.test(block.mimeType)
    case 'resource':
      return isJsonObject(block.resource) && isEmbedded(block.resource)
    case 'resource_link':
      return typeof block.uri === 'string' && typeof block.name === 'string'
    default:
      return false
  }
}

const MIME_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

function isBase64(data: unknown): boolean {
  return typeof data === 'string' && data.length % 4 === 0 && BASE64.test(data)
}

function isEmbedded({ uri, text, blob }: JsonObject): boolean {
  return typeof uri === 'string' && (typeof text === 'string' || isBase64(blob))
}

/** What the log says of a tool whose value does not fit its own output schema. */
export function brokenPromise(tool: Tool, issues: readonly string[]): string {
  return `tool ${JSON.stringify(tool.name)} returned a value that its output schema refuses: ${listIssues(issues)}`
}
