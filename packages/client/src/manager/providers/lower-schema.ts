import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { flatten } from './flatten.ts'
import { flattenRoot } from './flatten-root.ts'
import { entriesOf, stringsOf, typesOf } from './json-values.ts'
import { emitArray } from './lower-array.ts'
import { lowerConstraints, withHints } from './lower-constraints.ts'
import { anything, inferTypes, nullable, perType } from './lower-types.ts'
import { folded, lowerUnion, unionOf } from './lower-union.ts'
import { createLowering, type Lowering, type LoweringNote, pointer } from './lowering.ts'
import type { SchemaRules, TypeName } from './rules.ts'

const CHARACTERS_A_STEP = 64

/** A schema as one provider accepts it. */
export interface LoweredSchema {
  readonly schema: JsonObject
  readonly notes: readonly LoweringNote[]
  /** Why strict rules could not say what the schema says; empty where they could. */
  readonly obstacles: readonly string[]
  /** Which properties of a lowered object were optional before every property had to be required. */
  readonly optional: OptionalProperties
}

/** The lowered objects and the names of their properties for which null now means absent. */
export type OptionalProperties = WeakMap<object, ReadonlySet<string>>

/**
 * Says the schema of a tool's arguments in what a provider accepts. Takes anything, never throws, and its work is
 * bounded by `MAX_LOWERING_STEPS`; whatever the result says differently is in the notes.
 */
export function lowerSchema(schema: unknown, rules: SchemaRules): LoweredSchema {
  const lowering = createLowering(schema, rules)
  const optional: OptionalProperties = new WeakMap()
  const { schema: flat, refs } = flattenRoot(schema, lowering)
  const lowered = emit(flat, ['object'], { at: '', depth: 0, refs, lowering, optional })
  return { schema: lowered, notes: lowering.notes, obstacles: lowering.obstacles, optional }
}

/** Where the lowering stands. */
export interface Place {
  readonly at: string
  readonly depth: number
  readonly refs: readonly string[]
  readonly lowering: Lowering
  readonly optional: OptionalProperties
}

/** Lowers one schema at its place. */
export function lower(node: unknown, place: Place): JsonObject {
  const { at, depth, lowering } = place
  const { rules } = lowering
  if (!isJsonObject(node)) {
    if (node === false) lowering.note(at, 'false', 'looser', 'a schema nothing fits cannot be said')
    return anything(place)
  }
  if (depth > rules.maxDepth || !lowering.spend(1)) {
    lowering.note(at, '...', 'looser', 'the schema is too deep or too large; what is below is left open')
    lowering.obstacles.push(`${at} lies too deep`)
    return anything(place)
  }
  const { schema: flat, refs } = flatten(node, at, place.refs, lowering)
  const inside: Place = { ...place, refs }
  const union = unionOf(flat, inside)
  if (union !== undefined) return lowerUnion(union, inside, lower, emit)
  const types = typesOf(flat) ?? (rules.types === 'free' ? undefined : inferTypes(flat))
  if ('type' in flat && typesOf(flat) === undefined) lowering.note(at, 'type', 'looser', 'names no type there is')
  else if (types !== undefined && !('type' in flat) && !Array.isArray(flat.enum)) {
    lowering.note(at, 'type', 'narrower', 'has to be said, and was read from the other keywords')
  }
  if (types === undefined && rules.types !== 'free') {
    const { hints } = lowerConstraints(flat, undefined, inside)
    return described(anything(inside), flat, hints, inside)
  }
  if (types !== undefined && rules.types === 'one' && (types.length > 1 || types[0] === 'null')) {
    return perType(flat, types, inside, lower, emit)
  }
  return emit(flat, types, inside)
}

/** Long descriptions cost steps, for references repeat them. */
function affordable(description: unknown, { at, lowering }: Place): unknown {
  if (typeof description !== 'string' || lowering.spend(Math.floor(description.length / CHARACTERS_A_STEP)))
    return description
  lowering.note(at, 'description', 'same', 'the schema is too large for it')
  return undefined
}

/** Where nothing may stand beside anyOf, its words go into the branches. */
function described(schema: JsonObject, flat: JsonObject, hints: readonly string[], place: Place): JsonObject {
  const about = withHints({}, affordable(flat.description, place), hints)
  if (!Array.isArray(schema.anyOf)) return { ...schema, ...about }
  return folded(schema.anyOf.filter(isJsonObject), false, about, place, lower)
}

/** Writes a flat schema without unions, its types known or free. */
export function emit(flat: JsonObject, types: readonly TypeName[] | undefined, place: Place): JsonObject {
  const { schema, hints } = lowerConstraints(flat, types, place)
  const out = new Map<string, unknown>()
  if (types !== undefined) out.set('type', types.length === 1 ? types[0] : types)
  for (const [keyword, value] of schema) out.set(keyword, value)
  let optional: ReadonlySet<string> | undefined
  if (may(types, 'object')) optional = emitObject(flat, types, place, out, hints)
  if (may(types, 'array')) emitArray(flat, types, place, out, lower)
  const written = withHints(Object.fromEntries(out), affordable(flat.description, place), hints)
  if (optional !== undefined && optional.size > 0) place.optional.set(written, optional)
  return written
}

function emitObject(
  flat: JsonObject,
  types: readonly TypeName[] | undefined,
  place: Place,
  out: Map<string, unknown>,
  hints: string[],
): ReadonlySet<string> | undefined {
  const { at, depth, lowering } = place
  const { rules } = lowering
  const said = types?.includes('object') === true
  if (!said && !('properties' in flat) && !('required' in flat) && !('additionalProperties' in flat)) return undefined
  const declared = new Map(entriesOf(flat.properties))
  const required = new Set(stringsOf(flat.required))
  if (rules.unions === 'alone') {
    for (const key of required)
      if (!declared.has(key))
        declared.set(key, isJsonObject(flat.additionalProperties) ? flat.additionalProperties : true)
  }
  const properties: [string, JsonObject][] = []
  const optional = new Set<string>()
  for (const [key, value] of declared) {
    lowering.properties += 1
    lowering.spend(Math.floor(key.length / CHARACTERS_A_STEP))
    if (lowering.properties > rules.maxProperties) {
      lowering.note(at, 'properties', 'narrower', `there are more than ${rules.maxProperties}`)
      lowering.obstacles.push(`there are more than ${rules.maxProperties} properties`)
      break
    }
    const lowered = lower(value, { ...place, at: pointer(at, 'properties', key), depth: depth + 1 })
    if (rules.allRequired && !required.has(key)) {
      const both = nullable(lowered)
      if (both !== lowered) {
        optional.add(key)
        const marked = place.optional.get(lowered)
        if (marked !== undefined) place.optional.set(both, marked)
      }
      properties.push([key, both])
    } else {
      properties.push([key, lowered])
    }
  }
  if (properties.length > 0 || (depth === 0 && rules.undeclared !== 'unsaid') || rules.allRequired) {
    out.set('properties', Object.fromEntries(properties))
  }
  const written = properties.map(([key]) => key)
  const known = new Set(written)
  const needed = rules.unions === 'alone' ? [...required].filter((key) => known.has(key)) : [...required]
  const keys = rules.allRequired ? written : needed
  if (needed.length < required.size) lowering.note(at, 'required', 'looser', 'names properties that had to be left out')
  if (keys.length > 0 || rules.allRequired) out.set('required', keys)
  if (optional.size > 0)
    lowering.note(at, 'required', 'same', 'all are required now; null stands for a property left out')
  sayUndeclared(flat, properties.length, place, out, hints)
  return optional
}

function sayUndeclared(
  flat: JsonObject,
  declared: number,
  place: Place,
  out: Map<string, unknown>,
  hints: string[],
): void {
  const { at, depth, lowering } = place
  const value = flat.additionalProperties
  const typed = isJsonObject(value) && Object.keys(value).length > 0
  switch (lowering.rules.undeclared) {
    case 'said':
      if (typeof value === 'boolean') out.set('additionalProperties', value)
      else if (value !== undefined) {
        const inner: Place = { ...place, at: pointer(at, 'additionalProperties'), depth: depth + 1 }
        out.set('additionalProperties', lower(value, inner))
      }
      sayPatterns(flat, place, out)
      return
    case 'forbidden':
      out.set('additionalProperties', false)
      if ('patternProperties' in flat || typed || (declared === 0 && depth > 0 && value !== false)) {
        lowering.obstacles.push(`${at || 'the schema'} is an object of undeclared properties`)
      }
      if (value !== false)
        lowering.note(at, 'additionalProperties', 'narrower', 'only declared properties can be given')
      return
    case 'unsaid':
      if (value === false) lowering.note(at, 'additionalProperties', 'looser', 'cannot be said here')
      if (typed) {
        lowering.note(at, 'additionalProperties', 'looser', 'cannot be said here')
        const types = typesOf(value)
        if (types !== undefined) hints.push(`any keys, values of type ${types.join(' or ')}`)
      }
      if ('patternProperties' in flat) lowering.note(at, 'patternProperties', 'looser', 'cannot be said here')
      return
    default:
      lowering.rules.undeclared satisfies never
  }
}

function sayPatterns(flat: JsonObject, place: Place, out: Map<string, unknown>): void {
  const { at, depth, lowering } = place
  const patterns: [string, JsonObject][] = []
  for (const [pattern, value] of entriesOf(flat.patternProperties)) {
    if (isPattern(pattern)) {
      patterns.push([
        pattern,
        lower(value, { ...place, at: pointer(at, 'patternProperties', pattern), depth: depth + 1 }),
      ])
    } else {
      lowering.note(at, 'patternProperties', 'looser', 'is no regular expression')
    }
  }
  if (patterns.length > 0) out.set('patternProperties', Object.fromEntries(patterns))
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    // the answer is that it is none
    return false
  }
}

function may(types: readonly TypeName[] | undefined, type: TypeName): boolean {
  return types === undefined || types.includes(type)
}
