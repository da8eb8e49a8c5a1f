import { isJsonObject, type JsonObject } from './jsonrpc/message.ts'

/** One thing asked of the client: a method of its own and the params for it. */
export interface InputRequest {
  method: string
  params?: JsonObject
}

/** What a request needs before it can finish, by keys of the server's choice. */
export type InputRequests = { [key: string]: InputRequest }

/** The client's answers under the same keys: bare result objects. */
export type InputResponses = { [key: string]: JsonObject }

/**
 * How a request ended this time: with its result, or with a question.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export type Outcome<T = JsonObject> = Complete<T> | InputRequired

/** An outcome that needs answers first: what is asked, under keys, and the state to bring back with them. */
export interface InputRequired {
  kind: 'input_required'
  requests: InputRequests
  /** Opaque to the client, who sends it back as it came. */
  state?: string
}

/**
 * A result of a kind that an extension adds, for clients that have declared the extension.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#result-responses
 */
export interface Extended {
  kind: 'extended'
  resultType: string
  value: JsonObject
}

/** How long, and by whom, a result may be kept. @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching */
export interface CacheHint {
  /** Milliseconds, 0 or more. */
  ttlMs: number
  cacheScope: 'public' | 'private'
}

/** A finished result. */
export interface Complete<T = JsonObject> {
  kind: 'complete'
  value: T
  /** How long it may be kept; undefined when not at all. */
  cache?: CacheHint
  /** Set when the very same value object is answered until something changes, so that its encoding may be kept. */
  stable?: true
}

/** What the client brings back in the next round of a request. */
export interface Round {
  responses: InputResponses
  /** Exactly what the server sent; undefined when it sent none. */
  state: string | undefined
}

/** A finished result of a value. */
export function complete<T>(value: T): Complete<T> {
  return { kind: 'complete', value }
}

/** Whether a value read from the wire has the shape of input requests: an object of `{ method, params? }`. */
export function isInputRequests(value: unknown): value is InputRequests {
  return isJsonObject(value) && Object.values(value).every((one) => isJsonObject(one) && typeof one.method === 'string')
}

/** Whether a value read from the wire has the shape of input responses: an object of objects. */
export function isInputResponses(value: unknown): value is InputResponses {
  return isJsonObject(value) && Object.values(value).every(isJsonObject)
}
