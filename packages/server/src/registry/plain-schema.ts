import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'

/** A dialect of JSON Schema, as the interpreter names it. */
export type Dialect = '4' | '7' | '2019-09' | '2020-12'

const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['http://json-schema.org/draft-04/schema', '4'],
  ['http://json-schema.org/draft-07/schema', '7'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
])

/**
 * The dialect a schema is written in; 2020-12 where it names none.
 * @throws {TypeError} for a dialect that is not supported
 */
export function dialectOf({ $schema }: JsonObject): Dialect {
  if ($schema === undefined) return '2020-12'
  const dialect = typeof $schema === 'string' ? DIALECTS.get($schema.replace(/#$/, '')) : undefined
  if (dialect !== undefined) return dialect
  const supported = [...DIALECTS.keys()].join(', ')
  throw new TypeError(`JSON Schema dialect ${JSON.stringify($schema)} is not supported; these are: ${supported}`)
}

/** Where JSON values stand that only look like schemas. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])
const REFERENCES: readonly string[] = ['$ref', '$dynamicRef', '$recursiveRef']
/** Only makes relative names comparable; nothing is ever fetched. */
const NOWHERE = 'schema:///'

/**
 * The references of a schema to what is not part of it, which could only be followed over a network.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#json-schema-usage
 */
export function foreignReferences(schema: JsonObject): string[] {
  const root = typeof schema.$id === 'string' ? schema.$id : NOWHERE
  const ids = new Set([absolute(root, NOWHERE)])
  const references: string[] = []
  visit(schema, (member, value) => {
    if (typeof value !== 'string') return
    if (REFERENCES.includes(member)) references.push(value)
    else if (member === '$id' || member === 'id') ids.add(absolute(value, root))
  })
  return references.filter((reference) => !reference.startsWith('#') && !ids.has(absolute(reference, root)))
}

/** Shows every member of a schema and of the schemas inside. */
function visit(value: unknown, see: (member: string, value: unknown) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) visit(one, see)
  } else if (isJsonObject(value)) {
    for (const [member, inner] of Object.entries(value)) {
      if (DATA.has(member)) continue
      see(member, inner)
      visit(inner, see)
    }
  }
}

/** References of the form `#/a/b` that lead nowhere. With several documents in one, only the interpreter can tell. */
export function danglingReferences(schema: JsonObject): string[] {
  const references: string[] = []
  let isOneDocument = true
  visit(schema, (member, value) => {
    if (REFERENCES.includes(member) && typeof value === 'string' && value.startsWith('#/')) references.push(value)
    if (member === '$id' || member === 'id') isOneDocument &&= value === schema[member] || typeof value !== 'string'
  })
  return isOneDocument ? references.filter((reference) => !leadsSomewhere(schema, reference)) : []
}

function leadsSomewhere(schema: JsonObject, pointer: string): boolean {
  let place: unknown = schema
  for (const part of pointer.split('/').slice(1)) {
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return false
    // proof: it has just been found to be an object with this member
    place = (place as JsonObject)[key]
  }
  return true
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // not percent-encoded, so it stands for itself
    return part
  }
}

/** Patterns that are no regular expressions, which would otherwise fail every call. */
export function brokenPatterns(schema: JsonObject): string[] {
  const patterns: string[] = []
  visit(schema, (member, value) => {
    if (member === 'pattern' && typeof value === 'string') patterns.push(value)
    if (member === 'patternProperties' && isJsonObject(value)) patterns.push(...Object.keys(value))
  })
  return patterns.filter((pattern) => !isPattern(pattern))
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    // the interpreter would fail at it in the same way
    return false
  }
}

/** A reference without its fragment, against a base. */
function absolute(reference: string, base: string): string {
  const [document = ''] = reference.split('#')
  return URL.canParse(document, base) ? new URL(document, base).href : document
}
