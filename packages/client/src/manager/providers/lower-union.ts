import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { flatten } from './flatten.ts'
import { sameJson, stringsOf, typesOf } from './json-values.ts'
import { withHints } from './lower-constraints.ts'
import type { emit as Emit, lower as Lower, Place } from './lower-schema.ts'
import { type Lowering, pointer } from './lowering.ts'

const MAX_BRANCHES = 100
/** Literals and required properties two branches are told apart by. */
const MAX_COMPARED = 20
const ABOUT = new Set(['title', 'description', 'default', 'examples'])

/** A schema that is one of several. */
export interface Union {
  readonly branches: readonly unknown[]
  readonly keyword: 'anyOf' | 'oneOf'
  /** What every branch has to fit as well. */
  readonly rest: JsonObject
}

/** The union a flat schema is, or undefined where it is none. */
export function unionOf(flat: JsonObject, { at, lowering }: Place): Union | undefined {
  const { oneOf, anyOf, ...rest } = flat
  if (Array.isArray(anyOf) && Array.isArray(oneOf)) {
    return { keyword: 'anyOf', branches: anyOf.map((branch) => ({ allOf: [branch, { oneOf }] })), rest }
  }
  const keyword = Array.isArray(anyOf) ? 'anyOf' : 'oneOf'
  const branches: unknown = flat[keyword]
  if (!Array.isArray(branches)) return undefined
  if (branches.length > 0 && branches.length <= MAX_BRANCHES) return { keyword, branches, rest }
  lowering.note(at, keyword, 'looser', `has ${branches.length} branches, of ${MAX_BRANCHES} at most`)
  return { keyword, branches: [true], rest }
}

/** Writes a union as `anyOf`, or as less where it comes down to less. */
export function lowerUnion(union: Union, place: Place, lower: typeof Lower, emit: typeof Emit): JsonObject {
  const { at, refs, lowering } = place
  const { rules } = lowering
  const { keyword, rest } = union
  const about = Object.fromEntries(Object.entries(rest).filter(([key]) => ABOUT.has(key)))
  const common = Object.fromEntries(Object.entries(rest).filter(([key]) => !ABOUT.has(key)))
  const flats = union.branches.map((branch, index) =>
    isJsonObject(branch) ? flatten(branch, pointer(at, keyword, index), refs, lowering).schema : undefined,
  )
  if (keyword === 'oneOf' && !exclusive(flats, lowering)) {
    lowering.note(at, 'oneOf', 'looser', 'said as anyOf, and the branches may overlap')
  }
  const aside = rules.unions === 'beside'
  // a branch anything fits says nothing: the union is what stands beside it
  const open =
    keyword === 'anyOf'
      ? union.branches.some((branch) => branch === true || isEmpty(branch))
      : union.branches.includes(true)
  if (open) {
    if (keyword === 'oneOf') lowering.note(at, 'oneOf', 'looser', 'one of its branches fits anything')
    return lower(rest, place)
  }
  const branches: JsonObject[] = []
  let allowsNull = false
  for (const [index, branch] of union.branches.entries()) {
    if (!isJsonObject(branch)) continue
    const inner: Place = { ...place, at: pointer(at, keyword, index), depth: place.depth + 1 }
    const node = aside || Object.keys(common).length === 0 ? branch : { allOf: [branch, common] }
    const types = typesOf(flatten(node, inner.at, refs, lowering).schema)
    if (rules.nulls === 'keyword' && types?.length === 1 && types[0] === 'null') allowsNull = true
    else branches.push(lower(node, inner))
  }
  const whole = folded(branches, allowsNull, about, place, lower)
  if (!aside || Object.keys(common).length === 0) return whole
  const parent = emit({ ...common, ...about }, typesOf(common), place)
  const joined = Object.keys(whole).some(
    (key) => key in parent && key !== 'description' && key !== 'title' && key !== 'default',
  )
  return joined ? { ...parent, anyOf: branches } : { ...whole, ...parent }
}

/** One schema for some lowered branches. */
export function folded(
  lowered: readonly JsonObject[],
  allowsNull: boolean,
  about: JsonObject,
  place: Place,
  lower: typeof Lower,
): JsonObject {
  const { rules } = place.lowering
  // where a union stands alone, one inside another is a longer one
  const level = rules.nulls === 'type' ? lowered : lowered.flatMap((branch) => branchesOf(branch))
  const branches = [...new Map(level.map((branch) => [JSON.stringify(branch), branch])).values()]
  const words = Object.fromEntries(
    Object.entries(about).filter(
      ([key]) => (key === 'title' || key === 'default') && rules.keywords.has(key) && typeof about[key] === 'string',
    ),
  )
  const only = branches[0]
  if (only === undefined) {
    place.lowering.note(place.at, 'anyOf', 'looser', 'no branch is left')
    return lower(allowsNull ? { type: ['string', 'null'] } : true, place)
  }
  const one = branches.length === 1 ? only : oneEnum(branches)
  if (one !== undefined) {
    const described = withHints({ ...words, ...one }, about.description ?? one.description, [])
    const marked = place.optional.get(one)
    const result = allowsNull ? { ...described, nullable: true } : described
    if (marked !== undefined) place.optional.set(result, marked)
    return result
  }
  if (rules.nulls === 'type') return withHints({ ...words, anyOf: branches }, about.description, [])
  // nothing may stand beside anyOf there, so its words and null go into the branches
  return {
    anyOf: branches.map((branch) => ({
      ...withHints(branch, branch.description ?? about.description, []),
      ...(allowsNull ? { nullable: true } : {}),
    })),
  }
}

function branchesOf(schema: JsonObject): readonly JsonObject[] {
  return Array.isArray(schema.anyOf) ? schema.anyOf.filter(isJsonObject) : [schema]
}

/** Literals of one type are an enum. */
function oneEnum(branches: readonly JsonObject[]): JsonObject | undefined {
  const type = branches[0]?.type
  const plain = branches.every(
    (branch) =>
      typeof branch.type === 'string' &&
      branch.type === type &&
      Array.isArray(branch.enum) &&
      Object.keys(branch).every((key) => key === 'type' || key === 'enum' || key === 'title' || key === 'description'),
  )
  if (!plain) return undefined
  return { type, enum: [...new Set(branches.flatMap((branch) => (Array.isArray(branch.enum) ? branch.enum : [])))] }
}

/** Whether no value can fit two of the schemas, as far as types and literals tell within the work allowed. */
function exclusive(flats: readonly (JsonObject | undefined)[], lowering: Lowering): boolean {
  return flats.every((a, index) =>
    flats.slice(index + 1).every((b) => a !== undefined && b !== undefined && lowering.spend(1) && apart(a, b)),
  )
}

function apart(a: JsonObject, b: JsonObject): boolean {
  const [ours, theirs] = [typesOf(a), typesOf(b)]
  const number = (type: string): string => (type === 'integer' ? 'number' : type)
  if (ours !== undefined && theirs !== undefined) {
    const names = new Set(theirs.map(number))
    if (!ours.some((type) => names.has(number(type)))) return true
  }
  if (literalsApart(a, b)) return true
  const [mine, others] = [a.properties, b.properties]
  if (!isJsonObject(mine) || !isJsonObject(others) || !ours?.every((type) => type === 'object')) return false
  if (!Array.isArray(a.required) || !Array.isArray(b.required)) return false
  const required = new Set(stringsOf(b.required.slice(0, MAX_COMPARED)))
  return stringsOf(a.required.slice(0, MAX_COMPARED)).some((key) => {
    const [one, other] = [mine[key], others[key]]
    return required.has(key) && isJsonObject(one) && isJsonObject(other) && literalsApart(one, other)
  })
}

function literalsApart(a: JsonObject, b: JsonObject): boolean {
  const literals = (schema: JsonObject): readonly unknown[] | undefined =>
    'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined
  const [mine, others] = [literals(a), literals(b)]
  if (mine === undefined || others === undefined || mine.length + others.length > 2 * MAX_COMPARED) return false
  return !mine.some((value) => others.some((other) => sameJson(value, other)))
}

function isEmpty(branch: unknown): boolean {
  return isJsonObject(branch) && Object.keys(branch).every((key) => ABOUT.has(key))
}
