import type { JsonObject } from '@bao-mcp/protocol/engine'
import { Validator } from '@cfworker/json-schema'
import { dialectOf } from './plain-schema.ts'
import type { Verdict } from './validate.ts'

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
