import type { z } from 'zod'

/** Who sends a message: the client, the server, or either. */
export type Direction = 'client' | 'server' | 'both'

/** What a question and its answer look like. A params schema that accepts `undefined` means they may be absent. */
export interface CallShape {
  params: z.ZodType
  result: z.ZodType
}

export interface RequestShape extends CallShape {
  direction: Direction
}

export interface NotificationShape {
  direction: Direction
  params: z.ZodType
}

/** Every method and notification of one revision, by its name on the wire. */
export interface MethodShapes {
  requests: Readonly<Record<string, RequestShape>>
  notifications: Readonly<Record<string, NotificationShape>>
}

/**
 * The whole vocabulary of one revision, each schema as strict as that revision. `inputs` are the questions that travel
 * inside an `input_required` result instead of as requests; the older revisions have none.
 * @see https://modelcontextprotocol.io/specification/versioning
 */
export interface Catalogue extends MethodShapes {
  inputs: Readonly<Record<string, CallShape>>
  clientCapabilities: z.ZodType
  serverCapabilities: z.ZodType
}

/** The table without some of its rows, which is how an older revision lacks a method. */
export function without<Row>(table: Readonly<Record<string, Row>>, names: readonly string[]): Record<string, Row> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name)))
}
