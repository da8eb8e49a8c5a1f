/** What the tests of HTTP share: requests made by hand, readers of answers, and sessions. */
import { createSseReader, isJsonObject, type JsonObject, type RequestId, type SseEvent } from '@bao-mcp/protocol/engine'
import { CLIENT_INFO, MODERN, modernMeta, NEWEST_HANDSHAKE } from './kit.ts'

export const ENDPOINT = 'http://localhost:8080/mcp'
export const BOTH_TYPES = 'application/json, text/event-stream'

/** Headers by name; null leaves one out that would be sent otherwise. */
export type HeaderChanges = Readonly<Record<string, string | null>>

export interface SendOptions {
  headers?: HeaderChanges
  signal?: AbortSignal
}

export interface ModernOptions extends SendOptions {
  id?: RequestId
  capabilities?: JsonObject
  /** Members of `_meta` beside those every request has. */
  meta?: JsonObject
}

type Handle = (request: Request) => Promise<Response>

/** A POST with the headers every POST has; a body that is no text is written as JSON. */
export function post(body: unknown, { headers = {}, signal }: SendOptions = {}): Request {
  const all: HeaderChanges = { 'content-type': 'application/json', accept: BOTH_TYPES, ...headers }
  return new Request(ENDPOINT, {
    method: 'POST',
    headers: Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal !== undefined && { signal }),
  })
}

/** A request without a body, as GET and DELETE are. */
export function bare(method: string, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request(ENDPOINT, { method, headers: { accept: 'text/event-stream', ...headers } })
}

/** A request that stands alone, with its metadata and the headers that repeat it. */
export function modern(method: string, params: JsonObject = {}, options: ModernOptions = {}): Request {
  const { id = 1, capabilities = {}, meta = {}, headers = {}, signal } = options
  const name = params.name ?? params.uri
  const message = { jsonrpc: '2.0', id, method, params: { ...params, _meta: modernMeta(capabilities, meta) } }
  return post(message, {
    headers: {
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    ...(signal !== undefined && { signal }),
  })
}

/** `tools/call` that stands alone. */
export function modernCall(name: string, args: JsonObject = {}, options: ModernOptions = {}): Request {
  return modern('tools/call', { name, arguments: args }, options)
}

/** The one JSON object a response consists of. */
export async function bodyOf(response: Response): Promise<JsonObject> {
  const body: unknown = await response.json()
  if (!isJsonObject(body)) throw new TypeError('the body is no JSON object')
  return body
}

/** The result of an answer. */
export function resultOf({ result }: JsonObject): JsonObject {
  if (!isJsonObject(result)) throw new TypeError('the answer has no result')
  return result
}

/** The error of an answer. */
export function errorOf({ error }: JsonObject): { code: number; message: string; data?: JsonObject } {
  if (!isJsonObject(error) || typeof error.code !== 'number' || typeof error.message !== 'string') {
    throw new TypeError('the answer has no error')
  }
  const { code, message, data } = error
  return { code, message, ...(isJsonObject(data) && { data }) }
}

/** What a request was refused with. */
export interface Refusal {
  readonly status: number
  readonly id: unknown
  readonly code: number
  readonly message: string
  readonly data?: JsonObject
}

/** The error a response consists of. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const body = await bodyOf(response)
  return { status: response.status, id: body.id, ...errorOf(body) }
}

/** One event, and the message in it; undefined where its data is empty. */
export interface ReadEvent extends SseEvent {
  readonly message: JsonObject | undefined
}

/** Reads a response as a stream of events. */
export interface Events {
  /** The next event, as soon as it is there; undefined when the stream has ended. */
  next(): Promise<ReadEvent | undefined>
  /** The next message; throws when the stream ends before it. */
  message(): Promise<JsonObject>
  /** All messages up to the end of the stream. */
  messages(): Promise<JsonObject[]>
  /** Everything that was read so far, as text. */
  readonly text: string
  /** Waits until the text so far passes. */
  until(passes: (text: string) => boolean): Promise<void>
  /** Closes the stream as a client does that goes away. */
  cancel(): Promise<void>
}

/** @throws {TypeError} when the response is no stream of events */
export function events(response: Response): Events {
  const type = response.headers.get('content-type')
  if (type !== 'text/event-stream' || response.body === null) throw new TypeError(`the response is ${type}`)
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const waiting: ReadEvent[] = []
  let text = ''
  let isOver = false
  const sse = createSseReader({
    event(event) {
      const value: unknown = event.data === '' ? undefined : JSON.parse(event.data)
      waiting.push({ ...event, message: isJsonObject(value) ? value : undefined })
    },
    tooLong(fault) {
      throw new TypeError('an event is too long', { cause: fault })
    },
  })

  async function read(): Promise<void> {
    const { done, value } = await reader.read()
    isOver = done
    if (value === undefined) return
    text += decoder.decode(value, { stream: true })
    sse.push(value)
  }

  async function next(): Promise<ReadEvent | undefined> {
    while (waiting.length === 0 && !isOver) await read()
    return waiting.shift()
  }

  async function messages(): Promise<JsonObject[]> {
    const all: JsonObject[] = []
    for (let event = await next(); event !== undefined; event = await next()) {
      if (event.message !== undefined) all.push(event.message)
    }
    return all
  }

  return {
    next,
    async message() {
      for (;;) {
        const event = await next()
        if (event === undefined) throw new TypeError('the stream ended before a message came')
        if (event.message !== undefined) return event.message
      }
    },
    messages,
    get text() {
      return text
    },
    async until(passes) {
      while (!passes(text)) {
        if (isOver) throw new TypeError(`the stream ended with ${JSON.stringify(text)}`)
        await read()
      }
    },
    cancel: () => reader.cancel(),
  }
}

export interface SessionOptions extends SendOptions {
  version?: string
  capabilities?: JsonObject
}

/** A client's open session. Its requests are plain: where the answer goes is up to the test. */
export interface LegacySession {
  readonly id: string
  readonly version: string
  /** The headers every request of the session has. */
  readonly headers: Readonly<Record<string, string>>
  /** A POST of any message or array. */
  post(body: unknown, options?: SendOptions): Request
  request(method: string, params?: JsonObject, options?: SendOptions & { id?: RequestId }): Request
  notify(method: string, params?: JsonObject, options?: SendOptions): Request
  get(headers?: Readonly<Record<string, string>>): Request
  delete(headers?: Readonly<Record<string, string>>): Request
}

/** Opens a session with a whole handshake. */
export async function legacySession(handle: Handle, options: SessionOptions = {}): Promise<LegacySession> {
  const { version = NEWEST_HANDSHAKE, capabilities = {}, headers: given = {} } = options
  const opened = await handle(post(initialize(version, capabilities), { headers: given }))
  const id = opened.headers.get('mcp-session-id')
  if (id === null) throw new TypeError(`no session was opened: ${opened.status} ${await opened.text()}`)
  await opened.text()
  const headers: Record<string, string> = { 'mcp-session-id': id, 'mcp-protocol-version': version }
  for (const [name, value] of Object.entries(given)) if (value !== null) headers[name] = value
  const session = sessionOf(id, version, headers)
  const accepted = await handle(session.notify('notifications/initialized'))
  if (accepted.status !== 202) throw new TypeError(`the handshake was not accepted: ${accepted.status}`)
  return session
}

/** The message that asks for a session. */
export function initialize(version: string = NEWEST_HANDSHAKE, capabilities: JsonObject = {}): JsonObject {
  const params = { protocolVersion: version, capabilities, clientInfo: CLIENT_INFO }
  return { jsonrpc: '2.0', id: 'initialize', method: 'initialize', params }
}

function sessionOf(id: string, version: string, headers: Readonly<Record<string, string>>): LegacySession {
  let requests = 0
  const send = (body: unknown, { headers: more = {}, signal }: SendOptions = {}): Request =>
    post(body, { headers: { ...headers, ...more }, ...(signal !== undefined && { signal }) })
  return {
    id,
    version,
    headers,
    post: send,
    request: (method, params = {}, { id: chosen, ...more } = {}) =>
      send({ jsonrpc: '2.0', id: chosen ?? ++requests, method, params }, more),
    notify: (method, params = {}, more = {}) => send({ jsonrpc: '2.0', method, params }, more),
    get: (more = {}) => bare('GET', { ...headers, ...more }),
    delete: (more = {}) => bare('DELETE', { ...headers, ...more }),
  }
}
