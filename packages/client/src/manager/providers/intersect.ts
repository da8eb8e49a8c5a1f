import type { JsonObject } from '@bao-mcp/protocol/engine'
import { entriesOf, sameJson, stringsOf, typesOf } from './json-values.ts'
import type { Lowering } from './lowering.ts'
import { SILENT_KEYWORDS, type TypeName } from './rules.ts'

const LARGER_WINS = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'])
const SMALLER_WINS = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'])
const OF_OBJECTS = new Set(['properties', 'patternProperties', 'additionalProperties'])

/**
 * One schema for what two flat ones accept together. What cannot be joined is left to the first, with a note.
 */
export function intersect(a: JsonObject, b: JsonObject, at: string, lowering: Lowering): JsonObject {
  const out = new Map<string, unknown>(Object.entries(a))
  for (const [keyword, value] of Object.entries(b)) {
    if (OF_OBJECTS.has(keyword)) continue
    if (!out.has(keyword)) out.set(keyword, value)
    else join(out, keyword, value, at, lowering)
  }
  if ([...OF_OBJECTS].some((keyword) => keyword in a) && [...OF_OBJECTS].some((keyword) => keyword in b)) {
    for (const keyword of OF_OBJECTS) out.delete(keyword)
    for (const [keyword, value] of objectsTogether(a, b, at, lowering)) out.set(keyword, value)
  } else {
    for (const keyword of OF_OBJECTS) if (keyword in b) out.set(keyword, b[keyword])
  }
  return Object.fromEntries(out)
}

function join(out: Map<string, unknown>, keyword: string, value: unknown, at: string, lowering: Lowering): void {
  const mine = out.get(keyword)
  if (SILENT_KEYWORDS.has(keyword) || sameJson(mine, value)) return
  const lost = (): void => lowering.note(at, keyword, 'looser', 'two of these cannot be said as one')
  if (LARGER_WINS.has(keyword) || SMALLER_WINS.has(keyword)) {
    if (typeof mine !== 'number') out.set(keyword, value)
    else if (typeof value === 'number') out.set(keyword, (LARGER_WINS.has(keyword) ? Math.max : Math.min)(mine, value))
    return
  }
  switch (keyword) {
    case 'type': {
      const types = commonTypes(typesOf({ type: mine }), typesOf({ type: value }))
      if (types.length === 0) return lost()
      out.set(keyword, types.length === 1 ? types[0] : types)
      return
    }
    case 'required': {
      const both = new Set([...stringsOf(mine), ...stringsOf(value)])
      if (!lowering.spend(both.size)) return lost()
      out.set(keyword, [...both])
      return
    }
    case 'enum': {
      const theirs: readonly unknown[] = Array.isArray(value) ? value : []
      const list: readonly unknown[] = Array.isArray(mine) ? mine : []
      if (!lowering.spend(list.length)) return lost()
      const scalars = new Set(theirs)
      const kept = list.filter((one) => scalars.has(one) || theirs.slice(0, 50).some((other) => sameJson(one, other)))
      if (kept.length === 0) return lost()
      out.set(keyword, kept)
      return
    }
    case 'items':
      if (Array.isArray(mine) || Array.isArray(value) || out.has('prefixItems')) return lost()
      out.set(keyword, { allOf: [mine, value] })
      return
    case 'anyOf':
    case 'oneOf': {
      const branches: readonly unknown[] = Array.isArray(mine) ? mine : []
      if (!lowering.spend(branches.length)) return lost()
      out.set(
        keyword,
        branches.map((branch) => ({ allOf: [branch, { [keyword]: value }] })),
      )
      return
    }
    case 'uniqueItems':
      out.set(keyword, mine === true || value === true)
      return
    default:
      lost()
  }
}

function commonTypes(a: readonly TypeName[] | undefined, b: readonly TypeName[] | undefined): readonly TypeName[] {
  if (a === undefined || b === undefined) return a ?? b ?? []
  const both = a.filter((type) => b.includes(type) || (type === 'integer' && b.includes('number')))
  const whole = b.includes('integer') && a.includes('number') && !both.includes('integer')
  return whole ? [...both, 'integer'] : both
}

/** A property only one side declares still has to pass what the other says of undeclared ones. */
function objectsTogether(a: JsonObject, b: JsonObject, at: string, lowering: Lowering): [string, unknown][] {
  const mine = new Map(entriesOf(a.properties))
  const theirs = new Map(entriesOf(b.properties))
  const patterned = 'patternProperties' in a || 'patternProperties' in b
  if (patterned) lowering.note(at, 'patternProperties', 'looser', 'joined with another schema of the same object')
  const others = (side: JsonObject): unknown => ('patternProperties' in side ? true : side.additionalProperties)
  const joined: [string, unknown][] = []
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    if (!lowering.spend(1)) {
      lowering.note(at, 'properties', 'looser', 'the schema is too large to be joined whole')
      break
    }
    const parts = [mine.has(key) ? mine.get(key) : others(a), theirs.has(key) ? theirs.get(key) : others(b)]
    const said = parts.filter((part) => part !== undefined && part !== true)
    if (said.includes(false)) continue
    joined.push([key, said.length > 1 ? { allOf: said } : (said[0] ?? true)])
  }
  const rest = [others(a), others(b)].filter((part) => part !== undefined && part !== true)
  const closed = rest.includes(false)
  return [
    ['properties', Object.fromEntries(joined)],
    ...(rest.length === 0
      ? []
      : ([['additionalProperties', closed ? false : rest.length > 1 ? { allOf: rest } : rest[0]]] satisfies [
          string,
          unknown,
        ][])),
  ]
}
