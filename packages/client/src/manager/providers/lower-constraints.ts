import type { JsonObject } from '@bao-mcp/protocol/engine'
import { isSmall, typeOf } from './json-values.ts'
import type { Place } from './lower-schema.ts'
import { SILENT_KEYWORDS, type TypeName } from './rules.ts'

/** Longest text of what could not be said, in characters. */
const MAX_HINT_LENGTH = 300
const MAX_PATTERN_LENGTH = 1000

interface Constraint {
  readonly types: readonly TypeName[]
  wellFormed(value: unknown): boolean
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isPositive = (value: unknown): boolean => isNumber(value) && Number(value) > 0
const NUMERIC: readonly TypeName[] = ['number', 'integer']

/** Keywords with a value of their own, and the types they say something about. */
const CONSTRAINTS: ReadonlyMap<string, Constraint> = new Map(
  Object.entries({
    minLength: { types: ['string'], wellFormed: isCount },
    maxLength: { types: ['string'], wellFormed: isCount },
    pattern: { types: ['string'], wellFormed: isPattern },
    format: { types: ['string', ...NUMERIC], wellFormed: (value) => typeof value === 'string' },
    minimum: { types: NUMERIC, wellFormed: isNumber },
    maximum: { types: NUMERIC, wellFormed: isNumber },
    exclusiveMinimum: { types: NUMERIC, wellFormed: isNumber },
    exclusiveMaximum: { types: NUMERIC, wellFormed: isNumber },
    multipleOf: { types: NUMERIC, wellFormed: isPositive },
    minItems: { types: ['array'], wellFormed: isCount },
    maxItems: { types: ['array'], wellFormed: isCount },
    uniqueItems: { types: ['array'], wellFormed: (value) => typeof value === 'boolean' },
    minProperties: { types: ['object'], wellFormed: isCount },
    maxProperties: { types: ['object'], wellFormed: isCount },
  } satisfies Record<string, Constraint>),
)
/** Written where objects, arrays, unions and references are. */
const ELSEWHERE = new Set([
  'type',
  'properties',
  'required',
  'items',
  'prefixItems',
  'additionalItems',
  'additionalProperties',
  'patternProperties',
  'anyOf',
  'oneOf',
  'description',
])
const NO_NEWS = new Set([
  '$schema',
  '$id',
  'id',
  '$comment',
  '$defs',
  'definitions',
  '$anchor',
  '$vocabulary',
  'description',
  'title',
])

/** Keywords that hold a value, and what had to be left to words. */
export interface Constraints {
  readonly schema: readonly [string, unknown][]
  readonly hints: string[]
}

/** Writes what a flat schema says beside its type and its parts. */
export function lowerConstraints(flat: JsonObject, types: readonly TypeName[] | undefined, place: Place): Constraints {
  const { at, lowering } = place
  const { rules } = lowering
  const schema: [string, unknown][] = []
  const hints: string[] = []
  const lost = (keyword: string, why: string): void => {
    lowering.note(at, keyword, 'looser', why)
    const value = flat[keyword]
    if (typeof value === 'string' || typeof value === 'number')
      hints.push(`${keyword} ${value}`.slice(0, MAX_HINT_LENGTH))
  }
  for (const [keyword, value] of Object.entries(flat)) {
    if (ELSEWHERE.has(keyword)) continue
    if (SILENT_KEYWORDS.has(keyword)) {
      const kept = rules.keywords.has(keyword) && (keyword !== 'title' || typeof value === 'string') && isSmall(value)
      if (kept) schema.push([keyword, value])
      else if (!NO_NEWS.has(keyword)) lowering.note(at, keyword, 'same', 'an annotation that is not taken')
      continue
    }
    if (keyword === 'enum') {
      sayEnum(value, types, place, schema, hints)
      continue
    }
    const constraint = CONSTRAINTS.get(keyword)
    if (constraint === undefined) {
      // a keyword nobody knows constrains nothing
      lowering.note(at, keyword, ASSERTING.has(keyword) ? 'looser' : 'same', 'not taken')
    } else if (types !== undefined && !constraint.types.some((type) => types.includes(type))) {
      lowering.note(at, keyword, 'same', `says nothing of ${types.join(' or ')}`)
    } else if (!constraint.wellFormed(value)) {
      lowering.note(at, keyword, 'looser', 'its value is none the keyword can have')
    } else if (!rules.keywords.has(keyword)) {
      if (!keyword.startsWith('exclusive') || !sayBound(keyword, Number(value), types, place, schema))
        lost(keyword, 'not taken')
    } else if (keyword === 'format' && rules.formats !== 'any' && !rules.formats.has(String(value))) {
      lost(keyword, 'this format is not taken')
    } else if (keyword === 'pattern' && rules.plainPatterns && /\(\?[=!<]|\\[1-9]|\\k</.test(String(value))) {
      lost(keyword, 'look-around and back-references are not taken')
    } else {
      schema.push([keyword, value])
    }
  }
  return { schema: merged(schema), hints }
}

/** Puts what could not be said as a schema into the description. */
export function withHints(schema: JsonObject, description: unknown, hints: readonly string[]): JsonObject {
  const words = typeof description === 'string' ? description : ''
  const more = hints.length === 0 ? '' : `(${hints.join('; ').slice(0, MAX_HINT_LENGTH)})`
  const text = [words, more].filter((part) => part !== '').join(' ')
  return text === '' ? schema : { ...schema, description: text }
}

const ASSERTING = new Set([
  'not',
  'if',
  'then',
  'else',
  'contains',
  'minContains',
  'maxContains',
  'propertyNames',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
])

function sayEnum(
  value: unknown,
  types: readonly TypeName[] | undefined,
  { at, lowering }: Place,
  schema: [string, unknown][],
  hints: string[],
): void {
  const { rules } = lowering
  const listed: readonly unknown[] = Array.isArray(value) ? value : []
  const fits = (one: unknown): boolean =>
    types === undefined || types.includes(typeOf(one)) || (typeOf(one) === 'integer' && types.includes('number'))
  // counted before anything is compared, for the list may be of any length
  lowering.enumValues += listed.length
  if (lowering.enumValues > rules.maxEnumValues) {
    lowering.obstacles.push(`there are more than ${rules.maxEnumValues} values in enums`)
    return lowering.note(at, 'enum', 'looser', `there are more than ${rules.maxEnumValues} values in all`)
  }
  const values = [...new Set(listed)].filter(fits)
  if (values.length === 0) return lowering.note(at, 'enum', 'looser', 'lists nothing that fits')
  const scalar = values.every((one) => typeof one !== 'object' || one === null)
  switch (rules.enums) {
    case 'any':
      if (values.every(isSmall)) schema.push(['enum', values])
      else lowering.note(at, 'enum', 'looser', 'its values are too large')
      return
    case 'scalars':
      if (scalar && values.every(isSmall)) schema.push(['enum', values])
      else {
        lowering.obstacles.push(`${at} lists objects or arrays`)
        lowering.note(at, 'enum', 'looser', 'only scalars are taken')
      }
      return
    case 'strings': {
      const texts = values.filter((one) => typeof one === 'string' && one !== '')
      if (texts.length > 0 && values.every((one) => typeof one === 'string' && isSmall(one))) {
        schema.push(['enum', texts])
        if (texts.length < values.length) lowering.note(at, 'enum', 'narrower', 'the empty string cannot be listed')
        return
      }
      if (scalar)
        hints.push(
          `one of ${values
            .slice(0, 30)
            .map((one) => JSON.stringify(one))
            .join(', ')}`,
        )
      return lowering.note(at, 'enum', 'looser', 'only strings are taken')
    }
    default:
      rules.enums satisfies never
  }
}

/** A bound that excludes its number is one that includes the next, among whole numbers. */
function sayBound(
  keyword: string,
  value: number,
  types: readonly TypeName[] | undefined,
  { at, lowering }: Place,
  schema: [string, unknown][],
): boolean {
  const plain = keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum'
  if (!lowering.rules.keywords.has(plain)) return false
  const whole = types?.every((type) => type === 'integer') === true
  const next = plain === 'minimum' ? Math.floor(value) + 1 : Math.ceil(value) - 1
  schema.push([plain, whole ? next : value])
  const effect = whole && Number.isSafeInteger(next) ? 'same' : 'looser'
  lowering.note(at, keyword, effect, `said as ${plain}`)
  return true
}

/** Of two equal bounds the tighter one stands. */
function merged(schema: readonly [string, unknown][]): [string, unknown][] {
  const out = new Map<string, unknown>()
  for (const [keyword, value] of schema) {
    const before = out.get(keyword)
    if (typeof before === 'number' && typeof value === 'number') {
      out.set(keyword, keyword === 'minimum' ? Math.max(before, value) : Math.min(before, value))
    } else {
      out.set(keyword, value)
    }
  }
  return [...out]
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_PATTERN_LENGTH) return false
  try {
    new RegExp(value, 'u')
    return true
  } catch {
    // the answer is that it is none
    return false
  }
}
