import { expect, test } from 'bun:test'
import { type Hostile, startHostile } from './process.ts'
import { INITIALIZE, inSession, openSession, post, works } from './requests.ts'
import { connect, type RawConnection } from './socket.ts'

const SESSIONS = 10_000
const CONNECTIONS = 8
const SESSION_IDLE_MS = 180_000
/** By when a session that nobody uses is over at the latest: one that is used is not written down each time. */
const KEPT_MS = (SESSION_IDLE_MS * 9) / 8
/** Milliseconds after which nothing is kept of an idle session but that it exists. */
const CONVERSATION_IDLE_MS = 60_000
/** Bytes of the heap for one session that was just used: what was seen, about 8.5 kB, with room to spare. */
const MAX_FRESH_BYTES = 16_000
/** Likewise for one that is idle: about 2.6 kB. */
const MAX_IDLE_BYTES = 5_000
/** Bytes of all records that are kept, at two bytes a character, and of what parsing took. */
const MAX_REMEMBERED_BYTES = 256 * 1024 * 1024

/** Opens sessions over a few connections. */
async function open(server: Hostile, count: number): Promise<string[]> {
  const shares = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, n) => {
      using connection = await connect(server.port)
      const ids: string[] = []
      for (let nth = n; nth < count; nth += CONNECTIONS) ids.push(await openSession(connection))
      return ids
    }),
  )
  return shares.flat()
}

async function statusIn(connection: RawConnection, session: string): Promise<number> {
  connection.write(inSession(session, { id: 1, method: 'ping' }))
  return (await connection.response()).status
}

test('10,000 idle sessions are held in bounded memory, one more takes the place of the oldest, and all of them end with their time', async () => {
  await using server = await startHostile({ serve: { maxSessions: SESSIONS, sessionIdleMs: SESSION_IDLE_MS } })
  const first = await open(server, 10)
  const before = await server.stats()
  const ids = await open(server, SESSIONS - 10)
  expect(new Set(ids).size).toBe(SESSIONS - 10)
  const fresh = await server.stats()
  expect((fresh.heap - before.heap) / ids.length).toBeLessThan(MAX_FRESH_BYTES)
  await server.advance(CONVERSATION_IDLE_MS)
  const idle = await server.stats()
  expect((idle.heap - before.heap) / ids.length).toBeLessThan(MAX_IDLE_BYTES)

  using connection = await connect(server.port)
  connection.write(post(INITIALIZE))
  const opened = await connection.response()
  expect([opened.status, opened.headers.has('mcp-session-id')]).toEqual([200, true])
  const statuses: number[] = []
  for (const id of first) statuses.push(await statusIn(connection, id))
  expect(statuses.toSorted()).toEqual([...Array.from({ length: 9 }, () => 200), 404])
  expect(await works(server.port)).toBe(true)

  // one that is used in the middle of the time outlives the others
  const [used = '', ...unused] = ids
  expect(await statusIn(connection, used)).toBe(200)
  await server.advance(KEPT_MS - CONVERSATION_IDLE_MS + 1)
  expect(await statusIn(connection, used)).toBe(200)
  for (const id of unused.filter((_, n) => n % 100 === 0)) expect(await statusIn(connection, id)).toBe(404)

  // none of the old ones is in the way of new ones, and none of their memory is left
  await server.advance(2 * SESSION_IDLE_MS)
  const after = await server.stats()
  expect(after.heap - before.heap).toBeLessThan((idle.heap - before.heap) / 2)
  expect(await open(server, SESSIONS)).toHaveLength(SESSIONS)
}, 30_000)

test('a handshake that fails takes no place', async () => {
  await using server = await startHostile({ serve: { maxSessions: 2 } })
  using connection = await connect(server.port)
  for (const params of ['{}', '{"protocolVersion":1}', '{"protocolVersion":"2025-11-25","capabilities":[]}']) {
    for (let n = 0; n < 5; n++) {
      connection.write(post(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`))
      const { headers, body } = await connection.response()
      expect([headers.has('mcp-session-id'), JSON.parse(body).error.code]).toEqual([false, -32602])
    }
  }
  expect(await open(server, 2)).toHaveLength(2)
})

test('what sessions make the server remember is bounded as a whole, and past it they are told so', async () => {
  await using server = await startHostile()
  const { rss } = await server.stats()
  using connection = await connect(server.port)
  const name = 'n'.repeat(4_000_000)
  const statuses: number[] = []
  for (let n = 0; n < 40; n++) {
    connection.write(post(INITIALIZE.replace('"name":"hostile"', `"name":"${name}"`)))
    statuses.push((await connection.response()).status)
  }
  expect(statuses[0]).toBe(200)
  expect(statuses.at(-1)).toBe(503)
  expect((await server.stats()).rss - rss).toBeLessThan(MAX_REMEMBERED_BYTES)
  expect(await works(server.port)).toBe(true)
})
