import { isJsonObject, type JsonObject } from './jsonrpc/message.ts'

/** One thing wrong with a value. @see https://standardschema.dev */
export interface SchemaIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** What a schema says of a value: the value it makes of it, or what is wrong. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** A schema of any library that implements Standard Schema. @see https://standardschema.dev */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    /** Standard JSON Schema, which not every library implements. @see https://standardschema.dev/json-schema */
    readonly jsonSchema?: JsonSchemaConverter | undefined
  }
}

export interface JsonSchemaConverter {
  readonly input: (options: { readonly target: string }) => Record<string, unknown>
  readonly output: (options: { readonly target: string }) => Record<string, unknown>
}

/** What a value may be before a schema has looked at it. */
export type SchemaInput<S> = S extends StandardSchema<infer Input, infer _Output> ? Input : unknown

/** What a value is after a schema has accepted it. */
export type SchemaOutput<S> = S extends StandardSchema<infer _Input, infer Output> ? Output : unknown

/** Whether a value is a schema of any library that implements Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  // some libraries' schemas are functions
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard: unknown = '~standard' in value ? value['~standard'] : undefined
  return isJsonObject(standard) && typeof standard.validate === 'function'
}

/**
 * The JSON Schema (2020-12) of what a Standard Schema takes in or gives out.
 * @throws {TypeError} when the schema cannot be converted; `what` names it in the message
 */
export function toJsonSchema(schema: StandardSchema, side: 'input' | 'output', what: string): JsonObject {
  const { jsonSchema, vendor } = schema['~standard']
  if (jsonSchema === undefined) {
    throw new TypeError(`${what}: this ${vendor} schema cannot be converted to JSON Schema; pass ${side}Schema as well`)
  }
  let converted: Record<string, unknown>
  try {
    converted = jsonSchema[side]({ target: 'draft-2020-12' })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(
      `${what}: the schema cannot be converted to JSON Schema (${reason}); pass ${side}Schema as well`,
      {
        cause,
      },
    )
  }
  const { '~standard': _own, ...plain } = converted
  return plain
}

/** An issue as one line: the path, then what was expected there. */
export function describeIssue({ path, message }: SchemaIssue): string {
  const keys = (path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  const where = keys.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
  return where === '' ? message : `${where}: ${message}`
}
