import type { Tool } from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { type ExportNamesOptions, exportNames, type NameMap, type ToolAddress } from '../names/export-names.ts'
import { hash8 } from '../names/hash8.ts'
import { type LoweredSchema, lowerSchema } from './lower-schema.ts'
import type { LoweringNote } from './lowering.ts'
import type { ProviderTools } from './provider-tools.ts'
import { renamedArguments, withoutStandIns } from './restore-arguments.ts'
import { type Provider, RULES, type SchemaRules, STRICT_RULES } from './rules.ts'
import { upperCaseTypes } from './upper-case-types.ts'

/** A tool as it was listed, and the server it is on. */
export interface ListedTool {
  readonly server: string
  readonly tool: Tool
}

/** How tools are compiled. */
export interface ToolsForOptions extends ExportNamesOptions {
  /**
   * OpenAI only: hold the model to the schema, for each tool whose schema allows it; for the others `strict` stays
   * false, and the report says why.
   */
  readonly strict?: boolean
  /** OpenAI only: which of its two APIs; `responses` unless told. */
  readonly api?: 'responses' | 'chat'
  /** The longest description of a tool in characters; {@link DEFAULT_MAX_DESCRIPTION_LENGTH} unless told. */
  readonly maxDescriptionLength?: number
}

/** What was changed in one tool. */
export interface ToolReport extends ToolAddress {
  readonly name: string
  readonly notes: readonly LoweringNote[]
  /** Some arguments that the schema shown to the model allows may be refused by the server. */
  readonly looser: boolean
  /** Some arguments the server takes cannot be given. */
  readonly narrower: boolean
  /** Whether strict mode is on for it. */
  readonly strict: boolean
}

/** A call of a model, addressed. */
export interface AddressedCall extends ToolAddress {
  readonly arguments: JsonObject
}

/** Tools of many servers for one provider. */
export interface CompiledTools<P extends Provider> {
  readonly tools: readonly ProviderTools[P][]
  readonly names: NameMap
  /** One for each tool, in the order of `tools`. */
  readonly reports: readonly ToolReport[]
  /**
   * Where a model's call goes and with which arguments: renamed arguments get their names back, and null that stands
   * for an argument left out is left out. Undefined where there is no tool of that name.
   * @throws {TypeError} when the input is neither an object nor the JSON text of one
   */
  call(name: string, input: unknown): AddressedCall | undefined
}

/** OpenAI's Chat Completions refuse a request with a longer one. */
export const DEFAULT_MAX_DESCRIPTION_LENGTH = 1024

/**
 * Compiles listed tools to what a provider takes. Never throws for what a server has listed; the reports say what had
 * to be changed. A tool listed twice is compiled once, the first as listed.
 */
export function toolsFor<P extends Provider>(
  provider: P,
  tools: readonly ListedTool[],
  options: ToolsForOptions = {},
): CompiledTools<P> {
  const names = exportNames(
    tools.map(({ server, tool }) => ({ server, tool: tool.name })),
    options,
  )
  const compiled = new Map<string, Compiled>()
  for (const { server, tool } of tools) {
    const name = names.nameOf(server, tool.name)
    if (name === undefined || compiled.has(name)) continue
    compiled.set(name, compile(provider, name, { server, tool }, options))
  }
  const all = [...compiled.values()]
  return {
    // proof: `write` answers with the format of the provider it is given
    tools: all.map(({ written }) => written as ProviderTools[P]),
    names,
    reports: all.map(({ report }) => report),
    call(name, input) {
      const found = compiled.get(name)
      if (found === undefined) return undefined
      const { server, tool } = found.report
      return { server, tool, arguments: found.restore(objectOf(name, input)) }
    },
  }
}

interface Compiled {
  readonly written: ProviderTools[Provider]
  readonly report: ToolReport
  restore(input: JsonObject): JsonObject
}

function compile(provider: Provider, name: string, { server, tool }: ListedTool, options: ToolsForOptions): Compiled {
  const { maxDescriptionLength = DEFAULT_MAX_DESCRIPTION_LENGTH } = options
  const notes: LoweringNote[] = []
  const { lowered, rules, strict } = lowerFor(provider, tool.inputSchema, options.strict === true, notes)
  const old = new Map<string, string>()
  const schema =
    rules.argumentNames === undefined ? lowered.schema : renamed(lowered.schema, rules.argumentNames, old, notes)
  const said = typeof tool.description === 'string' ? tool.description : ''
  const description = cut(said !== '' ? said : (tool.title ?? ''), maxDescriptionLength)
  if (said.length > maxDescriptionLength) {
    notes.push({ at: '', keyword: 'description', effect: 'same', why: `cut to ${maxDescriptionLength} characters` })
  }
  const looser = notes.some(({ effect }) => effect === 'looser')
  const narrower = notes.some(({ effect }) => effect === 'narrower')
  return {
    written: write(provider, { name, description, schema, strict }, options),
    report: { server, tool: tool.name, name, notes, looser, narrower, strict },
    restore(input) {
      const back = withoutStandIns(input, lowered.schema, lowered.optional)
      if (!isJsonObject(back)) return input
      return Object.fromEntries(Object.entries(back).map(([key, value]) => [old.get(key) ?? key, value]))
    },
  }
}

function lowerFor(
  provider: Provider,
  schema: unknown,
  wantsStrict: boolean,
  notes: LoweringNote[],
): { lowered: LoweredSchema; rules: SchemaRules; strict: boolean } {
  if (provider === 'openai' && wantsStrict) {
    const lowered = lowerSchema(schema, STRICT_RULES)
    const [obstacle] = lowered.obstacles
    if (obstacle === undefined) {
      notes.push(...lowered.notes)
      return { lowered, rules: STRICT_RULES, strict: true }
    }
    notes.push({ at: '', keyword: 'strict', effect: 'same', why: `not strict, for ${obstacle}` })
  }
  const lowered = lowerSchema(schema, RULES[provider])
  notes.push(...lowered.notes)
  return { lowered, rules: RULES[provider], strict: false }
}

interface Parts {
  readonly name: string
  readonly description: string
  readonly schema: JsonObject
  readonly strict: boolean
}

function write(
  provider: Provider,
  { name, description, schema, strict }: Parts,
  options: ToolsForOptions,
): ProviderTools[Provider] {
  const described = description === '' ? {} : { description }
  switch (provider) {
    case 'openai': {
      const written = { name, ...described, parameters: schema, strict }
      return options.api === 'chat' ? { type: 'function', function: written } : { type: 'function', ...written }
    }
    case 'anthropic':
      return { name, ...described, input_schema: schema }
    case 'gemini': {
      // an object without properties is refused there
      const parameters = isJsonObject(schema.properties) ? { parameters: upperCaseTypes(schema) } : {}
      return { name, description: description === '' ? name : description, ...parameters }
    }
    case 'ai-sdk':
      return { name, ...described, inputSchema: schema }
    default:
      return provider satisfies never
  }
}

function renamed(schema: JsonObject, rule: RegExp, old: Map<string, string>, notes: LoweringNote[]): JsonObject {
  const taken = new Set(isJsonObject(schema.properties) ? Object.keys(schema.properties) : [])
  const names = renamedArguments(schema, rule, (key) => {
    const plain = key.replace(/[^a-zA-Z0-9_.-]+/g, '_').slice(0, 55)
    let name = plain
    for (let attempt = 0; name === '' || taken.has(name) || key.length > 55; attempt += 1) {
      name = `${plain}_${hash8(`${key}#${attempt}`)}`
      if (!taken.has(name)) break
    }
    taken.add(name)
    old.set(name, key)
    return name
  })
  if (names.size === 0) return schema
  notes.push({
    at: '/properties',
    keyword: 'properties',
    effect: 'same',
    why: `renamed: ${names.size} names are not taken`,
  })
  const name = (key: unknown): unknown => (typeof key === 'string' ? (names.get(key) ?? key) : key)
  const properties = Object.entries(schema.properties ?? {}).map(([key, value]) => [name(key), value])
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : []
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required: required.map(name) }),
  }
}

function objectOf(name: string, input: unknown): JsonObject {
  let value = input
  if (typeof input === 'string') {
    try {
      value = input.trim() === '' ? {} : JSON.parse(input)
    } catch (cause) {
      throw new TypeError(`the arguments of ${name} are no JSON`, { cause })
    }
  }
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw new TypeError(`the arguments of ${name} are ${typeof value}; expected an object`)
  return value
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const end = length - 1
  const half = /[\uD800-\uDBFF]/.test(text.charAt(end - 1))
  return `${text.slice(0, half ? end - 1 : end)}…`
}
