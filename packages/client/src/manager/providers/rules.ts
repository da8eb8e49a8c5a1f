/** Whom tools are compiled for. `ai-sdk` is the AI SDK, which passes schemas on to any provider. */
export type Provider = 'openai' | 'anthropic' | 'gemini' | 'ai-sdk'

/** A JSON type. */
export type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null'

/** What one provider accepts in the schema of a tool's arguments. */
export interface SchemaRules {
  /** The keywords that may stand beside `type`, `enum`, `properties`, `required`, `items` and `anyOf`. */
  readonly keywords: ReadonlySet<string>
  /** The values of `format`, or all. */
  readonly formats: 'any' | ReadonlySet<string>
  /** Whether every schema says its type, and how several types are said. */
  readonly types: 'free' | 'required' | 'one'
  /** How null is allowed: as one of the types, or by `nullable: true`. */
  readonly nulls: 'type' | 'keyword'
  /** What an `enum` may hold. */
  readonly enums: 'any' | 'scalars' | 'strings'
  /** Whether other constraints may stand beside `anyOf`. */
  readonly unions: 'beside' | 'alone'
  /** What becomes of undeclared properties: said as they are, always forbidden, or left unsaid. */
  readonly undeclared: 'said' | 'forbidden' | 'unsaid'
  /** Whether every property has to be required; an optional one then becomes one that may be null. */
  readonly allRequired: boolean
  /** Whether an array must say what it holds. */
  readonly itemsRequired: boolean
  /** Tuples as `prefixItems`, or as arrays of any of their members. */
  readonly tuples: 'prefixItems' | 'union'
  /** Whether patterns are run by an engine without look-around and back-references. */
  readonly plainPatterns: boolean
  /** What the names of arguments must match. */
  readonly argumentNames: RegExp | undefined
  readonly maxDepth: number
  readonly maxProperties: number
  readonly maxEnumValues: number
}

const ANNOTATIONS = ['title', 'description']
const STRINGS = ['minLength', 'maxLength', 'pattern', 'format']
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const ARRAYS = ['minItems', 'maxItems']
const COUNTS = ['minProperties', 'maxProperties']

/** Keywords every schema may lose without a value more or less being valid. */
export const SILENT_KEYWORDS: ReadonlySet<string> = new Set([
  ...ANNOTATIONS,
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentMediaType',
  'contentEncoding',
  'contentSchema',
  '$schema',
  '$id',
  'id',
  '$comment',
  '$anchor',
  '$dynamicAnchor',
  '$vocabulary',
  '$defs',
  'definitions',
])

const JSON_SCHEMA: SchemaRules = {
  keywords: new Set([
    ...ANNOTATIONS,
    'default',
    ...STRINGS,
    ...NUMBERS,
    ...ARRAYS,
    'uniqueItems',
    'patternProperties',
    ...COUNTS,
  ]),
  formats: 'any',
  types: 'free',
  nulls: 'type',
  enums: 'any',
  unions: 'beside',
  undeclared: 'said',
  allRequired: false,
  itemsRequired: true,
  tuples: 'union',
  plainPatterns: false,
  argumentNames: undefined,
  maxDepth: 24,
  maxProperties: 5000,
  maxEnumValues: 5000,
}

/**
 * The tables, each from what the provider documents and what its API is known to refuse. No table has a reference or a
 * root that is a union: none of the four takes both.
 * @see https://developers.openai.com/api/docs/guides/function-calling
 * @see https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools
 * @see https://ai.google.dev/api/caching#Schema
 * @see https://ai-sdk.dev/docs/reference/ai-sdk-core/json-schema
 */
export const RULES: Readonly<Record<Provider, SchemaRules>> = {
  openai: JSON_SCHEMA,
  anthropic: { ...JSON_SCHEMA, tuples: 'prefixItems', itemsRequired: false, argumentNames: /^[a-zA-Z0-9_.-]{1,64}$/ },
  gemini: {
    keywords: new Set([
      ...ANNOTATIONS,
      'minLength',
      'maxLength',
      'pattern',
      'format',
      'minimum',
      'maximum',
      ...ARRAYS,
      ...COUNTS,
    ]),
    formats: new Set(['date-time', 'float', 'double', 'int32', 'int64']),
    types: 'one',
    nulls: 'keyword',
    enums: 'strings',
    unions: 'alone',
    undeclared: 'unsaid',
    allRequired: false,
    itemsRequired: true,
    tuples: 'union',
    plainPatterns: true,
    argumentNames: undefined,
    maxDepth: 24,
    maxProperties: 5000,
    maxEnumValues: 5000,
  },
  'ai-sdk': JSON_SCHEMA,
}

/**
 * OpenAI's strict mode, which holds the model to the schema.
 * @see https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas
 */
export const STRICT_RULES: SchemaRules = {
  ...JSON_SCHEMA,
  keywords: new Set([...ANNOTATIONS, 'pattern', 'format', ...NUMBERS, ...ARRAYS]),
  formats: new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']),
  types: 'required',
  enums: 'scalars',
  unions: 'alone',
  undeclared: 'forbidden',
  allRequired: true,
  plainPatterns: true,
  maxDepth: 10,
  maxEnumValues: 1000,
}
