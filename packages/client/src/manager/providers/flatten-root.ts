import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { type Flat, flatten } from './flatten.ts'
import { intersect } from './intersect.ts'
import { entriesOf, stringsOf, typesOf } from './json-values.ts'
import type { Lowering } from './lowering.ts'

const MAX_ROOT_DEPTH = 4
const MAX_ROOT_BRANCHES = 100
const OF_THE_ROOT = new Set([
  'type',
  'title',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'patternProperties',
  'minProperties',
  'maxProperties',
])

/**
 * The schema of the arguments as one object without unions, for no provider takes a union at the root: the properties
 * of all branches together, of which those are required that every branch requires.
 */
export function flattenRoot(schema: unknown, lowering: Lowering): Flat {
  if (!isJsonObject(schema)) {
    lowering.note('', 'type', 'looser', 'the schema is none of an object; any arguments are taken')
    return { schema: {}, refs: [] }
  }
  const { schema: whole, refs } = flatten(schema, '', [], lowering)
  const flat = withoutUnions(whole, refs, lowering, 0)
  const types = typesOf(flat)
  if (types !== undefined && !(types.length === 1 && types[0] === 'object')) {
    lowering.note('', 'type', types.includes('object') ? 'narrower' : 'looser', 'arguments are an object')
  }
  const kept: [string, unknown][] = []
  for (const [keyword, value] of Object.entries(flat)) {
    if (OF_THE_ROOT.has(keyword)) kept.push([keyword, value])
    else if (!keyword.startsWith('$') && keyword !== 'definitions') {
      lowering.note('', keyword, 'looser', 'not taken at the root')
    }
  }
  return { schema: Object.fromEntries(kept), refs }
}

function withoutUnions(flat: JsonObject, refs: readonly string[], lowering: Lowering, depth: number): JsonObject {
  const { anyOf, oneOf, ...rest } = flat
  let all: JsonObject = rest
  for (const [keyword, branches] of [
    ['anyOf', anyOf],
    ['oneOf', oneOf],
  ] satisfies [string, unknown][]) {
    if (!Array.isArray(branches)) continue
    lowering.note('', keyword, 'looser', 'the branches at the root were joined to one object')
    if (depth >= MAX_ROOT_DEPTH || branches.length > MAX_ROOT_BRANCHES) continue
    const objects = branches
      .filter(isJsonObject)
      .map((branch) => withoutUnions(flatten(branch, '', refs, lowering).schema, refs, lowering, depth + 1))
      .filter((branch) => typesOf(branch)?.includes('object') ?? true)
    if (objects.length > 0) all = intersect(all, together(objects, lowering), '', lowering)
  }
  return all
}

function together(branches: readonly JsonObject[], lowering: Lowering): JsonObject {
  const versions = new Map<string, unknown[]>()
  for (const branch of branches) {
    for (const [key, value] of entriesOf(branch.properties)) {
      if (!lowering.spend(1)) break
      const known = versions.get(key)
      if (known === undefined) versions.set(key, [value])
      else known.push(value)
    }
  }
  const properties = [...versions].map(([key, known]) => [key, known.length === 1 ? known[0] : { anyOf: known }])
  const [first, ...others] = branches.map((branch) => new Set(stringsOf(branch.required)))
  const required = [...(first ?? [])].filter((key) => others.every((other) => other.has(key)))
  const shut = branches.every((branch) => branch.additionalProperties === false && !('patternProperties' in branch))
  return {
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
    ...(shut ? { additionalProperties: false } : {}),
  }
}
