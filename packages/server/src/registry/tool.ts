import type { ContentBlock, Icon, Tool as ListedTool, ToolAnnotations } from '@bao-mcp/protocol'
import {
  isJsonObject,
  isStandardSchema,
  type JsonObject,
  type MaybePromise,
  type ParamHeader,
  paramHeadersOf,
  type SchemaOutput,
  type StandardSchema,
} from '@bao-mcp/protocol/engine'
import type { CallContext } from '../context.ts'
import { checkedScopes } from '../http/auth/scopes.ts'
import type { InputRequired } from './input-required.ts'
import { mustBeJson } from './must-be-json.ts'
import { type CompiledSchema, compileSchema } from './validate.ts'

/** A full result, for a handler that needs more than a value. `Structured` is what the tool's output schema takes. */
export type ToolResult<Structured = unknown> =
  | { content?: ContentBlock[]; structuredContent?: Structured; isError?: false; _meta?: JsonObject }
  | { content: ContentBlock[]; isError: true; _meta?: JsonObject }

/** Anything, without being `unknown`, which would swallow what stands beside it in a union. */
type Value = string | number | boolean | bigint | null | undefined | object
/**
 * The compiler looks at what a handler returns before it knows the output schema. Literals in this type keep it from
 * widening `'text'` to `string` there.
 */
type Literals = '' | 0 | boolean | null | undefined | Literals[] | { [key: string]: Literals }
type OutputValue<Output> = Output extends StandardSchema<infer In extends Value, infer _Out> ? In : Literals | Value
/** What a handler may return: the value of its output schema, or a full result. */
type TypedReturn<Output> = OutputValue<Output> | ToolResult<OutputValue<Output>> | InputRequired
/** Without an output schema: text, content, any JSON value, a full result, or nothing. */
type LooseReturn =
  | string
  | number
  | boolean
  | null
  | undefined
  | ContentBlock[]
  | ToolResult
  | JsonObject
  | InputRequired

/** What a tool's handler may return, typed by its output schema. */
export type ToolReturn<Output> = [Output] extends [undefined] ? LooseReturn | void : TypedReturn<Output>
/** The arguments a tool's handler is given, typed by its input schema. */
export type ToolArguments<Input> = [Input] extends [undefined]
  ? JsonObject
  : Input extends StandardSchema
    ? SchemaOutput<Input>
    : JsonObject

/** What a tool is made of. */
export interface ToolDefinition<Input = undefined, Output = undefined> {
  /** Unique within the server, 1 to 128 characters. */
  name: string
  title?: string
  description?: string
  /** Any Standard Schema that converts to JSON Schema, or a plain JSON Schema object. Without it, no arguments. */
  input?: Input
  /** The JSON Schema to list where `input` cannot be converted; without `input`, the input itself. */
  inputSchema?: JsonObject
  /** Types and checks what the handler returns. */
  output?: Output
  /** The JSON Schema to list where `output` cannot be converted; without `output`, the output itself. */
  outputSchema?: JsonObject
  /** Hints for the client, which need not believe them. */
  annotations?: ToolAnnotations
  icons?: Icon[]
  _meta?: JsonObject
  /** Refuses the exact replay of a round: what the user confirmed once is done once. */
  singleUse?: boolean
  /** What a caller must have been granted, where requests are authenticated, beside what every request needs. */
  scopes?: readonly string[]
  run(args: ToolArguments<Input>, call: CallContext): MaybePromise<ToolReturn<Output>>
}

/** A tool made ready once, shared by every connection and every call. */
export interface Tool {
  readonly name: string
  /** As it is listed, before any revision adapts it. */
  readonly listed: ListedTool
  readonly input: CompiledSchema
  readonly output: CompiledSchema | undefined
  /** The arguments that are repeated in headers where a call travels over HTTP. */
  readonly paramHeaders: readonly ParamHeader[]
  readonly singleUse: boolean
  readonly scopes: readonly string[]
  run(args: unknown, call: CallContext): unknown
}

/** The input of a tool that takes no arguments: whatever object comes is let in, for the handler to overlook. */
const NO_INPUT: CompiledSchema = { json: { type: 'object' }, check: (value) => ({ ok: true, value }) }

/**
 * Defines a tool. Its schemas are converted here, once.
 * @throws {TypeError} when a schema cannot be listed: it does not convert to JSON Schema, is not for an object, or has
 * an `x-mcp-header` that breaks a rule
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools
 */
export function tool<Input = undefined, Output = undefined>(definition: ToolDefinition<Input, Output>): Tool {
  if (!isJsonObject(definition)) throw new TypeError('a tool needs a definition: a name and a run function, at least')
  const { name, title, description, annotations, icons, _meta, singleUse = false } = definition
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`a tool needs a name, a string that is not empty, got ${JSON.stringify(name)}`)
  }
  const what = `tool ${JSON.stringify(name)}`
  if (typeof definition.run !== 'function') throw new TypeError(`${what}: a tool needs a run function`)
  const input = compileInput(definition, what)
  const output = compileOutput(definition, what)
  const listed = {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema: input.json,
    ...(output !== undefined && { outputSchema: output.json }),
    ...(annotations !== undefined && { annotations }),
    ...(icons !== undefined && { icons }),
    ...(_meta !== undefined && { _meta }),
  }
  mustBeJson(listed, what)
  const { headers: paramHeaders, faults } = paramHeadersOf(input.json)
  if (faults.length > 0) throw new TypeError(`${what} input: ${faults.join('; ')}`)
  return {
    name,
    // proof: compileInput has checked that inputSchema is for an object
    listed: listed as ListedTool,
    input,
    output,
    paramHeaders,
    singleUse,
    scopes: checkedScopes(definition.scopes ?? [], `${what} scopes`),
    // proof: the registry calls it with arguments that input.check has accepted
    run: (args, call) => definition.run(args as ToolArguments<Input>, call),
  }
}

function compileInput(definition: ToolDefinition<unknown, unknown>, what: string): CompiledSchema {
  const { input = definition.inputSchema, inputSchema } = definition
  if (input === undefined) return NO_INPUT
  // proof: compileSchema itself refuses what is neither
  const compiled = compileSchema(input as JsonObject, 'input', `${what} input`, inputSchema)
  if (compiled.json.type !== 'object') {
    const hint = Object.values(compiled.json).some(isStandardSchema) ? '; wrap the fields, as in z.object({ … })' : ''
    throw new TypeError(
      `${what} input: the schema must be for an object, got type ${JSON.stringify(compiled.json.type)}${hint}`,
    )
  }
  return compiled
}

function compileOutput(definition: ToolDefinition<unknown, unknown>, what: string): CompiledSchema | undefined {
  const { output = definition.outputSchema, outputSchema } = definition
  if (output === undefined) return undefined
  // proof: compileSchema itself refuses what is neither
  return compileSchema(output as JsonObject, 'output', `${what} output`, outputSchema)
}
