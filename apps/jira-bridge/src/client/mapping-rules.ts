import type { z } from 'zod'
import type { CheckedInput, OperationName, OperationOutput } from './operations.ts'
import type { Failures } from './tool-failures.ts'

/** Where an argument of a tool comes from. */
export type Source =
  /** A field of the input, as it is; no more than `most`, and only while it does not begin with `unlessPrefix`. */
  | { readonly kind: 'field'; readonly from: string; readonly most?: number; readonly unlessPrefix?: string }
  /** The number behind a prefix of a field. */
  | { readonly kind: 'number_after'; readonly from: string; readonly prefix: string }
  /** A field as `{ name: value }`. */
  | { readonly kind: 'named'; readonly from: string }
  | { readonly kind: 'constant'; readonly value: unknown }
  /** JSON text of an object; left out when it would be empty. `spread` is a field whose members are put in as well. */
  | { readonly kind: 'json_text'; readonly of: Sources; readonly spread?: string }

export type Sources = Readonly<Record<string, Source>>

/** How one operation is done by a tool of another name and shape. */
export interface OperationMapping<Name extends OperationName> {
  readonly tool: string
  readonly arguments: Sources
  /** Fields of the input that are seen to here, in the answer. */
  readonly local: readonly string[]
  /** @throws {z.ZodError} when the answer is none of this tool */
  read(answer: unknown, input: CheckedInput<Name>): OperationOutput<Name>
}

/** How a server's tools are called and understood. Data: a server of other names needs another value and no code. */
export interface JiraMapping {
  readonly name: string
  /** `structured` content, or JSON in the text. */
  readonly answers: 'structured' | 'json_text'
  readonly failures: Failures
  /** What transitions are named by: where it is the id, names are looked up first. */
  readonly transitionsBy: 'id' | 'name'
  /** Issues of one page at most. */
  readonly maxPageSize: number
  /** Words of a failure that is told as if it were a success; undefined for an answer that is none. */
  softFailure?(answer: unknown): string | undefined
  readonly operations: { readonly [Name in OperationName]?: OperationMapping<Name> }
}

/** Ties the shape of an answer to its reading. */
export function operation<Name extends OperationName, Answer extends z.ZodType>(
  _name: Name,
  definition: {
    readonly tool: string
    readonly arguments: Sources
    readonly local?: readonly string[]
    readonly answer: Answer
    readonly result: (answer: z.output<Answer>, input: CheckedInput<Name>) => OperationOutput<Name>
  },
): OperationMapping<Name> {
  const { tool, arguments: sources, local = [], answer: shape, result } = definition
  return { tool, arguments: sources, local, read: (answer, input) => result(shape.parse(answer), input) }
}

export function field(from: string, limits: { most?: number; unlessPrefix?: string } = {}): Source {
  return { kind: 'field', from, ...limits }
}

/** The arguments a table makes of an input. Absent fields make no argument. */
export function toArguments(sources: Sources, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const [name, source] of Object.entries(sources)) {
    const value = argumentOf(source, input)
    if (value !== undefined) made[name] = value
  }
  return made
}

/** Fields of the input that a table has a place for. */
export function fieldsOf(sources: Sources): Set<string> {
  const fields = new Set<string>()
  for (const source of Object.values(sources)) {
    if (source.kind === 'constant') continue
    if (source.kind !== 'json_text') {
      fields.add(source.from)
      continue
    }
    for (const one of fieldsOf(source.of)) fields.add(one)
    if (source.spread !== undefined) fields.add(source.spread)
  }
  return fields
}

function argumentOf(source: Source, input: Readonly<Record<string, unknown>>): unknown {
  switch (source.kind) {
    case 'field': {
      const { most, unlessPrefix } = source
      const value = input[source.from]
      if (typeof value === 'number' && most !== undefined) return Math.min(value, most)
      return typeof value === 'string' && unlessPrefix !== undefined && value.startsWith(unlessPrefix)
        ? undefined
        : value
    }
    case 'number_after': {
      const value = input[source.from]
      return typeof value === 'string' && value.startsWith(source.prefix)
        ? Number(value.slice(source.prefix.length))
        : undefined
    }
    case 'named': {
      const name = input[source.from]
      return name === undefined ? undefined : { name }
    }
    case 'constant':
      return source.value
    case 'json_text': {
      const spread = source.spread === undefined ? undefined : input[source.spread]
      const members = { ...(typeof spread === 'object' ? spread : {}), ...toArguments(source.of, input) }
      return Object.keys(members).length === 0 ? undefined : JSON.stringify(members)
    }
    default:
      return source satisfies never
  }
}
