import { expect, test } from 'bun:test'
import { CHANGING, type Hostile, startHostile, until } from './process.ts'
import { bytesOf, head, inSession, openSession, request, toolCall, works } from './requests.ts'
import { connect, type RawConnection } from './socket.ts'

const STREAMS = 1000
const CHANGES = 10_000
/** Bytes that 1,000 streams, half of them unread, may cost in a storm: what was seen, about 90 MiB, with room to spare. */
const MAX_STORM_GROWTH = 320 * 1024 * 1024
/** Bytes that a few streams may cost whose readers take nothing of much: about 60 MiB were seen, and 600 were told. */
const MAX_STALLED_GROWTH = 256 * 1024 * 1024
/** Likewise once they were given up, when nothing is kept for them: about 10 MiB, where 160 MiB waited. */
const MAX_ENDED_GROWTH = 64 * 1024 * 1024
const STALLED_READER_MS = 30_000

/** The resource that changes last. */
const LAST = 'test://last'
/** How that is told, in either era. */
const LAST_TOLD = `"params":{"uri":"${LAST}"`

/** Opens a stream that tells of changes, in either era. */
async function listen(server: Hostile, era: 'modern' | 'legacy', uri: string): Promise<RawConnection> {
  const connection = await connect(server.port)
  const uris = [uri, LAST]
  if (era === 'modern') {
    const notifications = { toolsListChanged: true, resourceSubscriptions: uris }
    connection.write(bytesOf(request('subscriptions/listen', { notifications })))
    await connection.arrives('notifications/subscriptions/acknowledged')
    return connection
  }
  const session = await openSession(connection)
  for (const wanted of uris) {
    connection.write(inSession(session, { id: 1, method: 'resources/subscribe', params: { uri: wanted } }))
    expect((await connection.response()).status).toBe(200)
  }
  connection.write(head('GET', { 'mcp-session-id': session, accept: 'text/event-stream' }))
  expect((await connection.head()).status).toBe(200)
  return connection
}

async function listenMany(server: Hostile, count: number, uri: string): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  for (let opened = 0; opened < count; opened += 50) {
    const eras = Array.from({ length: Math.min(50, count - opened) }, (_, n) => (n % 2 === 0 ? 'modern' : 'legacy'))
    connections.push(...(await Promise.all(eras.map((era) => listen(server, era, uri)))))
  }
  return connections
}

test('a storm of changes over 1,000 streams, half of them unread, costs bounded memory and no reader its news', async () => {
  await using server = await startHostile()
  expect(await works(server.port)).toBe(true)
  const descriptors = server.descriptors()
  const before = await server.stats()
  const connections = await listenMany(server, STREAMS, CHANGING)
  const stalled = connections.slice(0, STREAMS / 2)
  const readers = connections.slice(STREAMS / 2)
  for (const connection of stalled) connection.stall()

  const storm = server.change(CHANGES)
  const calls = Array.from({ length: 20 }, () => works(server.port))
  expect(await Promise.all(calls)).toEqual(calls.map(() => true))
  await storm
  expect((await server.stats()).rss - before.rss).toBeLessThan(MAX_STORM_GROWTH)

  // every one of them is told of what comes last, too: nobody was forgotten in the storm
  await server.change(1, LAST)
  for (const reader of readers) {
    await reader.arrives(LAST_TOLD)
    expect(reader.unread).toContain('notifications/tools/list_changed')
    expect(reader.unread).toContain(`"params":{"uri":"${CHANGING}"`)
  }

  for (const connection of connections) connection.vanish()
  await until(server, ({ inFlight }) => inFlight === 0 && server.descriptors() <= descriptors)
  expect(await works(server.port)).toBe(true)
}, 30_000)

test('readers that stall cost no more than what waits of each kind, and hear the latest when they read again', async () => {
  await using server = await startHostile()
  expect(await works(server.port)).toBe(true)
  const before = await server.stats()
  const uri = `test://${'u'.repeat(60_000)}`
  const stalled = await listenMany(server, 20, uri)
  for (const connection of stalled) connection.stall()
  const readers = await listenMany(server, 4, uri)
  // told in 500 turns, 60 kB at a time: 30 MB for each stream are past what any system keeps for a socket
  await server.change(25_000, uri)
  await server.change(1, LAST)
  for (const reader of readers) await reader.arrives(LAST_TOLD)
  expect((await server.stats()).rss - before.rss).toBeLessThan(MAX_STALLED_GROWTH)
  expect(await works(server.port)).toBe(true)

  // what waited for a reader that comes back is told then
  for (const connection of stalled.slice(0, 4)) {
    connection.resume()
    await connection.arrives(LAST_TOLD)
  }
  for (const connection of [...stalled, ...readers]) connection.vanish()
  await until(server, ({ inFlight }) => inFlight === 0)
}, 30_000)

test.each([
  ['a flood of log messages', 'flood', 100_000_000],
  ['a result of 40 MB', 'big', 40_000_000],
] as const)(
  'a reader that takes nothing of %s loses its stream, with a line in the log',
  async (_what, name, length) => {
    await using server = await startHostile()
    expect(await works(server.port)).toBe(true)
    const descriptors = server.descriptors()
    const before = await server.stats()
    const connections = await Promise.all(Array.from({ length: 4 }, () => connect(server.port)))
    for (const connection of connections) {
      const meta = { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' }
      connection.stall()
      connection.write(bytesOf(toolCall(name, { length }, { meta })))
    }
    // each has run to its end: it is only its answer that cannot leave
    await until(server, ({ ran, inFlight }) => ran === connections.length && inFlight === 0)
    expect(await works(server.port)).toBe(true)
    expect(server.log).not.toContain('stalledReaderMs')
    await server.advance(STALLED_READER_MS)
    await server.says(/warning: an event stream was ended: the reader took nothing for 30000 ms .*\(stalledReaderMs\)/)
    expect((await server.stats()).rss - before.rss).toBeLessThan(MAX_ENDED_GROWTH)
    expect(await works(server.port)).toBe(true)
    for (const connection of connections) connection.vanish()
    await until(server, () => server.descriptors() <= descriptors)
  },
)
