import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { connect } from '../connect.ts'
import { createVerdicts } from '../eras/verdicts.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { memory } from '../transports/memory.ts'
import type { Connection } from './connection.ts'
import { helpful, managed } from './managed.test.kit.ts'
import { createQueue } from './queue.ts'
import { createServerPool } from './slots.ts'

test('managers with one pool share a server under the same configuration, and the last one ends it', async () => {
  const pool = createServerPool()
  const first = managed({ pool })
  const second = managed({ pool })
  const server = helpful()
  await Promise.all([first.manager.add('mine', server), second.manager.add('yours', server)])
  expect([server.opens, pool.size]).toEqual([1, 1])
  await first.manager.callTool('mine', 'read')
  await first.manager.close()
  expect(server.closes).toBe(0)
  await second.manager.callTool('yours', 'read')
  await second.manager.close()
  expect([server.opens, server.closes, pool.size]).toEqual([1, 1, 0])
})

test('when a shared server dies all who share it come back to one new one', async () => {
  const pool = createServerPool()
  await using first = managed({ pool })
  await using second = managed({ pool })
  const server = helpful()
  await Promise.all([first.manager.add('a', server), second.manager.add('b', server)])
  server.wire.end()
  await settle()
  expect([first.manager.serverInfo('a').state, second.manager.serverInfo('b').state]).toEqual([
    'backing-off',
    'backing-off',
  ])
  await first.clock.advance(250)
  await second.clock.advance(250)
  await Promise.all([first.manager.callTool('a', 'read'), second.manager.callTool('b', 'read')])
  expect(server.opens).toBe(2)
})

test('calls of all who share a server wait in one line', async () => {
  const pool = createServerPool()
  await using first = managed({ pool })
  await using second = managed({ pool })
  const server = helpful((message) => message.method === 'tools/call')
  await first.manager.add('a', server, { maxInFlight: 1 })
  await second.manager.add('b', server, { maxInFlight: 1 })
  const calls = [failure(first.manager.callTool('a', 'read')), failure(second.manager.callTool('b', 'read'))]
  await settle()
  expect(second.manager.snapshot().servers[0]).toMatchObject({ inFlight: 1, queued: 1 })
  await first.clock.advance(60_000)
  await second.clock.advance(60_000)
  await Promise.all(calls)
})

test('another configuration, another login or no pool means a server of its own', async () => {
  const pool = createServerPool()
  await using first = managed({ pool })
  await using second = managed({ pool })
  await using third = managed()
  const server = helpful()
  await first.manager.add('a', server)
  await second.manager.add('b', server, { timeoutMs: 5 })
  const handlers = { on: { roots: () => [] } }
  await second.manager.add('c', server, handlers)
  await first.manager.add('c', server, handlers)
  // a function equals itself alone
  await first.manager.add('d', server, { on: { roots: () => [] } })
  await third.manager.add('a', server)
  expect(server.opens).toBe(5)
})

test('what an owner may have for itself does not keep a server from being shared', async () => {
  const pool = createServerPool()
  await using first = managed({ pool })
  await using second = managed({ pool })
  const server = helpful()
  await first.manager.add('a', server, { deny: ['write'] })
  await second.manager.add('b', server, { idleStopMs: 1_000, pinning: 'block' })
  expect(server.opens).toBe(1)
  expect(await first.manager.listTools()).toHaveLength(1)
  expect(await second.manager.listTools()).toHaveLength(2)
})

test('who gives up a shared start does not take it from the others', async () => {
  const pool = createServerPool()
  await using first = managed({ pool })
  await using second = managed({ pool })
  const gate = Promise.withResolvers<void>()
  const server = helpful()
  const slow = { ...memory(() => undefined), open: () => gate.promise.then(() => server.open()) }
  const adding = [first.manager.add('a', slow), second.manager.add('b', slow)]
  await settle()
  await first.manager.disable('a')
  gate.resolve()
  expect((await Promise.all(adding)).map(({ state }) => state)).toEqual(['disabled', 'ready'])
  expect([server.opens, server.closes]).toEqual([1, 0])
})

test('a part that is given back twice is not taken from another', async () => {
  const pool = createServerPool()
  const clock = createFakeClock()
  const server = helpful()
  const slot = pool.slot('key', () => createQueue('one', { maxInFlight: 1, maxQueued: 1, queueTimeoutMs: 1 }, clock))
  const { signal } = new AbortController()
  const open = async (): Promise<Connection> => ({
    client: await connect(server, { clock, verdicts: createVerdicts(clock) }),
    strayListeners: new Set(),
    early: [],
  })
  const [mine, yours] = await Promise.all([slot.lease(open, signal), slot.lease(open, signal)])
  await mine.release()
  await mine.release()
  expect([slot.leases, server.closes]).toEqual([1, 0])
  await yours.release()
  expect([slot.leases, server.closes]).toEqual([0, 1])
})

test('an owner that leaves twice does not leave for another', () => {
  const pool = createServerPool()
  const queue = () => createQueue('one', { maxInFlight: 1, maxQueued: 1, queueTimeoutMs: 1 }, createFakeClock())
  const [mine, yours] = [pool.slot('key', queue), pool.slot('key', queue)]
  mine.leave()
  mine.leave()
  expect(pool.size).toBe(1)
  yours.leave()
  expect(pool.size).toBe(0)
})
