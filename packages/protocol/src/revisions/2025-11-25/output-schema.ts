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
/** Keywords whose values are schemas under names of the author's choice. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
])

/** The same schema at another place of its document: pointers from the root follow it there. */
function moved(schema: JsonObject, to: string): unknown {
  // with an identifier of its own the schema stays the root of its pointers
  return schema.$id === undefined ? follow(schema, to) : schema
}

function follow(schema: unknown, to: string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => follow(one, to))
  if (!isJsonObject(schema)) return schema
  return mapMembers(schema, (key, member) => {
    if (DATA.has(key)) return member
    if (key === '$ref') return isPlace(member) ? to + member.slice(1) : member
    if (NAMED.has(key) && isJsonObject(member)) return mapMembers(member, (_name, one) => follow(one, to))
    return follow(member, to)
  })
}

function mapMembers(object: JsonObject, map: (key: string, member: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, map(key, member)]))
}

/** `#` and `#/...` are places in the document; `#name` is an anchor, which is found wherever it stands. */
function isPlace(reference: unknown): reference is string {
  return typeof reference === 'string' && (reference === '#' || reference.startsWith('#/'))
}
