import type { CallToolResult } from '@bao-mcp/protocol'
import {
  describeIssue,
  InvalidResultError,
  isJsonObject,
  type JsonObject,
  type SchemaOutput,
  type StandardSchema,
} from '@bao-mcp/protocol/engine'

/**
 * What a tool answered, with its structured output at hand. `structured` is no member of the wire's result and is left
 * out when the result is written or copied.
 */
export type ToolResult = CallToolResult & { readonly structured: unknown }

/** A tool's answer whose structured output a schema has accepted; the tool's own failure need not have any. */
export type CheckedToolResult<T> = CallToolResult &
  ({ isError?: false; readonly structured: T } | { isError: true; readonly structured: undefined })

const METHOD = 'tools/call'

/** @throws {InvalidResultError} when the result is none of a tool */
export function readToolResult(result: JsonObject): ToolResult {
  const { content } = result
  if (Array.isArray(content)) {
    const stranger = content.findIndex(isNoBlock)
    if (stranger >= 0) throw new InvalidResultError(METHOD, `what stands at content[${stranger}] is no content block`)
  } else if (content === undefined && 'structuredContent' in result) {
    // some servers leave the text out where there is structured output
    result.content = []
  } else {
    throw new InvalidResultError(METHOD, 'its content must be an array')
  }
  return withStructured(result, result.structuredContent)
}

/**
 * @throws {InvalidResultError} naming the places where the structured output does not fit the schema, or when the tool
 * succeeded without any
 */
export async function checkToolResult<S extends StandardSchema>(
  result: JsonObject,
  schema: S,
): Promise<CheckedToolResult<SchemaOutput<S>>> {
  const read = readToolResult(result)
  // proof of both casts: `structured` is undefined where isError is true, and what the schema gave out elsewhere
  if (read.isError === true) return withStructured(result, undefined) as CheckedToolResult<SchemaOutput<S>>
  if (!('structuredContent' in result)) throw new InvalidResultError(METHOD, 'it has no structuredContent')
  const checked = await schema['~standard'].validate(result.structuredContent)
  if (checked.issues !== undefined) {
    const issues = checked.issues.map(describeIssue)
    throw new InvalidResultError(METHOD, `its structuredContent does not fit: ${issues.join('; ')}`, issues)
  }
  return withStructured(result, checked.value) as CheckedToolResult<SchemaOutput<S>>
}

/**
 * Checks the structured output against the schema the tool was listed with.
 * @throws {InvalidResultError} as {@link checkToolResult} does, and when the schema itself is none that can be used
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#output-schema
 */
export async function checkListed(result: JsonObject, schema: JsonObject): Promise<ToolResult> {
  const read = readToolResult(result)
  if (read.isError === true) return read
  if (!('structuredContent' in result)) {
    throw new InvalidResultError(METHOD, 'it has no structuredContent, and the tool was listed with an outputSchema')
  }
  const { schemaChecker } = await import('./json-schema.ts')
  const issues = schemaChecker(schema, METHOD)(result.structuredContent)
  if (issues.length > 0) {
    const words = issues.join('; ')
    throw new InvalidResultError(METHOD, `its structuredContent does not fit the listed outputSchema: ${words}`, issues)
  }
  return read
}

function isNoBlock(block: unknown): boolean {
  return !isJsonObject(block) || typeof block.type !== 'string'
}

function withStructured(result: JsonObject, structured: unknown): ToolResult {
  Object.defineProperty(result, 'structured', { value: structured, configurable: true })
  // proof: content was checked, and `structured` was just put there
  return result as unknown as ToolResult
}
