import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type OutputUnit, type ValidationResult, Validator } from '@cfworker/json-schema'
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
    const result = attempt(validator, value)
    if (typeof result === 'string') return { ok: false, issues: [result] }
    if (result.valid) return { ok: true, value }
    // the library reports every schema on the way down; only the ones without a deeper cause say what to change
    const causes = placesAbove(result.errors)
    const leaves = result.errors.filter(({ keywordLocation }) => !causes.has(keywordLocation))
    return { ok: false, issues: leaves.map(({ instanceLocation, error }) => describe(instanceLocation, error)) }
  }
}

/** Some values are beyond the library: it throws, which is still the value's fault and not the server's. */
function attempt(validator: Validator, value: unknown): ValidationResult | string {
  try {
    return validator.validate(value)
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deeply to be checked'
    if (error instanceof URIError) return 'the name of a member holds half of a surrogate pair'
    throw error
  }
}

/** All places in the schema above those of the errors. There are few, however many values fail at them. */
function placesAbove(errors: readonly OutputUnit[]): ReadonlySet<string> {
  const above = new Set<string>()
  for (const { keywordLocation } of errors) {
    let end = keywordLocation.lastIndexOf('/')
    for (; end > 0 && !above.has(keywordLocation.slice(0, end)); end = keywordLocation.lastIndexOf('/', end - 1)) {
      above.add(keywordLocation.slice(0, end))
    }
  }
  return above
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
