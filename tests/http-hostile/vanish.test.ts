import { describe, expect, test } from 'bun:test'
import { type Hostile, startHostile, until } from './process.ts'
import { bytesOf, head, inSession, openSession, toolCall, works } from './requests.ts'
import { connect, type RawConnection } from './socket.ts'

/** Of each kind; there are five stages. */
const CLIENTS = 40
/** Bytes that clients which came and went may cost: what was seen, about 15 MiB, with room to spare. */
const MAX_GROWTH = 96 * 1024 * 1024

const HOLD = bytesOf(toolCall('hold'))
const TOLD = bytesOf(toolCall('hold', {}, { meta: { progressToken: 'p' } }))

/** How far clients come before they vanish; each resolves when the server has got that far with them. */
const STAGES: Readonly<Record<string, (client: RawConnection) => void | Promise<void>>> = {
  'connected and no more': () => undefined,
  'inside the head': (client) => client.write(HOLD.subarray(0, 30)),
  'before the body': (client) => client.write(HOLD.subarray(0, HOLD.indexOf('\r\n\r\n') + 4)),
  'inside the body': (client) => client.write(HOLD.subarray(0, -10)),
}

function arrive(server: Hostile): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: CLIENTS }, () => connect(server.port)))
}

async function isAsBefore(server: Hostile, before: { descriptors: number; rss: number }): Promise<void> {
  const { rss } = await until(server, ({ inFlight }) => inFlight === 0 && server.descriptors() <= before.descriptors)
  expect(rss - before.rss).toBeLessThan(MAX_GROWTH)
  expect(await works(server.port)).toBe(true)
  expect(server.exitCode).toBeNull()
}

async function started(): Promise<{ server: Hostile; before: { descriptors: number; rss: number } }> {
  const server = await startHostile()
  expect(await works(server.port)).toBe(true)
  const { rss } = await until(server, () => server.descriptors() > 0)
  return { server, before: { descriptors: server.descriptors(), rss } }
}

describe('clients that vanish', () => {
  test.each(Object.keys(STAGES))('%s leave nothing behind, and no call was run', async (stage) => {
    const { server, before } = await started()
    await using _ = server
    const clients = await arrive(server)
    for (const client of clients) await STAGES[stage]?.(client)
    expect(await works(server.port)).toBe(true)
    for (const [n, client] of clients.entries()) n % 2 === 0 ? client.vanish() : client.socket.destroy()
    await isAsBefore(server, before)
    expect((await server.stats()).held.started).toBe(0)
    expect(server.log.trim().split('\n')).toHaveLength(1)
  })

  test('during a modern call have cancelled it', async () => {
    const { server, before } = await started()
    await using _ = server
    const clients = await arrive(server)
    for (const client of clients) client.write(HOLD)
    await until(server, ({ held, inFlight }) => held.started === CLIENTS && inFlight === CLIENTS)
    for (const client of clients) client.vanish()
    await until(server, ({ held }) => held.aborted === CLIENTS)
    await isAsBefore(server, before)
  })

  test('during the stream of a modern call have cancelled it', async () => {
    const { server, before } = await started()
    await using _ = server
    const clients = await arrive(server)
    for (const client of clients) {
      client.write(TOLD)
      await client.arrives('notifications/progress')
    }
    for (const client of clients) client.vanish()
    await until(server, ({ held }) => held.aborted === CLIENTS)
    await isAsBefore(server, before)
  })

  test('during a call of a session come back for its answer: it goes on', async () => {
    const { server, before } = await started()
    await using _ = server
    const clients = await arrive(server)
    const places = await Promise.all(
      clients.map(async (client) => {
        const session = await openSession(client)
        const params = { name: 'hold', arguments: {}, _meta: { progressToken: 'p' } }
        client.write(inSession(session, { id: 7, method: 'tools/call', params }))
        await client.arrives('notifications/progress')
        return { session, last: [...client.unread.matchAll(/^id: (\S+)/gm)].at(-1)?.[1] ?? '' }
      }),
    )
    for (const client of clients) client.vanish()
    await until(server, () => server.descriptors() <= before.descriptors)
    const { held, inFlight } = await server.stats()
    expect({ ...held, inFlight }).toEqual({ started: CLIENTS, aborted: 0, finished: 0, inFlight: CLIENTS })
    await server.release()
    for (const { session, last } of places) {
      using back = await connect(server.port)
      back.write(head('GET', { 'mcp-session-id': session, 'last-event-id': last, accept: 'text/event-stream' }))
      await back.arrives('"id":7')
      expect(back.unread).toContain('"text":"held"')
      expect(back.unread).not.toContain('notifications/progress')
    }
    await isAsBefore(server, before)
    expect((await server.stats()).held.finished).toBe(CLIENTS)
  })

  test('before a call of a session is a stream lose nothing but their connection', async () => {
    const { server, before } = await started()
    await using _ = server
    const clients = await arrive(server)
    for (const client of clients) {
      const session = await openSession(client)
      client.write(inSession(session, { id: 7, method: 'tools/call', params: { name: 'hold', arguments: {} } }))
    }
    await until(server, ({ held }) => held.started === CLIENTS)
    for (const client of clients) client.vanish()
    await server.release()
    await until(server, ({ held }) => held.finished === CLIENTS)
    await isAsBefore(server, before)
  })

  test('from the streams that tell of changes end them', async () => {
    const { server, before } = await started()
    await using _ = server
    const clients = await arrive(server)
    for (const client of clients) {
      const session = await openSession(client)
      client.write(head('GET', { 'mcp-session-id': session, accept: 'text/event-stream' }))
      expect((await client.head()).status).toBe(200)
    }
    await server.change(10)
    for (const client of clients) client.vanish()
    await isAsBefore(server, before)
    await server.change(10)
  })
})
