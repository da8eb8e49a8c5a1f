import { createSseReader, isJsonObject, type JsonObject, META } from '@bao-mcp/protocol/engine'

/** One event of a stream. */
export interface Event {
  id: string
  message: JsonObject
}

/** A response as a client reads it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Events one after the other; undefined when the stream has ended. A JSON body is one event. */
  next(): Promise<Event | undefined>
  /** The last message of it. */
  last(): Promise<JsonObject>
  /** Lets go of the connection. */
  drop(): void
}

const TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const MODERN = '2026-07-28'
const capabilities = { elicitation: { form: {} } }

export async function send(url: string, init: RequestInit): Promise<Answer> {
  const abort = new AbortController()
  const response = await fetch(url, { ...init, signal: abort.signal })
  const events: Event[] = []
  let over = false
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const body = response.body?.getReader()
  const reader = createSseReader({
    event({ data, id }) {
      events.push({ id, message: data === '' ? {} : JSON.parse(data) })
    },
    tooLong: (fault) => {
      throw new Error(fault.message)
    },
  })

  async function next(): Promise<Event | undefined> {
    while (events.length === 0 && !over) {
      if (!isStream) {
        over = true
        const text = await new Response(await drain(body)).text()
        if (text !== '') events.push({ id: '', message: JSON.parse(text) })
        break
      }
      const { done, value } = (await body?.read()) ?? { done: true, value: undefined }
      if (value !== undefined) reader.push(value)
      if (done) over = true
    }
    return events.shift()
  }

  return {
    status: response.status,
    headers: response.headers,
    next,
    async last() {
      let last: JsonObject = {}
      for (;;) {
        const event = await next()
        if (event === undefined) return last
        last = event.message
      }
    },
    drop: () => abort.abort(),
  }
}

async function drain(body: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (;;) {
    const { done, value } = (await body?.read()) ?? { done: true, value: undefined }
    if (value !== undefined) pieces.push(value)
    if (done) return new Blob(pieces)
  }
}

let ids = 0

/** A request that stands alone. */
export function modern(url: string, method: string, params: JsonObject = {}): Promise<Answer> {
  const { name } = params
  const _meta = {
    [META.protocolVersion]: MODERN,
    [META.clientCapabilities]: capabilities,
    ...(isJsonObject(params._meta) ? params._meta : {}),
  }
  return send(url, {
    method: 'POST',
    headers: {
      ...TYPES,
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++ids, method, params: { ...params, _meta } }),
  })
}

/** A client with a session. */
export interface SessionClient {
  readonly id: string
  post(message: JsonObject): Promise<Answer>
  request(method: string, params?: JsonObject): Promise<Answer>
  get(lastEventId?: string): Promise<Answer>
  end(): Promise<Answer>
}

export async function openSession(url: string): Promise<SessionClient> {
  const version = '2025-11-25'
  const opened = await send(url, {
    method: 'POST',
    headers: TYPES,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } },
    }),
  })
  await opened.last()
  const id = opened.headers.get('mcp-session-id')
  if (id === null) throw new Error(`no session: ${opened.status}`)
  const headers = { ...TYPES, 'mcp-session-id': id, 'mcp-protocol-version': version }
  const post = (message: JsonObject): Promise<Answer> =>
    send(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) })
  const session: SessionClient = {
    id,
    post,
    request: (method, params = {}) => post({ id: ++ids, method, params }),
    get: (lastEventId) =>
      send(url, {
        headers: {
          ...headers,
          accept: 'text/event-stream',
          ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
        },
      }),
    end: () => send(url, { method: 'DELETE', headers }),
  }
  await session.post({ method: 'notifications/initialized' })
  return session
}

/** The text of a tool's answer. */
export function textOf(answer: JsonObject): string {
  const { result } = answer
  const content: unknown = isJsonObject(result) ? result.content : undefined
  const [first]: unknown[] = Array.isArray(content) ? content : []
  if (isJsonObject(first) && typeof first.text === 'string') return first.text
  throw new TypeError(`no text in ${JSON.stringify(answer)}`)
}
