import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { typeOf, typesOf } from './json-values.ts'
import type { OptionalProperties } from './lower-schema.ts'

const MAX_DEPTH = 64

/** Turns what a model gave for a lowered schema into the arguments of the tool: null that stands for absent is left out. */
export function withoutStandIns(value: unknown, schema: unknown, optional: OptionalProperties, depth = 0): unknown {
  if (depth > MAX_DEPTH || !isJsonObject(schema)) return value
  if (Array.isArray(schema.anyOf)) {
    const branch = schema.anyOf.find((one) => looksLike(value, one))
    return branch === undefined ? value : withoutStandIns(value, branch, optional, depth + 1)
  }
  if (Array.isArray(value)) return value.map((member) => withoutStandIns(member, schema.items, optional, depth + 1))
  if (!isJsonObject(value)) return value
  const absent = optional.get(schema)
  const parts = new Map(isJsonObject(schema.properties) ? Object.entries(schema.properties) : [])
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => member !== null || absent?.has(key) !== true)
      .map(([key, member]) => [key, withoutStandIns(member, parts.get(key), optional, depth + 1)]),
  )
}

/** Whether a branch of a union is the one a value was made for, by its type, its keys and its literals. */
function looksLike(value: unknown, schema: unknown, depth = 0): boolean {
  if (!isJsonObject(schema) || depth > 2) return true
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some((branch) => looksLike(value, branch, depth + 1))
  const type = typeOf(value)
  const types = typesOf(schema)
  if (types !== undefined && !types.includes(type) && !(type === 'integer' && types.includes('number'))) return false
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false
  if (!isJsonObject(value) || !isJsonObject(schema.properties)) return true
  const parts = new Map(Object.entries(schema.properties))
  return Object.entries(value).every(([key, member]) => parts.has(key) && looksLike(member, parts.get(key), depth + 1))
}

/** New names for arguments, those the provider refuses; from the old. */
export function renamedArguments(
  schema: JsonObject,
  rule: RegExp,
  rename: (name: string) => string,
): Map<string, string> {
  const renamed = new Map<string, string>()
  if (!isJsonObject(schema.properties)) return renamed
  for (const key of Object.keys(schema.properties)) if (!rule.test(key)) renamed.set(key, rename(key))
  return renamed
}
