import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import {
  createIdleStop,
  DEFAULT_MAX_IDLE_STOP_MS,
  DEFAULT_MIN_IDLE_STOP_MS,
  type IdleHabit,
  keepMs,
  learnGap,
  learnStart,
  NO_HABIT,
} from './idle-stop.ts'
import { helpful, managed } from './managed.test.kit.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function after(gaps: readonly number[], habit: IdleHabit = NO_HABIT): IdleHabit {
  return gaps.reduce((one, gap) => learnGap(one, gap), habit)
}

test('the more often a server is used, the longer it is kept, between the bounds', () => {
  const kept = [10_000, MINUTE, 10 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 24 * HOUR].map((gap) =>
    keepMs(after(Array.from({ length: Math.ceil((10 * HOUR) / gap) }, () => gap))),
  )
  expect(kept).toEqual(kept.toSorted((a, b) => b - a))
  expect([kept[0], kept.at(-1)]).toEqual([DEFAULT_MAX_IDLE_STOP_MS, DEFAULT_MIN_IDLE_STOP_MS])
  expect(new Set(kept).size).toBeGreaterThan(3)
})

test('a burst after a long night does not make a server often used, and an hour of calls does', () => {
  const night = after([10 * HOUR])
  const burst = after(
    Array.from({ length: 50 }, () => 500),
    night,
  )
  const hour = after(
    Array.from({ length: 360 }, () => 10_000),
    night,
  )
  expect(keepMs(burst)).toBe(DEFAULT_MIN_IDLE_STOP_MS)
  expect(keepMs(hour)).toBe(DEFAULT_MAX_IDLE_STOP_MS)
})

test('what takes long to start is kept longer', () => {
  const rare = after([5 * HOUR])
  expect(keepMs(learnStart(rare, 5_000))).toBeGreaterThan(keepMs(rare))
  expect(keepMs(learnStart(rare, HOUR))).toBe(DEFAULT_MAX_IDLE_STOP_MS)
  expect(learnStart(learnStart(rare, 100), 300).startMs).toBe(200)
})

test('a server nothing is known of is kept for a third of the longest time', () => {
  expect(keepMs(NO_HABIT)).toBe(DEFAULT_MAX_IDLE_STOP_MS / 3)
})

test('odd numbers stay between the bounds', () => {
  for (const gap of [0, -5, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    const ms = keepMs(after([gap, gap]))
    expect(ms).toBeGreaterThanOrEqual(DEFAULT_MIN_IDLE_STOP_MS)
    expect(ms).toBeLessThanOrEqual(DEFAULT_MAX_IDLE_STOP_MS)
  }
  expect(keepMs(after([0, 0]), { minMs: 0, maxMs: 0 })).toBe(0)
})

test('a fixed time stays what it is, and none is never', () => {
  expect([createIdleStop(5).afterMs(), createIdleStop(undefined).afterMs()]).toEqual([5, undefined])
})

test('a server that is called all the time is kept after its last call for longer than one that is not', async () => {
  await using m = managed()
  const options = { idleStopMs: 'adaptive', healthIntervalMs: 0 } as const
  await Promise.all([m.manager.add('often', helpful(), options), m.manager.add('rarely', helpful(), options)])
  await m.manager.callTool('rarely', 'read')
  for (let calls = 0; calls < 60; calls++) {
    await m.manager.callTool('often', 'read')
    await m.clock.advance(MINUTE)
  }
  expect([m.manager.serverInfo('often').state, m.manager.serverInfo('rarely').state]).toEqual(['ready', 'idle-stopped'])
  await m.clock.advance(28 * MINUTE)
  expect(m.manager.serverInfo('often').state).toBe('ready')
  await m.clock.advance(2 * MINUTE)
  expect(m.manager.serverInfo('often')).toMatchObject({
    state: 'idle-stopped',
    reason: expect.stringContaining('idle'),
  })
})

test('how long it took to start is part of how long it is kept', async () => {
  await using m = managed()
  const server = helpful()
  const gate = Promise.withResolvers<void>()
  const { name, identity, silenceIsEvidence } = server
  const slow = { name, identity, silenceIsEvidence, open: () => gate.promise.then(() => server.open()) }
  const added = m.manager.add('slow', slow, { idleStopMs: 'adaptive', healthIntervalMs: 0 })
  await m.clock.advance(10_000)
  gate.resolve()
  await added
  await m.clock.advance(19 * MINUTE)
  expect(m.manager.serverInfo('slow').state).toBe('ready')
  await m.clock.advance(2 * MINUTE)
  expect(m.manager.serverInfo('slow').state).toBe('idle-stopped')
})

test('calls in flight, subscriptions and calls that are thought about keep a server', async () => {
  let decide = (): void => undefined
  await using m = managed({ approve: () => new Promise((resolve) => (decide = () => resolve('allow'))) })
  const idleStopMs = { minMs: 10, maxMs: 10 }
  const server = helpful(({ method }) => method === 'tools/call', {
    greeting: { capabilities: { tools: { listChanged: true } } },
  })
  await m.manager.add('one', server, { idleStopMs, healthIntervalMs: 0 })
  const state = (): string => m.manager.serverInfo('one').state
  const subscription = await m.manager.get('one').listen({ tools: true }, () => undefined)
  await m.clock.advance(1_000)
  expect(state()).toBe('ready')
  const call = m.manager.callTool('one', 'read')
  await settle()
  await subscription.stop()
  await m.clock.advance(1_000)
  expect(state()).toBe('ready')
  decide()
  const held = await server.got('tools/call')
  await m.clock.advance(1_000)
  expect(state()).toBe('ready')
  server.wire.answer(held, { content: [] })
  await call
  await m.clock.advance(20)
  expect(state()).toBe('idle-stopped')
})

test('who shares a server and still uses it keeps it when another finds it idle', async () => {
  const { createServerPool } = await import('./slots.ts')
  const pool = createServerPool()
  await using m = managed({ pool })
  await using other = managed({ pool })
  const server = helpful()
  await m.manager.add('one', server, { idleStopMs: { minMs: 10, maxMs: 10 }, healthIntervalMs: 0 })
  await other.manager.add('one', server)
  await m.clock.advance(20)
  expect([m.manager.serverInfo('one').state, other.manager.serverInfo('one').state]).toEqual(['idle-stopped', 'ready'])
  await other.manager.callTool('one', 'read')
  expect(server.opens).toBe(1)
})

test('bounds that are none are refused by name', async () => {
  await using m = managed()
  const wrong = [{ minMs: -1 }, { minMs: 20, maxMs: 10 }, { maxMs: Number.NaN }]
  for (const idleStopMs of wrong) {
    const error = await failure(m.manager.add('one', helpful(), { idleStopMs }))
    expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('idleStopMs.') })
  }
})
