import {
  CANCELLED,
  type Channel,
  type Clock,
  type CloseReason,
  ConnectionError,
  encodeMessage,
  isJsonObject,
  isRequestId,
  type JsonRpcMessage,
  type Receiver,
  type RequestId,
  type Way,
} from '@bao-mcp/protocol/engine'
import { follow } from '../../follow.ts'
import { type Asked, connectionError, isAnswerTo, readRefusal } from '../../http/answer.ts'
import { ACCEPTANCE_MS, ownHeaders, POST_HEADERS } from '../../http/post.ts'
import { BodyError, type ReadLimits } from '../../http/read-body.ts'
import { isEventStream, readMessages } from '../../http/read-messages.ts'
import { shownUrl } from '../../http/sent-with.ts'
import { discard, type Wire } from '../../http/wire.ts'
import { type HttpSession, sessionOf } from './http-session.ts'
import { isSessionLost } from './lost-session.ts'
import { timeLimit } from './time-limit.ts'

export interface OldestChannelOptions {
  readonly wire: Wire
  readonly limits: ReadLimits
  readonly clock: Clock
  /** Gives up waiting for the stream and its `endpoint`; without meaning afterwards. */
  readonly signal?: AbortSignal
  /** Hears of what could not be delivered. */
  warn(message: string): void
}

/**
 * A conversation with a server of the first HTTP transport: one stream on which everything comes, and a second URL, which
 * the stream names first, that everything is posted to. The stream is the conversation: when it ends, all is over.
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export function createOldestChannel(options: OldestChannelOptions): Channel {
  const { wire, limits, clock, warn } = options
  const stream = follow(options.signal)
  const endpoint = Promise.withResolvers<URL>()
  /** Calls that wait for their answers. */
  const calls = new Map<RequestId, Asked>()
  let receiver: Receiver | undefined
  let session: HttpSession | undefined
  let hasEndpoint = false
  /** Whether a message was taken at that URL, so that the server knew the conversation once. */
  let wasKnown = false
  let lastCallAt = 0
  let ended: CloseReason | undefined
  // whoever waits for it hears of its failure; perhaps nobody does
  endpoint.promise.catch(() => undefined)

  async function run(): Promise<void> {
    const { signal } = stream
    try {
      const what = 'the stream of events'
      const sent = await wire.send({ method: 'GET', headers: { accept: 'text/event-stream' }, signal, what })
      try {
        await read(sent.response)
      } finally {
        sent.release()
      }
      end({ kind: 'remote', message: 'the server ended its stream of events' })
    } catch (error) {
      fail(error instanceof Error ? error : new TypeError(String(error)))
    }
  }

  async function read(response: Response): Promise<void> {
    if (!response.ok)
      throw nothingThere(await readRefusal({ method: 'a stream of events' }, response, limits), wire.url)
    if (!isEventStream(response)) {
      const type = response.headers.get('content-type') ?? 'no content type'
      await response.body?.cancel()
      const words = `the URL answers with ${type} and not with a stream of events`
      throw new ConnectionError('unanswerable', `no MCP server at ${shownUrl(wire.url)}: ${words}`)
    }
    let misled: Error | undefined
    await readMessages(
      response,
      {
        message: hear,
        unreadable: (fault) => receiver?.unreadable(fault),
        other({ event, data }) {
          if (event !== 'endpoint' || hasEndpoint) return
          const target = URL.parse(data, response.url || wire.url)
          if (target?.origin === wire.url.origin) return begin(target)
          // messages, and the credentials that go with them, are meant for nobody else
          const words = `the server names ${target?.origin ?? 'what is no URL'} to post messages to`
          misled = new ConnectionError('unanswerable', `${words}, which is another origin than ${wire.url.origin}`)
        },
        isDone: () => misled !== undefined,
        // servers of that time send nothing at all while there is nothing to say
        mayBeSilent: () => hasEndpoint && (calls.size === 0 || clock.now() - lastCallAt < limits.streamIdleTimeoutMs),
      },
      limits,
    )
    if (misled !== undefined) throw misled
  }

  function begin(target: URL): void {
    hasEndpoint = true
    // from here on the conversation lasts longer than the opening of it
    stream[Symbol.dispose]()
    endpoint.resolve(target)
  }

  function hear(value: unknown, length: number): void {
    if (isJsonObject(value) && isRequestId(value.id) && isAnswerTo(value.id, value)) {
      if (calls.get(value.id)?.method === 'initialize') session = sessionOf(value.result, undefined)
      calls.delete(value.id)
    }
    receiver?.message(value, length)
  }

  function fail(error: Error): void {
    const cause = error instanceof BodyError ? 'the stream of events broke off' : 'the stream of events failed'
    end({ kind: 'failed', message: `${cause}: ${error.message}`, error })
  }

  function end(reason: CloseReason): void {
    if (ended !== undefined) return
    ended = reason
    const last = receiver
    receiver = undefined
    stream[Symbol.dispose]()
    stream.controller.abort(new DOMException(reason.message, 'AbortError'))
    endpoint.reject(new ConnectionError('closed', reason.message, { reason, outcome: 'not_run' }))
    const { error } = reason
    for (const call of calls.values()) {
      if (call.id === undefined || reason.kind === 'local') continue
      // without an endpoint nothing was sent, and what kept it from coming says more
      last?.failed?.(call.id, !hasEndpoint && error instanceof Error ? notBegun(call, error) : lost(call, reason))
    }
    calls.clear()
    last?.end(reason)
  }

  /** Posts one message. @throws why it was refused */
  async function post(asked: Asked, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const url = await endpoint.promise
    using limit = timeLimit(asked.method, ACCEPTANCE_MS, clock, stream.signal)
    const sent = await wire.send({
      method: 'POST',
      headers: { ...headers, ...POST_HEADERS, ...session?.headers },
      body,
      signal: limit.signal,
      what: asked.method,
      url,
    })
    if (sent.response.ok) {
      wasKnown = true
      return discard(sent)
    }
    let refusal: Error
    try {
      refusal = await readRefusal(asked, sent.response, limits)
    } finally {
      sent.release()
    }
    throw wasKnown && isSessionLost(refusal, true) ? forgotten(asked, refusal) : refusal
  }

  /** The server knows the conversation no more: nothing can be answered on its stream. @returns what it means for `asked` */
  function forgotten(asked: Asked, refusal: Error): Error {
    const message = `the server has forgotten the conversation: ${refusal.message}`
    const reason: CloseReason = { kind: 'failed', message, error: refusal }
    const error = new ConnectionError('closed', message, { ...asked, reason, outcome: 'not_run', cause: refusal })
    // first: all others may have run
    if (asked.id !== undefined && calls.delete(asked.id)) receiver?.failed?.(asked.id, error)
    end(reason)
    return error
  }

  async function call(asked: Asked & { readonly id: RequestId }, body: string, way: Way | undefined): Promise<void> {
    calls.set(asked.id, asked)
    lastCallAt = clock.now()
    try {
      await post(asked, body, ownHeaders(way))
    } catch (error) {
      if (!calls.delete(asked.id)) return
      receiver?.failed?.(asked.id, error instanceof Error ? error : new TypeError(String(error)))
    }
  }

  async function answer(body: string): Promise<void> {
    try {
      await post({ method: 'an answer' }, body, {})
    } catch (error) {
      if (ended === undefined) {
        warn(`an answer could not be delivered: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  function send(message: JsonRpcMessage | JsonRpcMessage[], way?: Way): void | Promise<void> {
    const body = Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
    if (ended !== undefined) return
    if (Array.isArray(message) || !('method' in message)) return void answer(body)
    const { method } = message
    // never rejects
    if ('id' in message) return void call({ method, id: message.id }, body, way)
    if (method !== CANCELLED) return post({ method }, body, {})
    const { requestId } = message.params ?? {}
    if (isRequestId(requestId)) calls.delete(requestId)
    // a server that cannot be told of it is none that works on it
    post({ method }, body, {}).catch(() => undefined)
  }

  return {
    open(to) {
      if (receiver !== undefined) throw new TypeError('a channel is opened once')
      receiver = to
      const reason = ended
      if (reason === undefined) void run()
      else queueMicrotask(() => to.end(reason))
    },
    send,
    async close() {
      end({ kind: 'local', message: 'closed by this side' })
    },
    async [Symbol.asyncDispose]() {
      await this.close()
    },
  }
}

/** Statuses of a URL at which nothing of this protocol is. */
const NOTHING_THERE: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 415])

function nothingThere(refusal: Error, url: URL): Error {
  if (!(refusal instanceof ConnectionError) || !NOTHING_THERE.has(refusal.status ?? 0)) return refusal
  const { status, message: words } = refusal
  const message = `no MCP server at ${shownUrl(url)}: ${words}`
  return new ConnectionError('http_status', message, { ...(status !== undefined && { status }), cause: refusal })
}

function lost(call: Asked, reason: CloseReason): ConnectionError {
  return connectionError(call, 'dropped', reason.message, { reason, outcome: 'unknown' })
}

/** Why a call was never sent. */
function notBegun(call: Asked, cause: Error): Error {
  if (cause instanceof BodyError) return connectionError(call, 'dropped', cause.message, { outcome: 'not_run', cause })
  if (!(cause instanceof ConnectionError)) return cause
  const { code, status, retryAfterMs, message } = cause
  return new ConnectionError(code, message, {
    ...call,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    outcome: 'not_run',
    cause,
  })
}
