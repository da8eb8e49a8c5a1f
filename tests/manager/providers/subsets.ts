import type { Provider } from '../../../packages/client/src/manager/providers/rules.ts'

/** Which set of rules a schema is held to. */
export type Subset = Provider | 'strict'

const JSON_SCHEMA = new Set(
  'type title description default enum properties required additionalProperties patternProperties items anyOf minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties maxProperties'.split(
    ' ',
  ),
)
const KEYWORDS: Readonly<Record<Subset, ReadonlySet<string>>> = {
  openai: JSON_SCHEMA,
  'ai-sdk': JSON_SCHEMA,
  anthropic: new Set([...JSON_SCHEMA, 'prefixItems']),
  gemini: new Set(
    'type title description nullable enum properties required items anyOf minLength maxLength pattern format minimum maximum minItems maxItems minProperties maxProperties'.split(
      ' ',
    ),
  ),
  strict: new Set(
    'type title description enum properties required additionalProperties items anyOf pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems'.split(
      ' ',
    ),
  ),
}
const GEMINI_TYPES = new Set(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT'])
const GEMINI_OF: Readonly<Record<string, string>> = {
  properties: 'OBJECT',
  required: 'OBJECT',
  items: 'ARRAY',
  enum: 'STRING',
  minItems: 'ARRAY',
  pattern: 'STRING',
  minimum: 'NUMBER INTEGER',
}

/** What a provider would refuse in a schema; written from its documentation and its error messages, not from our tables. */
export function complaints(schema: unknown, subset: Subset, at = '', depth = 0): string[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return typeof schema === 'boolean' && subset !== 'gemini' && subset !== 'strict' ? [] : [`${at} is no schema`]
  }
  const node = new Map<string, unknown>(Object.entries(schema))
  const wrong = [...node.keys()].filter((key) => !KEYWORDS[subset].has(key)).map((key) => `${at} has ${key}`)
  const object = (key: string): [string, unknown][] => Object.entries(node.get(key) ?? {})
  const list = (key: string): unknown[] => [node.get(key) ?? []].flat()
  if (at === '') {
    if (String(node.get('type')).toLowerCase() !== 'object') wrong.push('the root is no object')
    for (const key of ['anyOf', 'enum']) if (node.has(key)) wrong.push(`the root has ${key}`)
    if (subset === 'anthropic') {
      for (const [key] of object('properties')) if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(key)) wrong.push(`property ${key}`)
    }
  }
  if (node.has('enum') && list('enum').length === 0) wrong.push(`${at} has an empty enum`)
  if (subset !== 'anthropic' && list('type').some((type) => /^array$/i.test(String(type))) && !node.has('items')) {
    wrong.push(`${at} has no items`)
  }
  if (subset === 'gemini') wrong.push(...ofGemini(node, at))
  if (subset === 'strict') wrong.push(...ofStrict(node, at, depth))
  for (const key of ['properties', 'patternProperties']) {
    for (const [name, inner] of object(key)) wrong.push(...complaints(inner, subset, `${at}/${key}/${name}`, depth + 1))
  }
  for (const key of ['items', 'additionalProperties']) {
    const inner = node.get(key)
    if (inner !== undefined && typeof inner !== 'boolean')
      wrong.push(...complaints(inner, subset, `${at}/${key}`, depth + 1))
  }
  for (const key of ['anyOf', 'prefixItems']) {
    for (const [index, inner] of list(key).entries())
      wrong.push(...complaints(inner, subset, `${at}/${key}/${index}`, depth + 1))
  }
  return wrong
}

function ofGemini(node: ReadonlyMap<string, unknown>, at: string): string[] {
  const wrong: string[] = []
  const type = node.get('type')
  if (node.has('anyOf')) return node.size > 1 ? [`${at} has more than anyOf`] : []
  if (!GEMINI_TYPES.has(String(type))) wrong.push(`${at} has type ${String(type)}`)
  for (const [key, types] of Object.entries(GEMINI_OF)) {
    if (node.has(key) && !types.split(' ').includes(String(type))) wrong.push(`${at} has ${key} beside ${String(type)}`)
  }
  const values = node.get('enum')
  if (Array.isArray(values) && values.some((value) => typeof value !== 'string' || value === ''))
    wrong.push(`${at} enum`)
  const declared = new Set(Object.keys(node.get('properties') ?? {}))
  const required = node.get('required')
  if (Array.isArray(required) && required.some((key) => !declared.has(key)))
    wrong.push(`${at} requires what it has not`)
  if (node.has('properties') && declared.size === 0) wrong.push(`${at} has empty properties`)
  if (type === 'STRING' && node.has('format') && node.get('format') !== 'date-time') wrong.push(`${at} format`)
  return wrong
}

function ofStrict(node: ReadonlyMap<string, unknown>, at: string, depth: number): string[] {
  const wrong: string[] = []
  if (!node.has('type') && !node.has('anyOf')) wrong.push(`${at} has no type`)
  if (depth > 12) wrong.push(`${at} is too deep`)
  if ([node.get('type')].flat().includes('object')) {
    if (node.get('additionalProperties') !== false) wrong.push(`${at} is open`)
    const declared = Object.keys(node.get('properties') ?? {}).sort()
    const required = [node.get('required') ?? []].flat().sort()
    if (JSON.stringify(declared) !== JSON.stringify(required)) wrong.push(`${at} has optional properties`)
  }
  return wrong
}

/** Gemini's schema in words a validator of JSON Schema knows. */
export function asJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asJsonSchema)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'nullable') return []
    if (key === 'type' && typeof value === 'string') return [[key, value.toLowerCase()]]
    if (key === 'properties')
      return [[key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asJsonSchema(inner)]))]]
    return [[key, key === 'enum' || key === 'required' || key === 'default' ? value : asJsonSchema(value)]]
  })
  const plain = Object.fromEntries(entries)
  return 'nullable' in schema ? { anyOf: [plain, { type: 'null' }] } : plain
}
