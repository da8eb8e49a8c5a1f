import { encodeMessage, type JsonRpcResponse, type RequestId, type RpcError } from '@bao-mcp/protocol/engine'
import type { SseStream } from './sse-stream.ts'

/** Seconds a client is told to wait where the server had no room for it. */
const RETRY_AFTER_SECONDS = '1'

const JSON_INIT: ResponseInit = { headers: { 'content-type': 'application/json' } }
const JSON_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' }

/** What an event stream is sent with; the last header keeps proxies from holding events back. */
const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** JSON text as the whole body. */
export function jsonText(text: string, headers?: Readonly<Record<string, string>>): Response {
  return new Response(text, headers === undefined ? JSON_INIT : { headers: { ...JSON_HEADERS, ...headers } })
}

/** @throws when it cannot be written as JSON */
export function encodeAnswer(answer: JsonRpcResponse | JsonRpcResponse[]): string {
  return Array.isArray(answer) ? `[${answer.map(encodeMessage).join(',')}]` : encodeMessage(answer)
}

/** An error as the whole body, with the status it has there. */
export function errorResponse(
  status: number,
  id: RequestId | undefined,
  error: RpcError,
  headers?: Readonly<Record<string, string>>,
): Response {
  const all = {
    ...JSON_HEADERS,
    ...(status === 503 && { 'retry-after': RETRY_AFTER_SECONDS }),
    ...headers,
  }
  return new Response(errorText(id, error), { status, headers: all })
}

/** An error answer as JSON text; it can always be written. */
export function errorText(id: RequestId | undefined, error: RpcError): string {
  const answer = (object: { code: number; message: string; data?: unknown }): string =>
    JSON.stringify(id === undefined ? { jsonrpc: '2.0', error: object } : { jsonrpc: '2.0', id, error: object })
  try {
    return answer(error.toObject())
  } catch {
    // what cannot be written is the data; code and message still say what happened
    return answer({ code: error.code, message: error.message })
  }
}

/** What was taken and needs no answer. */
export function accepted(): Response {
  return new Response(null, { status: 202 })
}

const streams = new WeakMap<Response, SseStream>()

/** An event stream as the body. */
export function sseResponse(stream: SseStream, headers?: Readonly<Record<string, string>>): Response {
  const response = new Response(stream.body, { headers: { ...SSE_HEADERS, ...headers } })
  streams.set(response, stream)
  return response
}

/** Tells whoever owns the connection of a response that its reader was given up; some runtimes leave it open. */
export function whenGivenUp(response: Response, fn: () => void): void {
  streams.get(response)?.whenGivenUp(fn)
}
