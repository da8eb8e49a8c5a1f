import type { JsonObject } from '@bao-mcp/protocol/engine'
import { Validator } from '@cfworker/json-schema'
import type { Verdict } from './validate.ts'

const DIALECTS: ReadonlyMap<string, '4' | '7' | '2019-09' | '2020-12'> = new Map([
  ['http://json-schema.org/draft-04/schema', '4'],
  ['http://json-schema.org/draft-07/schema', '7'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
])

/**
 * A check against a plain JSON Schema, without code generation and without fetching what a `$ref` names elsewhere.
 * Dialects: draft-04, draft-07, 2019-09 and, where none is named, 2020-12.
 * @throws {TypeError} for another dialect
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#json-schema-usage
 */
export function jsonSchemaChecker(schema: JsonObject): (value: unknown) => Verdict {
  const validator = new Validator(schema, dialectOf(schema), false)
  return (value) => {
    const { valid, errors } = validator.validate(value)
    if (valid) return { ok: true, value }
    // the library reports every schema on the way down; only the ones without a deeper cause say what to change
    const leaves = errors.filter((one) => !errors.some((other) => other !== one && isBelow(other, one)))
    return { ok: false, issues: leaves.map(({ instanceLocation, error }) => describe(instanceLocation, error)) }
  }
}

function dialectOf({ $schema }: JsonObject): '4' | '7' | '2019-09' | '2020-12' {
  if ($schema === undefined) return '2020-12'
  const dialect = typeof $schema === 'string' ? DIALECTS.get($schema.replace(/#$/, '')) : undefined
  if (dialect === undefined) throw new TypeError(`JSON Schema dialect ${JSON.stringify($schema)} is not supported`)
  return dialect
}

function isBelow(deep: { keywordLocation: string }, shallow: { keywordLocation: string }): boolean {
  return deep.keywordLocation.startsWith(`${shallow.keywordLocation}/`)
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
