import {
  createPeer,
  encodeSseEvent,
  isJsonObject,
  type JsonObject,
  mcpConventions,
  type Notice,
  type Peer,
  type Responder,
  type SseFields,
} from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import type { AuthorizedRequest, Authorizer } from '../../auth/authorizer.ts'
import type { Fetch } from '../../http/options.ts'
import type { ReadLimits } from '../../http/read-body.ts'
import { createWire } from '../../http/wire.ts'
import { createSessionChannel, type SessionChannelOptions } from './http-channel.ts'
import { createOldestChannel } from './sse-channel.ts'

export const URL_OF_SERVER = 'http://server.test/mcp'

/** One request as it reached the server. */
export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** The message in its body. */
  readonly message: JsonObject
  readonly signal: AbortSignal
}

export type Handler = (heard: Heard) => Response | Promise<Response>

/** A fetch that is answered by a function, and what it was asked. Aborts as the real one does. */
export function scriptedFetch(handler: Handler): { fetch: Fetch; heard: Heard[] } {
  const heard: Heard[] = []
  async function fetch(url: string, init: RequestInit): Promise<Response> {
    const { signal, body } = init
    if (!(signal instanceof AbortSignal)) throw new TypeError('a request needs a signal')
    const value: unknown = typeof body === 'string' ? JSON.parse(body) : undefined
    const one: Heard = {
      method: init.method ?? 'GET',
      url,
      headers: new Headers(init.headers),
      message: isJsonObject(value) ? value : {},
      signal,
    }
    heard.push(one)
    const aborted = Promise.withResolvers<never>()
    // a handler that throws is not raced with it
    aborted.promise.catch(() => undefined)
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
    return Promise.race([handler(one), aborted.promise])
  }
  return { fetch, heard }
}

/** A stream of events that a test writes to. */
export interface Stream {
  readonly response: Response
  /** Whether nobody reads it any more. */
  readonly cancelled: boolean
  send(event: Partial<SseFields> | JsonObject): void
  raw(text: string): void
  readonly end: () => void
  break(reason?: unknown): void
}

export function stream(signal?: AbortSignal, headers: Record<string, string> = {}): Stream {
  let cancelled = false
  const started = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
      started.resolve(given)
    },
    cancel() {
      cancelled = true
    },
  })
  signal?.addEventListener('abort', () => {
    cancelled = true
    try {
      controller?.error(signal.reason)
    } catch {
      // it had ended
    }
  })
  const raw = (text: string): void => controller?.enqueue(new TextEncoder().encode(text))
  return {
    response: new Response(body, { headers: { 'content-type': 'text/event-stream', ...headers } }),
    get cancelled() {
      return cancelled
    },
    send(event) {
      // proof: a message has jsonrpc, and the fields of an event have not
      const fields = ('jsonrpc' in event ? { data: JSON.stringify(event) } : event) as Partial<SseFields>
      raw(encodeSseEvent({ data: '', ...fields }))
    },
    raw,
    end: () => controller?.close(),
    break: (reason = new Error('the cable was cut')) => controller?.error(reason),
  }
}

export function json(value: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(value), {
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
}

export function result({ message }: Heard, value: JsonObject = {}): JsonObject {
  return { jsonrpc: '2.0', id: message.id, result: value }
}

export function accepted(): Response {
  return new Response(null, { status: 202 })
}

export function greeting(heard: Heard, sessionId?: string, version = '2025-11-25'): Response {
  const value = { protocolVersion: version, capabilities: {}, serverInfo: { name: 'scripted', version: '1.0.0' } }
  return json(result(heard, value), sessionId === undefined ? {} : { headers: { 'mcp-session-id': sessionId } })
}

/** Answers the lifecycle with a session and offers no stream of its own; the rest is left to `handler`. */
export function inSession(handler: Handler, sessionId: string | undefined = 's-1', version?: string): Handler {
  return (heard) => {
    if (heard.message.method === 'initialize') return greeting(heard, sessionId, version)
    if (heard.message.method === 'notifications/initialized') return accepted()
    if (heard.method === 'DELETE') return new Response(null, { status: 200 })
    if (heard.method === 'GET' && !heard.headers.has('last-event-id')) return new Response(null, { status: 405 })
    return handler(heard)
  }
}

/** A peer over the channel under test, and all there is to see of it. */
export interface Rig extends AsyncDisposable {
  readonly peer: Peer
  readonly clock: FakeClock
  readonly heard: Heard[]
  readonly warnings: string[]
  readonly strays: string[]
  readonly notices: Notice[]
  readonly renewals: JsonObject[]
  /** How often what the server said may have been missed. */
  readonly missed: () => number
  /** What was posted, by method; an answer is called `answer`. */
  posted(): string[]
  /** Asks this before each request is sent, as for a token; what it throws keeps the request from being sent. */
  before(authorize: (request: AuthorizedRequest) => void): void
  /** Opens the conversation. */
  shake(): Promise<JsonObject>
}

export type RigOptions = Partial<Omit<SessionChannelOptions, 'limits'>> & {
  responder?: Responder['request']
  limits?: Partial<ReadLimits>
  /** The channel of the oldest servers instead. */
  isOldest?: boolean
  signal?: AbortSignal
}

export function rig(handler: Handler, options: RigOptions = {}): Rig {
  const { responder = () => ({}), limits = {}, isOldest = false, signal, ...more } = options
  const { fetch, heard } = scriptedFetch(handler)
  const clock = createFakeClock()
  const warnings: string[] = []
  const strays: string[] = []
  const notices: Notice[] = []
  const renewals: JsonObject[] = []
  let missed = 0
  let before: (request: AuthorizedRequest) => void = () => {}
  const auth: Authorizer = {
    identity: 'test',
    async authorize(request) {
      before(request)
      return {}
    },
    challenged: async () => false,
  }
  const wire = createWire(new URL(URL_OF_SERVER), { fetch, auth })
  const allLimits = { maxMessageBytes: 1_000_000, streamIdleTimeoutMs: Number.POSITIVE_INFINITY, clock, ...limits }
  const warn = (message: string): void => void warnings.push(message)
  const channel = isOldest
    ? createOldestChannel({ wire, limits: allLimits, clock, warn, ...(signal !== undefined && { signal }) })
    : createSessionChannel({
        wire,
        limits: allLimits,
        clock,
        random: () => 0.5,
        maxResumes: 3,
        endSessionOnClose: true,
        warn,
        onRenewed: (answer) => void renewals.push(answer),
        onMissed() {
          missed++
        },
        ...more,
      })
  const peer = createPeer(
    channel,
    { request: responder, notice: (notice) => void notices.push(notice) },
    { conventions: mcpConventions, clock, onStray: ({ message }) => void strays.push(message) },
  )
  return {
    peer,
    clock,
    heard,
    warnings,
    strays,
    notices,
    renewals,
    missed: () => missed,
    before(authorize) {
      before = authorize
    },
    posted: () =>
      heard.filter(({ method }) => method === 'POST').map(({ message }) => String(message.method ?? 'answer')),
    async shake() {
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
      const answer = await peer.request('initialize', params, { cancellable: false })
      await peer.notify('notifications/initialized')
      await settle()
      return answer
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
