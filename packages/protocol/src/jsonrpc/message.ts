/** Any JSON object: what params, results and `_meta` are on the wire. Unknown members are kept. */
export type JsonObject = { [key: string]: unknown }

/** A request id: a string or an integer, never null. @see https://www.jsonrpc.org/specification#request_object */
export type RequestId = string | number

/** A message that wants an answer under its id. */
export interface JsonRpcRequest {
  jsonrpc: '2.0'
  id: RequestId
  method: string
  params?: JsonObject
}

/** A message that wants no answer. */
export interface JsonRpcNotification {
  jsonrpc: '2.0'
  method: string
  params?: JsonObject
}

/** The answer to a request that went well. */
export interface JsonRpcResult {
  jsonrpc: '2.0'
  id: RequestId
  result: JsonObject
}

/** The `error` member of an error response. `code` is an integer, `message` one sentence. */
export interface JsonRpcErrorObject {
  code: number
  message: string
  data?: unknown
}

/** An error response. The id is absent (or, from lax peers, null) only when the request's id could not be read. */
export interface JsonRpcError {
  jsonrpc: '2.0'
  id?: RequestId | null
  error: JsonRpcErrorObject
}

/** The answer to a request. */
export type JsonRpcResponse = JsonRpcResult | JsonRpcError
/** Anything that travels alone. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse

/** A request or notification without its envelope. */
export interface Notice {
  method: string
  params?: JsonObject
}

/** A notification in its envelope; without params it has no such member. */
export function notification(method: string, params: JsonObject | undefined): JsonRpcNotification {
  return params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params }
}

/** What one parsed JSON value is. `invalid` covers everything that is not exactly one well-formed message. */
export type MessageKind = 'request' | 'notification' | 'result' | 'error' | 'batch' | 'invalid'

/** Whether a value is an object of JSON, and neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value may be the id of a request: a string or an integer. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

/**
 * Tells what a parsed JSON value is by its members alone: one look per message and no allocation.
 * Unknown members are tolerated. An error is recognised leniently (a null or absent id, a fractional code), because a
 * response that is dropped leaves its caller waiting.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#messages
 */
export function classify(value: unknown): MessageKind {
  if (typeof value !== 'object' || value === null) return 'invalid'
  if (Array.isArray(value)) return 'batch'
  // proof: a non-null, non-array object; every member is checked before it is used
  const m = value as JsonObject
  if (m.jsonrpc !== '2.0') return 'invalid'
  const { method, id } = m
  if (method !== undefined) {
    if (typeof method !== 'string' || m.result !== undefined || m.error !== undefined) return 'invalid'
    if (m.params !== undefined && !isJsonObject(m.params)) return 'invalid'
    if (id === undefined) return 'notification'
    return isRequestId(id) ? 'request' : 'invalid'
  }
  const { result, error } = m
  if (result !== undefined) {
    return error === undefined && isRequestId(id) && isJsonObject(result) ? 'result' : 'invalid'
  }
  if (!isJsonObject(error)) return 'invalid'
  if (id !== undefined && id !== null && !isRequestId(id)) return 'invalid'
  return typeof error.code === 'number' && typeof error.message === 'string' ? 'error' : 'invalid'
}

/** Why a value is not a message, and the id an answer can carry, where one can be read. */
export interface InvalidMessage {
  reason: string
  id: RequestId | undefined
  /** True when the value answers something (it has no method), so that it must not be answered itself. */
  isResponse: boolean
  /** True when the value was meant as a notification, which is never answered, however malformed. */
  isNotification: boolean
}

/** Explains a value that {@link classify} called `invalid`; only the failure path pays for the words. */
export function explainInvalid(value: unknown): InvalidMessage {
  if (!isJsonObject(value)) {
    const reason = `a message must be a JSON object, got ${nameOf(value)}`
    return { reason, id: undefined, isResponse: false, isNotification: false }
  }
  const { id, method } = value
  const readable = isRequestId(id) ? id : undefined
  const isResponse = method === undefined && ('result' in value || 'error' in value)
  const isNotification = value.jsonrpc === '2.0' && typeof method === 'string' && !('id' in value)
  return { reason: reasonOf(value), id: readable, isResponse, isNotification }
}

function reasonOf(m: JsonObject): string {
  if (m.jsonrpc !== '2.0') return `jsonrpc must be "2.0", got ${show(m.jsonrpc)}`
  if (m.id !== undefined && !isRequestId(m.id)) return `id must be a string or an integer, got ${show(m.id)}`
  if (m.method === undefined) {
    if (m.result === undefined && m.error === undefined) return 'a message needs a method, a result or an error'
    if (m.result !== undefined && m.error !== undefined) return 'a response has either a result or an error'
    if (m.id === undefined && m.result !== undefined) return 'a result needs an id'
    if (m.error !== undefined) return 'error must be an object with a numeric code and a message'
    return `result must be an object, got ${nameOf(m.result)}`
  }
  if (typeof m.method !== 'string') return `method must be a string, got ${nameOf(m.method)}`
  if (m.params !== undefined && !isJsonObject(m.params)) {
    return `params must be an object, got ${nameOf(m.params)}`
  }
  return 'a request cannot carry a result or an error'
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

function show(value: unknown): string {
  const text = excerptOf(value)
  if (text === '') return 'nothing'
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** The start of a value's JSON text, for logs; at most 200 characters, empty when it has none. */
export function excerptOf(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '').slice(0, 200)
  } catch {
    // what parses may still be nested too deeply to be written
    return '(cannot be shown as JSON)'
  }
}

/** A result object whose JSON text is ready, so that a long list is serialised once per change and not once per call. */
export class SerialisedResult {
  /** It stands for a result object, so it passes as one; only an encoder looks inside. */
  readonly [member: string]: unknown
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  /** Lets the text survive a plain `JSON.stringify` (tests, traces) as the value it stands for. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

/**
 * Turns one message into its JSON text, without a newline.
 * @throws {TypeError} when a value cannot be serialised (BigInt, a cycle), {RangeError} when it is nested too deeply
 */
export function encodeMessage(message: JsonRpcMessage): string {
  if ('result' in message) {
    const { id, result } = message
    const text: string | undefined = result instanceof SerialisedResult ? result.text : JSON.stringify(result)
    if (text === undefined) throw nothingLeft()
    return `{"jsonrpc":"2.0","id":${typeof id === 'number' ? id : JSON.stringify(id)},"result":${text}}`
  }
  return JSON.stringify(message)
}

/** @throws as {@link encodeMessage} does */
export function serialise(result: JsonObject): SerialisedResult {
  if (result instanceof SerialisedResult) return result
  const text: string | undefined = JSON.stringify(result)
  if (text === undefined) throw nothingLeft()
  return new SerialisedResult(text)
}

function nothingLeft(): TypeError {
  return new TypeError('the result has a toJSON that leaves nothing of it')
}
