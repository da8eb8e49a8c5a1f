import { expect, test } from 'bun:test'
import { createDeadlines } from '@bao-mcp/protocol/engine'
import { form } from '../../../test/ask-kit.ts'
import { events, legacySession } from '../../../test/http-kit.ts'
import { microtasks, recordingLog } from '../../../test/kit.ts'
import { answerOf, answerTo, callIn, countingClock, nodes, steered, TOLD, testHub } from '../../../test/nodes-kit.ts'
import { createEncode } from '../../encode.ts'
import type { HttpCore } from '../../http/incoming.ts'
import { createKeepAlive } from '../../http/keep-alive.ts'
import { httpLimits } from '../../http/options.ts'
import { tool } from '../../registry/tool.ts'
import { createServer } from '../../server.ts'
import { createServing } from '../../serving.ts'
import { createSessionNode } from './node.ts'
import { createSessions, type Sessions } from './sessions.ts'

interface Bare {
  readonly sessions: Sessions
  readonly clock: ReturnType<typeof countingClock>
  readonly hub: ReturnType<typeof testHub>
}

function bareSessions(sessionIdleMs: number): Bare {
  const clock = countingClock()
  const hub = testHub(clock)
  const log = recordingLog()
  const server = createServer({ name: 's', version: '1', hub })
  const limits = httpLimits({ sessionIdleMs })
  const serving = createServing(server, { clock, log })
  const deadlines = createDeadlines(clock)
  const core: HttpCore = { serving, limits, clock, deadlines, keepAlive: createKeepAlive(clock, limits.keepAliveMs) }
  const ignore = (): void => undefined
  const node = createSessionNode({ hub, name: 's', ownerLostMs: 1000, log, clock, heard: ignore, missed: ignore })
  return { clock, hub, sessions: createSessions({ core, encode: createEncode({ info: server.info }, true), node }) }
}

const FACTS = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } }

test('an idle session is a name on its node: the conversation goes after a minute without a call', async () => {
  const { sessions, clock } = bareSessions(30 * 60_000)
  const session = sessions.create(undefined)
  session.session().receive({ jsonrpc: '2.0', id: 1, method: 'initialize', params: FACTS }, 0, undefined)
  await microtasks()
  expect(session.memory.facts).toBeDefined()
  expect(session.running).toBeDefined()
  clock.advance(59_999)
  expect(session.running).toBeDefined()
  clock.advance(60_000)
  expect(session.running).toBeUndefined()
  // one that only listens needs no conversation either
  const found = await sessions.find(session.id, undefined)
  expect(found).toBe(session)
  found.session()
  session.streams.set('changes', { detach: () => undefined })
  clock.advance(120_000)
  expect(session.running).toBeUndefined()
  expect(sessions.size).toBe(1)
})

test('10,000 sessions that were opened and left leave nothing behind', async () => {
  const { sessions, clock } = bareSessions(30 * 60_000)
  for (let i = 0; i < 10_000; i++) sessions.create(undefined).session()
  expect(sessions.size).toBe(10_000)
  expect(() => sessions.create(undefined)).toThrow('maxSessions')
  clock.advance(31 * 60_000)
  expect(sessions.size).toBe(0)
  expect([...sessions.all()]).toEqual([])
  expect(clock.waiting).toBe(0)
})

test('a session whose idle time is shorter than a minute goes as well, with its conversation', () => {
  const { sessions, clock } = bareSessions(1000)
  const session = sessions.create(undefined)
  session.session()
  clock.advance(2000)
  expect(sessions.size).toBe(0)
  expect(session.running).toBeUndefined()
  expect(() => session.session()).toThrow('there is no such session')
  expect(clock.waiting).toBe(0)
})

test('what sessions did leaves no listener, timer or call behind', async () => {
  const { tools, begun, finish } = steered()
  const asker = tool({ name: 'asker', run: async (_args, { ask }) => (await ask('q', form('?'))).action })
  await using net = nodes(() => [...tools(), asker])
  finish.open()
  for (let i = 0; i < 20; i++) {
    const session = await legacySession(net.a.handle, { capabilities: { elicitation: {} } })
    const changes = events(await net.a.handle(session.get()))
    await changes.next()
    await answerOf(await net.b.handle(callIn(session, 'now')))
    const answering = net.b.handle(callIn(session, 'wait', { meta: TOLD }))
    ;(await begun()).progress(1)
    await answerOf(await answering)
    const stream = events(await net.b.handle(callIn(session, 'asker')))
    const start = (await stream.next())?.id ?? ''
    const question = await stream.message()
    await stream.cancel()
    const again = events(await net.a.handle(session.get({ 'last-event-id': start })))
    await net.a.handle(session.post(answerTo(question, { action: 'cancel' })))
    await again.messages()
    if (i % 2 === 0) await net.b.handle(session.delete())
    else await changes.cancel()
  }
  expect([net.a.handle.inFlight, net.b.handle.inFlight]).toEqual([0, 0])
  // each node hears what is meant for it, and for all
  expect(net.hub.listening).toBe(4)
  for (let i = 0; i < 70; i++) {
    net.clock.advance(60_000)
    await microtasks()
  }
  expect(net.clock.waiting).toBe(0)
  await Promise.all([net.a.handle.close(), net.b.handle.close()])
  expect(net.hub.listening).toBe(0)
  expect(net.hub.joined.size).toBe(0)
})
