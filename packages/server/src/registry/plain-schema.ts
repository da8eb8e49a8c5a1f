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
  collect(schema)
  return references.filter((reference) => !reference.startsWith('#') && !ids.has(absolute(reference, root)))

  function collect(value: unknown): void {
    if (Array.isArray(value)) return value.forEach(collect)
    if (!isJsonObject(value)) return
    for (const [member, inner] of Object.entries(value)) {
      if (DATA.has(member)) continue
      if (typeof inner !== 'string') collect(inner)
      else if (REFERENCES.includes(member)) references.push(inner)
      else if (member === '$id' || member === 'id') ids.add(absolute(inner, root))
    }
  }
}

/** A reference without its fragment, against a base. */
function absolute(reference: string, base: string): string {
  const [document = ''] = reference.split('#')
  return URL.canParse(document, base) ? new URL(document, base).href : document
}
