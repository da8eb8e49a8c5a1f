import {
  AnsweredError,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionEvidence,
  classify,
  isJsonObject,
  type JsonRpcError,
  type JsonRpcRequest,
  type RequestId,
  type Unreadable,
} from '@bao-mcp/protocol/engine'
import { BodyError, type ReadLimits, readText } from './read-body.ts'
import { isEventStreamType, type MessageHandlers, parsed, readMessages } from './read-messages.ts'
import { adviceFor, excerptOf, placeOf, withoutSecrets } from './sent-with.ts'

/** What reads the response to one request. */
export interface AnswerHandlers {
  /** One message of it, in the order of arrival. @param length of its text */
  message(value: unknown, length: number): void
  /** What came on a stream, is no message and can be no answer to this request. */
  unreadable?(fault: Unreadable): void
  /** The id of the last event, where the stream has ids. */
  eventId?(id: string): void
  /** Milliseconds the stream wants to be left alone before it is gone on with. */
  retry?(ms: number): void
}

/** How the response to a request ended. */
export type Ending =
  /** It brought the answer. */
  | { kind: 'answered' }
  /** No answer can come. */
  | { kind: 'failed'; error: Error }
  /** The stream ended, or broke off, before the answer. */
  | { kind: 'dropped'; error: ConnectionError }

/** Statuses below 500 of who waited for a server that may have begun. */
const GIVEN_UP: ReadonlySet<number> = new Set([408, 499])
const ANSWERED: Ending = { kind: 'answered' }
/** Bodies of refusals, which may hold anything and are not shown. */
const bodies = new WeakMap<Error, string>()

/**
 * Reads the response to a request until it has brought the answer, or cannot any more. Whatever comes, it ends.
 * An error without an id, or an answer that is the whole body, can only be meant for this request.
 */
export function readAnswer(
  request: JsonRpcRequest,
  response: Response,
  handlers: AnswerHandlers,
  limits: ReadLimits,
): Promise<Ending> {
  const type = response.headers.get('content-type') ?? ''
  return response.ok && isEventStreamType(type)
    ? readStream(request, response, handlers, limits)
    : readBody(request, response, type, handlers, limits)
}

async function readBody(
  request: JsonRpcRequest,
  response: Response,
  type: string,
  handlers: AnswerHandlers,
  limits: ReadLimits,
): Promise<Ending> {
  let text: string
  try {
    text = await readText(response, limits)
  } catch (cause) {
    return broken(request, cause)
  }
  const { status } = response
  const value = parsed(text)
  if (!response.ok) return failed(refusal(request, response, value, text))
  if (status === 202 || text === '') {
    const words = `it was answered with HTTP ${status} and nothing else${placeOf(response)}`
    return failed(connectionError(request, 'unanswerable', words, { status, outcome: 'unknown' }))
  }
  if (value === undefined) {
    const words = `the answer is not JSON (${type || 'no content type'}): ${excerptOf(response, text)}`
    return failed(connectionError(request, 'unanswerable', `${words}${placeOf(response)}`, { status }))
  }
  return readWhole(request, value, text.length, handlers)
}

function readWhole(request: JsonRpcRequest, value: unknown, length: number, handlers: AnswerHandlers): Ending {
  let answered = false
  for (const one of Array.isArray(value) ? value : [value]) {
    const addressed = addressedTo(request, one)
    if (addressed !== undefined) answered = true
    handlers.message(addressed ?? one, length)
  }
  return answered ? ANSWERED : failed(connectionError(request, 'unanswerable', 'what was answered is no answer to it'))
}

async function readStream(
  request: JsonRpcRequest,
  response: Response,
  handlers: AnswerHandlers,
  limits: ReadLimits,
): Promise<Ending> {
  const stream = new AnswerStream(request, handlers)
  try {
    await readMessages(response, stream, limits)
  } catch (cause) {
    return broken(request, cause)
  }
  if (stream.ending !== undefined) return stream.ending
  const message = 'the stream ended before the answer'
  return { kind: 'dropped', error: connectionError(request, 'dropped', message, { outcome: 'unknown' }) }
}

/** The answer, with the id it should have: alone in its response, it can be meant for nothing else. */
function addressedTo({ id }: JsonRpcRequest, value: unknown): unknown {
  if (isAnswerTo(id, value)) return value
  const kind = classify(value)
  // proof: classify has just checked that it is an error
  if (kind !== 'error' || ((value as JsonRpcError).id ?? undefined) !== undefined) return undefined
  return { ...(value as JsonRpcError), id }
}

/** Whether a value means to answer the request of this id, well formed or not. */
export function isAnswerTo(id: RequestId, value: unknown): boolean {
  if (!isJsonObject(value) || value.id !== id || 'method' in value) return false
  return value.jsonrpc === '2.0' || 'result' in value || 'error' in value
}

/** Reads a response that accepts nothing, and tells what it says. */
export async function readRefusal(what: Asked, response: Response, limits: ReadLimits): Promise<Error> {
  try {
    const text = await readText(response, limits)
    return refusal(what, response, parsed(text), text)
  } catch (cause) {
    if (!(cause instanceof BodyError)) throw cause
    return refusal(what, response, undefined, '')
  }
}

/** What a response is for: a request, or a message without an id. */
export interface Asked {
  readonly method: string
  readonly id?: RequestId
}

/** What a status that is not 2xx says: the error of its body, if there is one. */
function refusal(request: Asked, response: Response, value: unknown, text: string): Error {
  const { status } = response
  const retryAfterMs = retryAfter(response.headers.get('retry-after'))
  if (classify(value) === 'error') {
    // proof: classify has just checked its members
    const { code, message, data } = (value as JsonRpcError).error
    return new AnsweredError(code, withoutSecrets(response, message), data, {
      status,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
  const shown = text.trim() === '' ? 'an empty body' : excerptOf(response, text)
  const words = `it was answered with HTTP ${status} and ${shown}${placeOf(response)}${adviceFor(response)}`
  const error = connectionError(request, 'http_status', words, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    outcome: status < 500 && !GIVEN_UP.has(status) ? 'not_run' : 'unknown',
  })
  bodies.set(error, text)
  return error
}

/** The whole body of a refusal, for telling what it means and not for being shown; empty for any other error. */
export function refusedWith(error: Error): string {
  return bodies.get(error) ?? ''
}

/** Milliseconds; undefined when there is no such header, or it cannot be read. */
export function retryAfter(header: string | null, now: number = Date.now()): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000
  // numbers of other forms are taken for years by some
  const date = /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** How a body ended that broke off. @throws what is no fault of the body */
function broken(request: JsonRpcRequest, cause: unknown): Ending {
  if (!(cause instanceof BodyError)) throw cause
  switch (cause.code) {
    case 'too_large':
      return failed(connectionError(request, 'too_large', `the answer cannot be read: ${cause.message}`))
    case 'idle':
    case 'broken':
      return {
        kind: 'dropped',
        error: connectionError(request, 'dropped', `the stream broke off before the answer: ${cause.message}`, {
          outcome: 'unknown',
          cause,
        }),
      }
    default:
      return cause.code satisfies never
  }
}

export function connectionError(
  { method, id }: Asked,
  code: ConnectionErrorCode,
  message: string,
  evidence: ConnectionEvidence = {},
): ConnectionError {
  return new ConnectionError(code, `${method}: ${message}`, { method, ...(id !== undefined && { id }), ...evidence })
}

function failed(error: Error): Ending {
  return { kind: 'failed', error }
}

/** Waits for the answer on a stream; what else comes is passed on. */
class AnswerStream implements MessageHandlers {
  ending: Ending | undefined
  /** A server should end the stream behind the response. */
  readonly endsThen = true
  readonly #request: JsonRpcRequest
  readonly #handlers: AnswerHandlers

  constructor(request: JsonRpcRequest, handlers: AnswerHandlers) {
    this.#request = request
    this.#handlers = handlers
  }

  message(value: unknown, length: number): void {
    const addressed = addressedTo(this.#request, value)
    if (addressed !== undefined) this.ending ??= ANSWERED
    this.#handlers.message(addressed ?? value, length)
  }

  unreadable(fault: Unreadable): void {
    const code = fault.kind === 'oversized' ? 'too_large' : 'unanswerable'
    if (!fault.isResponse || fault.id !== this.#request.id) this.#handlers.unreadable?.(fault)
    else this.ending ??= failed(connectionError(this.#request, code, fault.message))
  }

  eventId(id: string): void {
    this.#handlers.eventId?.(id)
  }

  retry(ms: number): void {
    this.#handlers.retry?.(ms)
  }

  isDone(): boolean {
    return this.ending !== undefined
  }
}
