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
  return acceptsObjects === 'none'
    ? moved(schema, '#/properties/result', wrapped)
    : moved(schema, '#/anyOf/0', (inner) => ({ type: 'object', anyOf: [inner, wrapped(inner)] }))
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

/** Keywords that stay at the root of a document, where simple readers look for them. */
const SHARED: readonly string[] = ['$defs', 'definitions']
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

/**
 * A document with the schema inside, at `place`. What belongs to the root of a document stays there, and pointers from
 * the root find what they found before.
 */
function moved(schema: JsonObject, place: string, around: (inner: unknown) => JsonObject): JsonObject {
  const { $schema, ...rest } = schema
  const dialect = $schema === undefined ? {} : { $schema }
  // with an identifier of its own the schema stays the root of its pointers
  if (rest.$id !== undefined) return { ...dialect, ...around(rest) }
  const inner: JsonObject = {}
  const shared: JsonObject = {}
  for (const [key, member] of Object.entries(mapSchema(rest, place))) {
    if (SHARED.includes(key)) shared[key] = member
    else inner[key] = member
  }
  return { ...dialect, ...around(inner), ...shared }
}

function follow(schema: unknown, to: string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => follow(one, to))
  return isJsonObject(schema) ? mapSchema(schema, to) : schema
}

function mapSchema(schema: JsonObject, to: string): JsonObject {
  return mapMembers(schema, (key, member) => {
    if (DATA.has(key)) return member
    if (key === '$ref') return isMoved(member) ? to + member.slice(1) : member
    if (NAMED.has(key) && isJsonObject(member)) return mapMembers(member, (_name, one) => follow(one, to))
    return follow(member, to)
  })
}

function mapMembers(object: JsonObject, map: (key: string, member: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, map(key, member)]))
}

/** `#` and `#/...` are places in the document; `#name` is an anchor, which is found wherever it stands. */
function isMoved(reference: unknown): reference is string {
  if (typeof reference !== 'string') return false
  return reference === '#' || (reference.startsWith('#/') && !SHARED.some((key) => reference.startsWith(`#/${key}/`)))
}
