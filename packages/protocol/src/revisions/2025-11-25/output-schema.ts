import { isJsonObject, type JsonObject } from '../../jsonrpc/message.ts'

/**
 * An output schema as these revisions know it: for an object. It fits what {@link encodeStructured} makes of any value
 * that the given schema accepts.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#output-schema
 */
export function encodeOutputSchema(schema: JsonObject): JsonObject {
  if (schema.type === 'object') return schema
  const acceptsObjects = objectsIn(schema)
  if (acceptsObjects === 'only') return { ...schema, type: 'object' }
  const { $schema, ...rest } = schema
  const dialect = $schema === undefined ? {} : { $schema }
  if (acceptsObjects === 'none') return { ...dialect, ...wrapped(moved(rest, '#/properties/result')) }
  return {
    ...dialect,
    type: 'object',
    anyOf: [moved(rest, '#/anyOf/0'), wrapped(moved(rest, '#/anyOf/1/properties/result'))],
  }
}

/** Structured content as these revisions know it: an object, and anything else as the `result` of one. */
export function encodeStructured(value: unknown): JsonObject {
  return isJsonObject(value) ? value : { result: value }
}

function wrapped(schema: unknown): JsonObject {
  return { type: 'object', properties: { result: schema }, required: ['result'] }
}

/** Whether objects are among the values a schema accepts. */
type Objects = 'only' | 'some' | 'none'

function objectsIn(schema: unknown): Objects {
  if (!isJsonObject(schema)) return 'some'
  const { type, anyOf, oneOf } = schema
  if (typeof type === 'string') return type === 'object' ? 'only' : 'none'
  if (Array.isArray(type)) return together(type.map((one) => (one === 'object' ? 'only' : 'none')))
  const branches = Array.isArray(anyOf) ? anyOf : oneOf
  return Array.isArray(branches) ? together(branches.map(objectsIn)) : 'some'
}

function together(kinds: readonly Objects[]): Objects {
  const [first = 'some'] = kinds
  return kinds.every((kind) => kind === first) ? first : 'some'
}

/** Keywords whose values are data and not schemas. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

/** The same schema at another place of its document: pointers from the root follow it there. */
function moved(schema: JsonObject, to: string): JsonObject {
  // with an identifier of its own the schema stays the root of its pointers
  if (schema.$id !== undefined) return schema
  // proof: an object maps to an object
  return follow(schema, to) as JsonObject
}

function follow(value: unknown, to: string): unknown {
  if (Array.isArray(value)) return value.map((one) => follow(one, to))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key === '$ref' && typeof member === 'string')
        return [key, pointsToPlace(member) ? to + member.slice(1) : member]
      return [key, DATA.has(key) ? member : follow(member, to)]
    }),
  )
}

/** `#` and `#/...` are places in the document; `#name` is an anchor, which is found wherever it stands. */
function pointsToPlace(reference: string): boolean {
  return reference === '#' || reference.startsWith('#/')
}
