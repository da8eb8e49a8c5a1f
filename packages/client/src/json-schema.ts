import { InvalidResultError, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { type SchemaDraft, type ValidationResult, Validator } from '@cfworker/json-schema'

/** What is wrong with a value, place by place; empty when nothing is. */
export type SchemaChecker = (value: unknown) => readonly string[]

const DIALECTS: ReadonlyMap<string, SchemaDraft> = new Map([
  ['http://json-schema.org/draft-04/schema', '4'],
  ['http://json-schema.org/draft-07/schema', '7'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
])
/** Length of a schema as JSON, in UTF-16 units. */
const MAX_SCHEMA_LENGTH = 256 * 1024
/** A repetition of something that repeats: the time such a pattern takes can double with every character. */
const REPEATS_REPETITION = /[+*}]\??\)(?:[+*]|\{\d)/

const checkers = new WeakMap<JsonObject, SchemaChecker>()

/**
 * A check against a JSON Schema that came from a server, made once for each schema. It is interpreted, and nothing it
 * refers to elsewhere is fetched.
 * @param method whose answer is checked
 * @throws {InvalidResultError} for a dialect that is not known, and for a schema whose check might take for ever
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#json-schema-usage
 */
export function schemaChecker(schema: JsonObject, method: string): SchemaChecker {
  const known = checkers.get(schema)
  if (known !== undefined) return known
  const made = makeChecker(schema, method)
  checkers.set(schema, made)
  return made
}

function makeChecker(schema: JsonObject, method: string): SchemaChecker {
  mustBeModest(schema, method)
  const validator = new Validator(schema, dialectOf(schema, method), false)
  return (value) => {
    const result = attempt(validator, value, method)
    if (typeof result === 'string') return [result]
    if (result.valid) return []
    // every schema on the way down is reported; only the ones without a deeper cause say what is wrong
    const causes = new Set(result.errors.flatMap(({ keywordLocation }) => placesAbove(keywordLocation)))
    const leaves = result.errors.filter(({ keywordLocation }) => !causes.has(keywordLocation))
    return leaves.map(({ instanceLocation, error }) => describe(instanceLocation, error))
  }
}

function dialectOf({ $schema }: JsonObject, method: string): SchemaDraft {
  if ($schema === undefined) return '2020-12'
  const dialect = typeof $schema === 'string' ? DIALECTS.get($schema.replace(/#$/, '')) : undefined
  if (dialect !== undefined) return dialect
  throw unusable(method, `the dialect ${JSON.stringify($schema)} is not one of ${[...DIALECTS.keys()].join(', ')}`)
}

function mustBeModest(schema: JsonObject, method: string): void {
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) {
    throw unusable(method, `it is longer than ${MAX_SCHEMA_LENGTH} characters`)
  }
  let hasIds = false
  const references: string[] = []
  visit(schema, ({ pattern, patternProperties, $id, $ref }) => {
    hasIds ||= typeof $id === 'string'
    if (typeof $ref === 'string') references.push($ref)
    const patterns = isJsonObject(patternProperties) ? Object.keys(patternProperties) : []
    for (const one of [pattern, ...patterns]) {
      if (typeof one !== 'string' || !REPEATS_REPETITION.test(one)) continue
      throw unusable(method, `the pattern ${JSON.stringify(one)} repeats a repetition, which may take for ever`)
    }
  })
  // with names of its own for its parts, only the interpreter can tell
  const foreign = hasIds ? undefined : references.find((reference) => !reference.startsWith('#'))
  if (foreign === undefined) return
  throw unusable(method, `${JSON.stringify(foreign)} is not part of it, and nothing is fetched`)
}

function visit(value: unknown, see: (schema: JsonObject) => void): void {
  if (isJsonObject(value)) see(value)
  else if (!Array.isArray(value)) return
  for (const one of Object.values(value)) visit(one, see)
}

/** Whatever else the interpreter throws is the schema's fault: a reference or a pattern it cannot make sense of. */
function attempt(validator: Validator, value: unknown, method: string): ValidationResult | string {
  try {
    return validator.validate(value)
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deeply to be checked'
    if (error instanceof URIError) return 'the name of a member holds half of a surrogate pair'
    // the first line: the others list the whole schema
    throw unusable(method, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
}

function unusable(method: string, words: string): InvalidResultError {
  return new InvalidResultError(method, `the outputSchema the tool was listed with cannot be used: ${words}`)
}

function placesAbove(location: string): string[] {
  const parts = location.split('/')
  return parts.slice(1, -1).map((_, index) => parts.slice(0, index + 2).join('/'))
}

/** `#/a/0/b` becomes `a[0].b`, as the other kind of schema writes it. */
function describe(pointer: string, message: string): string {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`), '')
  return path === '' ? message : `${path}: ${message}`
}
