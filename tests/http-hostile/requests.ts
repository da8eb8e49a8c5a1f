import { connect, type RawConnection, type RawResponse } from './socket.ts'

export const MODERN = '2026-07-28'
export const LEGACY = '2025-11-25'

export type Headers = Readonly<Record<string, string>>

const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'hostile', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
}

/** A JSON-RPC answer, as far as tests look into it. */
export interface Answer {
  jsonrpc?: string
  id?: string | number | null
  result?: {
    content?: { text: string }[]
    structuredContent?: unknown
    resultType?: string
    requestState?: string
    inputRequests?: Record<string, unknown>
  }
  error?: { code: number; message: string; data?: unknown }
}

/** The bytes of a POST; every default can be overridden, and an empty header is left out. */
export function post(body: string | Uint8Array, headers: Headers = {}): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([head('POST', { ...TYPES, 'content-length': String(bytes.length), ...headers }), bytes])
}

const TYPES: Headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** The head of a request. */
export function head(method: string, headers: Headers = {}, path = '/mcp'): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers }).filter(([, value]) => value !== '')
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${text}\r\n`, 'latin1')
}

/** A modern request as params for {@link post}. */
export interface Request {
  body: string
  headers: Headers
}

export function request(
  method: string,
  params: object = {},
  { id = 1, meta = {} }: { id?: unknown; meta?: object } = {},
): Request {
  const name = Reflect.get(params, 'name') ?? Reflect.get(params, 'uri')
  return {
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...META, ...meta } } }),
    headers: {
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
  }
}

export function toolCall(name: string, args: object = {}, more: { meta?: object; params?: object } = {}): Request {
  return request('tools/call', { name, arguments: args, ...more.params }, { meta: more.meta ?? {} })
}

/** The same as bytes. */
export function bytesOf({ body, headers }: Request, more: Headers = {}): Buffer {
  return post(body, { ...headers, ...more })
}

/** Sends bytes over a connection of their own, and reads the one response. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<RawResponse> {
  using connection = await connect(port)
  connection.write(bytes)
  return await connection.response()
}

export async function call(port: number, wanted: Request, headers: Headers = {}): Promise<Answer> {
  return answerOf(await exchange(port, bytesOf(wanted, headers)))
}

/** The last message of a response, which is its answer. */
export function answerOf({ headers, body }: Pick<RawResponse, 'headers' | 'body'>): Answer {
  if (!headers.get('content-type')?.startsWith('text/event-stream')) return JSON.parse(body)
  const [last = ''] = body
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .slice(-1)
  return JSON.parse(last.slice('data: '.length))
}

export function textOf(answer: Answer): string | undefined {
  return answer.result?.content?.[0]?.text
}

/** That a server still does what it is for. */
export async function works(port: number): Promise<boolean> {
  return textOf(await call(port, toolCall('keys', { a: 1 }))) === '{"own":["a"],"admin":null}'
}

export const INITIALIZE: string = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'hostile', version: '1.0.0' } },
})

/** A message of a session. */
export function inSession(session: string, message: object, headers: Headers = {}): Buffer {
  return post(JSON.stringify({ jsonrpc: '2.0', ...message }), {
    'mcp-session-id': session,
    'mcp-protocol-version': LEGACY,
    ...headers,
  })
}

/** Opens a session over a connection and gives its id. */
export async function openSession(connection: RawConnection): Promise<string> {
  connection.write(post(INITIALIZE))
  const { status, headers, body } = await connection.response()
  const id = headers.get('mcp-session-id')
  if (status !== 200 || id === undefined) throw new Error(`no session was opened: ${status} ${body}`)
  return id
}
