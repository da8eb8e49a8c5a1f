import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type { TypeName } from './rules.ts'

const MAX_VALUE_DEPTH = 8
const MAX_VALUE_MEMBERS = 200
const MAX_VALUE_CHARACTERS = 10_000
const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])

/** Whether a value from a schema is small enough to be passed on as it is. */
export function isSmall(value: unknown): boolean {
  let left = MAX_VALUE_MEMBERS
  let characters = MAX_VALUE_CHARACTERS
  const visit = (inner: unknown, depth: number): boolean => {
    left -= 1
    if (typeof inner === 'string') characters -= inner.length
    if (left < 0 || characters < 0 || depth > MAX_VALUE_DEPTH) return false
    if (typeof inner !== 'object' || inner === null) return true
    return Object.entries(inner).every(([key, member]) => {
      characters -= key.length
      return visit(member, depth + 1)
    })
  }
  return visit(value, 0)
}

/** Whether two values are the same JSON, the order of members aside; values deeper than a schema holds never are. */
export function sameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > 64) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((member, index) => sameJson(member, b[index], depth + 1))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  const left = new Map(Object.entries(a))
  return Object.entries(b).every(([key, value]) => left.has(key) && sameJson(left.get(key), value, depth + 1))
}

/** The JSON type of a value; a whole number is an `integer`. */
export function typeOf(value: unknown): TypeName {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    default:
      return 'object'
  }
}

/** The types a schema names, or undefined where it names none that exist. */
export function typesOf({ type }: JsonObject): readonly TypeName[] | undefined {
  const named = [...new Set(Array.isArray(type) ? type.slice(0, 16) : [type])].filter(isTypeName)
  if (named.length === 0) return undefined
  return named.includes('number') ? named.filter((name) => name !== 'integer') : named
}

/** The members of an object of schemas, in order. */
export function entriesOf(value: unknown): [string, unknown][] {
  return isJsonObject(value) ? Object.entries(value) : []
}

/** The strings of a list. */
export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : []
}

function isTypeName(value: unknown): value is TypeName {
  return typeof value === 'string' && TYPES.has(value)
}
