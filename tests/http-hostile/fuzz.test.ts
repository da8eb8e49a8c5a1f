import { expect, test } from 'bun:test'
import { startHostile } from './process.ts'
import { numbers } from './random.ts'
import { type Headers, head, INITIALIZE, MODERN, openSession, post, request, toolCall, works } from './requests.ts'
import { connect, type RawConnection, type RawResponse } from './socket.ts'

const SEED = Number(process.env.BAO_FUZZ_SEED ?? 20_260_728)
const REQUESTS = 3000
const CONNECTIONS = 8

/** Statuses that say what the client did wrong, that all is well, or that there is no room. */
const STATUSES = [200, 202, 204, 400, 403, 404, 405, 406, 408, 413, 414, 415, 417, 431, 501, 503, 505]
/** What an error of ours looks like when something broke inside. */
const BROKEN = /Internal error|\bat \S+ \(|\.ts:\d+|node_modules|TypeError|RangeError/

type Below = (below: number) => number

/** Values that code is seldom ready for, as JSON. */
const ODD = [
  'null',
  'true',
  '-1',
  '1e999',
  '0.5',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '[[]]',
  '{}',
  '{"__proto__":{"polluted":1}}',
  `"${'x'.repeat(5000)}"`,
  '9007199254740993',
]
const ODD_HEADERS = [
  '',
  ' ',
  'null',
  '0',
  '-1',
  '*',
  '*/*',
  'a'.repeat(9000),
  '=?base64?!?=',
  '\xff\xfe',
  MODERN,
  '2025-11-25',
  '1900-01-01',
  'http://localhost',
  'https://evil.example',
  'gzip, chunked',
  'application/json',
]
const HEADERS = [
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-session-id',
  'last-event-id',
  'content-type',
  'accept',
  'origin',
  'host',
  'authorization',
  'content-encoding',
  'access-control-request-headers',
]
const METHODS = [
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'prompts/get',
  'resources/read',
  'completion/complete',
  'server/discover',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'tasks/get',
]

function pick<T>(random: Below, from: readonly T[]): T {
  const one = from[random(from.length)]
  if (one === undefined) throw new TypeError('there is nothing to pick from')
  return one
}

/** A request that is right. */
function right(random: Below, session: string): { body: string; headers: Headers } {
  switch (random(5)) {
    case 0:
      return request(pick(random, METHODS), { name: 'x', uri: 'test://changing', level: 'debug' })
    case 1:
      return toolCall('keys', { a: [1, { b: 'c' }] })
    case 2:
      return toolCall('ask', {}, { params: { inputResponses: { sure: { action: 'accept' } }, requestState: 'QUJD' } })
    case 3:
      return { body: INITIALIZE, headers: {} }
    default: {
      const params = { name: 'echo', arguments: { text: 'hi' }, level: 'info', uri: 'test://changing' }
      const body = JSON.stringify({ jsonrpc: '2.0', id: 5, method: pick(random, [...METHODS, 'tools/call']), params })
      return { body, headers: { 'mcp-session-id': session } }
    }
  }
}

/** The bytes of a request in which something is wrong, mostly. */
function wrong(random: Below, session: string): Buffer {
  let { body, headers } = right(random, session)
  for (let times = random(4); times > 0; times--) {
    switch (random(7)) {
      case 0:
        body = replaceNth(
          body,
          /"[^"]*":/g,
          random,
          () => `"${pick(random, ['id', 'method', 'params', '_meta', '__proto__', 'x', 'name'])}":`,
        )
        break
      case 1:
      case 2:
        body = replaceNth(body, /(?<=:)(?:"[^"]*"|\d+|\{\}|\[\])/g, random, () => pick(random, ODD))
        break
      case 3: {
        const at = random(body.length)
        body =
          body.slice(0, at) + pick(random, ['{', '}', '[', ']', '"', ',', '\\', '\0', '']) + body.slice(at + random(3))
        break
      }
      case 4:
        body = pick(random, [`[${body}]`, `[${body},${body}]`, body + body, ` ${body}\n`, `\ufeff${body}`])
        break
      default:
        headers = { ...headers, [pick(random, HEADERS)]: pick(random, ODD_HEADERS) }
    }
  }
  if (random(12) === 0) return head(pick(random, ['GET', 'DELETE', 'OPTIONS', 'PUT', 'HEAD']), headers)
  return post(body, headers)
}

function replaceNth(text: string, pattern: RegExp, random: Below, by: () => string): string {
  const hits = [...text.matchAll(pattern)]
  const hit = hits[random(Math.max(1, hits.length))]
  return hit === undefined ? text : text.slice(0, hit.index) + by() + text.slice(hit.index + hit[0].length)
}

/** What is wrong with a response; undefined when nothing is. */
function complaint({ status, headers, body }: RawResponse): string | undefined {
  if (!STATUSES.includes(status)) return `the status ${status}`
  if (BROKEN.test(body)) return 'it tells of what is inside'
  const type = headers.get('content-type') ?? ''
  if (body === '') return undefined
  if (type.startsWith('text/event-stream') || !type.startsWith('application/json')) return undefined
  for (const message of [JSON.parse(body)].flat()) {
    if (message.jsonrpc !== '2.0') return 'it is no message'
    const { error, result } = message
    if ((error === undefined) === (result === undefined)) return 'it is neither a result nor an error'
    if (error !== undefined && !(Number.isInteger(error.code) && typeof error.message === 'string'))
      return 'its error is none'
    if (status !== 200 && error === undefined) return `a result with the status ${status}`
  }
  return undefined
}

test(`${REQUESTS} requests that were tampered with are answered, each of them (seed ${SEED})`, async () => {
  await using server = await startHostile({ serve: { streamAfterMs: 1_000_000 } })
  const complaints: string[] = []
  let answered = 0

  async function drive(nth: number): Promise<void> {
    const random = numbers(SEED + 1000 * nth)
    let connection: RawConnection = await connect(server.port)
    let session = await openSession(connection)
    for (let sent = 0; sent < REQUESTS / CONNECTIONS; sent++) {
      const bytes = wrong(random, session)
      connection.write(bytes)
      // a stream has no end of its own, and an answer to HEAD no body
      const response = await connection.head()
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      const length = Number(response.headers.get('content-length') ?? 0)
      const body = isStream || bytes.toString('latin1', 0, 4) === 'HEAD' ? '' : await connection.take(length)
      answered++
      const what = complaint({ ...response, body })
      if (what !== undefined)
        complaints.push(
          `${what}: ${response.status} ${body.slice(0, 300)}\n  to ${bytes.toString('latin1').slice(0, 1500)}`,
        )
      if (body.includes(server.secret) || body.includes(session))
        complaints.push(`a secret was told: ${body.slice(0, 300)}`)
      if (isStream || response.headers.get('connection') === 'close') {
        connection[Symbol.dispose]()
        connection = await connect(server.port)
      }
      if (bytes.includes('DELETE')) session = await openSession(connection)
    }
    connection[Symbol.dispose]()
  }

  await Promise.all(Array.from({ length: CONNECTIONS }, (_, nth) => drive(nth)))
  expect(complaints.slice(0, 3)).toEqual([])
  expect(answered).toBe(REQUESTS)
  expect(server.exitCode).toBeNull()
  expect(await works(server.port)).toBe(true)
  const { polluted, inFlight } = await server.stats()
  expect({ polluted, inFlight }).toEqual({ polluted: false, inFlight: 0 })
  expect(server.log).not.toMatch(/error:|^\s+at /m)
}, 30_000)
