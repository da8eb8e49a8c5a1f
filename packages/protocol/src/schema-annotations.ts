import { isJsonObject, type JsonObject } from './jsonrpc/message.ts'

/** Where a schema stands in another. */
export interface Place {
  /** True for the root and what is reached from it through `properties` alone. */
  readonly isReachable: boolean
  /** Keywords and names above it that tell places apart; 0 at the root. For a reachable place, the names of its path. */
  readonly depth: number
  readonly key: string
  readonly parent: Place | undefined
}

export interface Annotation {
  readonly place: Place
  /** The schema that has the keyword. */
  readonly schema: JsonObject
}

/** Keywords whose value is a schema or a list of schemas. */
const SCHEMAS: readonly string[] = [
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]
/** Keywords whose value has a schema in each member; the names of the members are no keywords. */
const MAPS: readonly string[] = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties']

const MAX_SHOWN_NAMES = 8
const MAX_SHOWN_LENGTH = 40

interface Visit {
  place: Place
  schema: unknown
}

/**
 * All schemas inside a schema that have a keyword, in the order they stand there. Data that only looks like a schema
 * (`default`, `enum`, …) is not searched. Depth costs no stack.
 */
export function annotationsOf(root: JsonObject, keyword: string): Annotation[] {
  const found: Annotation[] = []
  const waiting: Visit[] = [{ place: { isReachable: true, depth: 0, key: '', parent: undefined }, schema: root }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { place, schema } = next
    if (!isJsonObject(schema)) continue
    if (Object.hasOwn(schema, keyword)) {
      // the root is no property of anything
      found.push({ schema, place: place.depth === 0 ? { ...place, isReachable: false } : place })
    }
    for (const visit of schemasIn(schema, place).reverse()) waiting.push(visit)
  }
  return found
}

/** The names that lead to a reachable place. */
export function pathOf(place: Place): string[] {
  const path: string[] = []
  for (let at = place; at.parent !== undefined; at = at.parent) path.push(at.key)
  return path.reverse()
}

/** A place in words, of bounded length whatever the schema is: the last of its names. */
export function showPlace(place: Place): string {
  const names: string[] = []
  let at = place
  for (; at.parent !== undefined && names.length < MAX_SHOWN_NAMES; at = at.parent) {
    names.push(at.key.length > MAX_SHOWN_LENGTH ? `${at.key.slice(0, MAX_SHOWN_LENGTH)}…` : at.key)
  }
  if (names.length === 0) return 'the schema itself'
  if (at.parent !== undefined) names.push('…')
  return JSON.stringify(names.reverse().join('.'))
}

function schemasIn(schema: JsonObject, place: Place): Visit[] {
  const inner: Visit[] = []
  const { isReachable } = place
  if (isJsonObject(schema.properties)) addMembers(inner, schema.properties, isReachable, place)
  for (const keyword of MAPS) {
    const map = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined
    if (isJsonObject(map)) addMembers(inner, map, false, below(place, keyword, false))
  }
  for (const keyword of SCHEMAS) {
    if (!Object.hasOwn(schema, keyword)) continue
    const value = schema[keyword]
    const next = below(place, keyword, false)
    if (!Array.isArray(value)) inner.push({ place: next, schema: value })
    else
      for (const [index, one] of value.entries()) inner.push({ place: below(next, String(index), false), schema: one })
  }
  return inner
}

function addMembers(inner: Visit[], map: JsonObject, isReachable: boolean, parent: Place): void {
  for (const name of Object.keys(map)) inner.push({ place: below(parent, name, isReachable), schema: map[name] })
}

function below(parent: Place, key: string, isReachable: boolean): Place {
  return { isReachable, depth: parent.depth + 1, key, parent }
}
