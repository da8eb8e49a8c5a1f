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
const STALLED_READER_MS = 30_000

/** Opens a stream that tells of changes, in either era. */
async function listen(server: Hostile, era: 'modern' | 'legacy', uri = CHANGING): Promise<RawConnection> {
  const connection = await connect(server.port)
  if (era === 'modern') {
    const notifications = { toolsListChanged: true, resourceSubscriptions: [uri] }
    connection.write(bytesOf(request('subscriptions/listen', { notifications })))
    await connection.arrives('notifications/subscriptions/acknowledged')
    return connection
  }
  const session = await openSession(connection)
  connection.write(inSession(session, { id: 1, method: 'resources/subscribe', params: { uri } }))
  expect((await connection.response()).status).toBe(200)
  connection.write(head('GET', { 'mcp-session-id': session, accept: 'text/event-stream' }))
  expect((await connection.head()).status).toBe(200)
  return connection
}

async function listenMany(server: Hostile, count: number, uri?: string): Promise<RawConnection[]> {
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
  const connections = await listenMany(server, STREAMS)
  const stalled = connections.slice(0, STREAMS / 2)
  const readers = connections.slice(STREAMS / 2)
  for (const connection of stalled) connection.stall()

  const storm = server.change(CHANGES)
  const calls = Array.from({ length: 20 }, () => works(server.port))
  expect(await Promise.all(calls)).toEqual(calls.map(() => true))
  await storm
  for (const reader of readers) {
    await reader.arrives('notifications/tools/list_changed')
    await reader.arrives('notifications/resources/updated')
  }
  expect((await server.stats()).rss - before.rss).toBeLessThan(MAX_STORM_GROWTH)

  // every one of them is told of what comes after the storm, too: nobody was forgotten in it
  await server.change(1, 'test://changing')
  const told = readers.map((reader) => reader.unread.length)
  await server.change(2)
  for (const [n, reader] of readers.entries()) {
    const news = (): string => reader.unread.slice(told[n])
    while (!news().includes('list_changed') || !news().includes('resources/updated')) {
      await new Promise((resolve) => void reader.socket.once('data', resolve))
    }
  }

  for (const connection of connections) connection.vanish()
  await until(server, ({ inFlight }) => inFlight === 0 && server.descriptors() <= descriptors)
  expect(await works(server.port)).toBe(true)
}, 30_000)

test('readers that stall cost no more than what waits of each kind, and readers beside them get all', async () => {
  await using server = await startHostile()
  expect(await works(server.port)).toBe(true)
  const before = await server.stats()
  const uri = `test://${'u'.repeat(60_000)}`
  const stalled = await listenMany(server, 20, uri)
  for (const connection of stalled) connection.stall()
  const readers = await listenMany(server, 4, uri)
  // 30 turns of 60 kB, and as many again, are past what any system keeps for a socket
  const turns = 500
  await server.change(turns * 50, uri)
  for (const reader of readers) await reader.arrives(uri)
  expect((await server.stats()).rss - before.rss).toBeLessThan(MAX_STALLED_GROWTH)
  expect(await works(server.port)).toBe(true)
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
    await until(server, () => server.descriptors() <= descriptors)
    expect((await server.stats()).rss - before.rss).toBeLessThan(MAX_STALLED_GROWTH)
    expect(await works(server.port)).toBe(true)
  },
)
