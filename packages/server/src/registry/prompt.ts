import type { Icon, Prompt as ListedPrompt, PromptArgument, PromptMessage } from '@bao-mcp/protocol'
import {
  isJsonObject,
  isStandardSchema,
  type JsonObject,
  type MaybePromise,
  type SchemaOutput,
  type StandardSchema,
} from '@bao-mcp/protocol/engine'
import type { CallContext } from '../context.ts'
import { type Completer, type Completers, completersOf } from './completion-values.ts'
import type { InputRequired } from './input-required.ts'
import { mustBeJson } from './must-be-json.ts'
import { compileSchema, type Verdict } from './validate.ts'

/** One argument of a prompt; its value is always text. */
export interface PromptArgumentDefinition {
  name: string
  title?: string
  description?: string
  required?: boolean
  complete?: Completer
}

type Named<A extends readonly PromptArgumentDefinition[]> = {
  [One in A[number] as One extends { required: true } ? One['name'] : never]: string
} & { [One in A[number] as One extends { required: true } ? never : One['name']]?: string }

/** The arguments a prompt's handler is given, typed by its definition. */
export type PromptArguments<A> = A extends StandardSchema
  ? SchemaOutput<A>
  : A extends readonly PromptArgumentDefinition[]
    ? Named<A>
    : Record<string, never>

/** What a prompt gives: the text of a user's message, messages, or a full result. */
export type PromptReturn =
  | string
  | readonly PromptMessage[]
  | { description?: string; messages: readonly PromptMessage[]; _meta?: JsonObject }
  | InputRequired

/** What a prompt is made of. */
export interface PromptDefinition<A = undefined> {
  /** Unique within the server. */
  name: string
  title?: string
  description?: string
  /** A list, or a Standard Schema of an object of texts that converts to JSON Schema. Without it, no arguments. */
  arguments?: A
  /** Completes arguments, by name; those of a list may bring their own instead. */
  complete?: { readonly [argument: string]: Completer }
  icons?: Icon[]
  _meta?: JsonObject
  run(args: PromptArguments<A>, call: CallContext): MaybePromise<PromptReturn>
}

/** A prompt made ready once, shared by every connection. */
export interface Prompt {
  readonly name: string
  /** As it is listed, before any revision adapts it. */
  readonly listed: ListedPrompt
  readonly completers: Completers
  /** Checks texts by the names of their arguments. */
  check(given: unknown): MaybePromise<Verdict>
  run(args: unknown, call: CallContext): unknown
}

interface CompiledArguments {
  listed: PromptArgument[]
  own: { [name: string]: Completer }
  check(given: unknown): MaybePromise<Verdict>
}

/**
 * Defines a prompt. A schema is converted here, once.
 * @throws {TypeError} when a schema cannot be listed as arguments, or a name comes twice
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts
 */
export function prompt<const L extends readonly PromptArgumentDefinition[]>(
  definition: PromptDefinition<L> & { arguments: L },
): Prompt
export function prompt<A extends StandardSchema>(definition: PromptDefinition<A> & { arguments: A }): Prompt
export function prompt(definition: PromptDefinition): Prompt
export function prompt<A>(definition: PromptDefinition<A>): Prompt {
  const { name, title, description, icons, _meta, complete = {} } = definition
  const what = `prompt ${JSON.stringify(name)}`
  if (typeof name !== 'string' || name === '') throw new TypeError(`${what}: a prompt needs a name`)
  if (typeof definition.run !== 'function') throw new TypeError(`${what}: a prompt needs a run function`)
  const { listed, own, check } = compileArguments(definition.arguments, what)
  const names = listed.map((one) => one.name)
  return {
    name,
    listed: mustBeJson(
      {
        name,
        ...(title !== undefined && { title }),
        ...(description !== undefined && { description }),
        ...(listed.length > 0 && { arguments: listed }),
        ...(icons !== undefined && { icons }),
        ...(_meta !== undefined && { _meta }),
      },
      what,
    ),
    completers: completersOf(names, { ...own, ...complete }, what),
    check,
    // proof: it is run with arguments that `check` has accepted
    run: (args, call) => definition.run(args as PromptArguments<A>, call),
  }
}

function compileArguments(given: unknown, what: string): CompiledArguments {
  if (given === undefined) return compileList([])
  if (isStandardSchema(given)) return compileObject(given, what)
  if (!Array.isArray(given)) throw new TypeError(`${what}: arguments must be a list or a Standard Schema`)
  // proof: every member is looked at below
  const list = given as readonly PromptArgumentDefinition[]
  for (const [at, { name }] of list.entries()) {
    if (typeof name !== 'string' || name === '') throw new TypeError(`${what}: argument ${at} needs a name`)
    if (list.findIndex((one) => one.name === name) !== at) {
      throw new TypeError(`${what}: two arguments are called ${JSON.stringify(name)}`)
    }
  }
  return compileList(list)
}

function compileList(list: readonly PromptArgumentDefinition[]): CompiledArguments {
  const own = list.flatMap(({ name, complete }) => (complete === undefined ? [] : [[name, complete] as const]))
  return {
    listed: list.map(({ name, title, description, required }) => ({
      name,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(required !== undefined && { required }),
    })),
    own: Object.fromEntries(own),
    check(given) {
      const texts = isJsonObject(given) ? given : {}
      const missing = list.filter(({ name, required }) => required === true && !Object.hasOwn(texts, name))
      if (missing.length > 0) return { ok: false, issues: missing.map(({ name }) => `${name}: it is required`) }
      const known = list.filter(({ name }) => Object.hasOwn(texts, name))
      return { ok: true, value: Object.fromEntries(known.map(({ name }) => [name, texts[name]])) }
    },
  }
}

function compileObject(schema: StandardSchema, what: string): CompiledArguments {
  const { json, check } = compileSchema(schema, 'input', `${what} arguments`)
  const { properties, required } = json
  if (json.type !== 'object' || !isJsonObject(properties)) {
    throw new TypeError(`${what} arguments: the schema must be for an object with properties`)
  }
  const listed = Object.entries(properties).map(([name, property]): PromptArgument => {
    const { title, description } = isJsonObject(property) ? property : {}
    return {
      name,
      ...(typeof title === 'string' && { title }),
      ...(typeof description === 'string' && { description }),
      ...(Array.isArray(required) && required.includes(name) && { required: true }),
    }
  })
  return { listed, own: {}, check }
}
