import type { JsonObject } from '@bao-mcp/protocol/engine'
import { typeOf } from './json-values.ts'
import type { emit as Emit, lower as Lower, Place } from './lower-schema.ts'
import { folded } from './lower-union.ts'
import type { TypeName } from './rules.ts'

const SAYS: readonly [TypeName, readonly string[]][] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'maxProperties']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems']],
  ['string', ['pattern', 'minLength', 'maxLength', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
]

/** The types a schema that names none is about. */
export function inferTypes(flat: JsonObject): readonly TypeName[] | undefined {
  if (Array.isArray(flat.enum) && flat.enum.length > 0) {
    const types = [...new Set(flat.enum.slice(0, 1000).map(typeOf))]
    return types.includes('number') ? types.filter((type) => type !== 'integer') : types
  }
  const found = SAYS.filter(([, keywords]) => keywords.some((keyword) => keyword in flat)).map(([type]) => type)
  return found.length === 0 ? undefined : found
}

/** The schema of any value, as far as the provider can say it. */
export function anything({ at, lowering }: Place): JsonObject {
  switch (lowering.rules.types) {
    case 'free':
      return {}
    case 'required':
      lowering.obstacles.push(`${at || 'the schema'} takes any value`)
      lowering.note(at, 'type', 'narrower', 'has to be said; only scalars are left of any value')
      return { type: ['string', 'number', 'boolean', 'null'] }
    case 'one':
      lowering.note(at, 'type', 'narrower', 'has to be said; only scalars are left of any value')
      return { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] }
    default:
      return lowering.rules.types satisfies never
  }
}

/** The schema with null allowed as well; itself where it already is. Only for providers that say null as a type. */
export function nullable(schema: JsonObject): JsonObject {
  const { type } = schema
  if (Array.isArray(schema.anyOf)) {
    const open = schema.anyOf.some((branch) => nullable(branch) === branch)
    return open ? schema : { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] }
  }
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  const values: readonly unknown[] | undefined = Array.isArray(schema.enum) ? schema.enum : undefined
  if (types.includes('null') && (values === undefined || values.includes(null))) return schema
  return {
    ...schema,
    type: types.includes('null') ? types : [...types, 'null'],
    ...(values === undefined || values.includes(null) ? {} : { enum: [...values, null] }),
  }
}

/** A union of one schema for each type, for a provider that takes one type at a time. */
export function perType(
  flat: JsonObject,
  types: readonly TypeName[],
  place: Place,
  lower: typeof Lower,
  emit: typeof Emit,
): JsonObject {
  const listed: readonly unknown[] | undefined = Array.isArray(flat.enum) ? flat.enum : undefined
  const values = listed !== undefined && place.lowering.spend(listed.length) ? listed : undefined
  if (listed !== values) place.lowering.note(place.at, 'enum', 'looser', 'the schema is too large')
  const branches: JsonObject[] = []
  let allowsNull = false
  for (const type of types) {
    const fitting = values?.filter(
      (value) => typeOf(value) === type || (type === 'number' && typeOf(value) === 'integer'),
    )
    if (fitting?.length === 0) continue
    if (type === 'null') {
      allowsNull = true
      continue
    }
    const { type: _, description: __, enum: ___, ...rest } = flat
    const one = { ...rest, type, ...(fitting === undefined ? {} : { enum: fitting }) }
    branches.push(emit(one, [type], place))
  }
  return folded(branches, allowsNull, flat, place, lower)
}
