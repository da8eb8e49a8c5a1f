import { describe, expect, test } from 'bun:test'
import { HUB_LOST } from '@bao-mcp/protocol/engine'
import { form } from '../../../test/ask-kit.ts'
import { bodyOf, events, initialize, legacySession, post } from '../../../test/http-kit.ts'
import { microtasks } from '../../../test/kit.ts'
import { answerOf, answerTo, callIn, nodes, steered, TOLD } from '../../../test/nodes-kit.ts'
import { HubError } from '../../hub/error.ts'
import type { Hub } from '../../hub/port.ts'
import { tool } from '../../registry/tool.ts'

async function expectHubLost(response: Response, id?: unknown): Promise<void> {
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('1')
  expect(response.headers.get('mcp-session-id')).toBeNull()
  const body = await bodyOf(response)
  expect(body).toMatchObject({ error: { code: HUB_LOST, message: expect.stringContaining('the hub') } })
  expect(body.id).toBe(id)
}

describe('while the hub is lost', () => {
  for (const method of ['join', 'listen', 'create'] as const) {
    test(`no session is opened (${method}), which is a 503 that says why; once it is back one is`, async () => {
      await using net = nodes(() => [])
      net.hub.fail(method)
      for (let i = 0; i < 3; i++) await expectHubLost(await net.a.handle(post(initialize())), 'initialize')
      net.hub.heal()
      const session = await legacySession(net.a.handle)
      expect((await net.b.handle(session.request('ping'))).status).toBe(200)
      expect(net.hub.joined.size).toBe(2)
      expect(net.hub.listening).toBe(4)
    })
  }

  test('nothing of a session is served: each request is a 503 that says why, and the log says it once', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    net.hub.fail('read')
    for (let i = 0; i < 3; i++) await expectHubLost(await net.a.handle(session.request('ping', {}, { id: 'p' })), 'p')
    await expectHubLost(await net.a.handle(session.notify('notifications/initialized')))
    await expectHubLost(await net.a.handle(session.get()))
    await expectHubLost(await net.a.handle(session.delete()))
    expect(net.a.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    net.hub.heal()
    expect((await net.a.handle(session.request('ping'))).status).toBe(200)
    net.hub.fail('read')
    await expectHubLost(await net.a.handle(session.request('ping', {}, { id: 1 })), 1)
    expect(net.a.log.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
  })

  test('a session that could not be renewed is renewed with its next request', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    await net.a.handle(session.request('ping'))
    net.clock.advance(10 * 60_000)
    net.hub.fail('update')
    await expectHubLost(await net.a.handle(session.request('ping', {}, { id: 1 })), 1)
    net.hub.heal()
    expect((await net.a.handle(session.request('ping'))).status).toBe(200)
    net.clock.advance(29 * 60_000)
    expect((await net.b.handle(session.request('ping'))).status).toBe(200)
  })

  test('a node that hears only half of the others hears none, and tries again', async () => {
    await using net = nodes(() => [])
    let listens = 0
    net.hub.before = (method) => {
      if (method === 'listen' && ++listens === 2) throw new HubError('listen', 'the test wants it so')
    }
    await expectHubLost(await net.a.handle(post(initialize())), 'initialize')
    expect(net.hub.listening).toBe(0)
    await legacySession(net.a.handle)
    expect(net.hub.listening).toBe(2)
  })

  test('what a session wants to be kept is refused by name', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    net.hub.fail('update')
    const wants = [
      ['logging/setLevel', { level: 'error' }],
      ['resources/subscribe', { uri: 'x:a' }],
      ['resources/unsubscribe', { uri: 'x:a' }],
    ] as const
    for (const [method, params] of wants) {
      await expectHubLost(await net.a.handle(session.request(method, params, { id: method })), method)
    }
  })

  for (const method of ['get', 'has', 'follow', 'publish'] as const satisfies (keyof Hub)[]) {
    test(`no stream is resumed (${method}), which leaves nothing behind`, async () => {
      const { tools, begun, finish } = steered()
      await using net = nodes(tools)
      const session = await legacySession(net.a.handle)
      const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
      ;(await begun()).progress(1)
      const stream = events(await answering)
      const id = (await stream.next())?.id ?? ''
      finish.open()
      await stream.messages()
      const { listening } = net.hub
      net.hub.fail(method)
      await expectHubLost(await net.a.handle(session.get({ 'last-event-id': id })))
      await expectHubLost(await net.b.handle(session.get({ 'last-event-id': id })))
      net.hub.heal()
      net.clock.advance(60_000)
      // node b has joined meanwhile
      expect(net.hub.listening).toBe(listening + 2)
      const again = await net.b.handle(session.get({ 'last-event-id': id }))
      expect(await events(again).messages()).toHaveLength(2)
    })
  }

  test('a cancel or an answer for another node is a 503, to be sent again', async () => {
    const { tools, begun } = steered()
    const asker = tool({ name: 'asker', run: async (_args, { ask }) => (await ask('q', form('?'))).action })
    await using net = nodes(() => [...tools(), asker])
    const session = await legacySession(net.a.handle, { capabilities: { elicitation: {} } })
    const waiting = net.a.handle(callIn(session, 'wait', { id: 'w' }))
    await begun()
    const stream = events(await net.a.handle(callIn(session, 'asker')))
    const question = await stream.message()
    const answer = answerTo(question, { action: 'decline' })
    const cancel = { requestId: 'w' }
    net.hub.fail('publish')
    await expectHubLost(await net.b.handle(session.post(answer)), undefined)
    await expectHubLost(await net.b.handle(session.notify('notifications/cancelled', cancel)), undefined)
    net.hub.heal()
    expect((await net.b.handle(session.post(answer))).status).toBe(202)
    expect((await net.b.handle(session.notify('notifications/cancelled', cancel))).status).toBe(202)
    expect(await stream.messages()).toMatchObject([{ result: { content: [{ text: 'decline' }] } }])
    await waiting
  })
})

describe('a stream whose events cannot be kept', () => {
  test('goes on, and the log says once that it cannot be resumed', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    net.hub.fail('append')
    const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
    const call = await begun()
    for (let i = 1; i <= 3; i++) call.progress(i)
    const stream = events(await answering)
    await microtasks()
    expect(call.releaseStream(1)).toBe(false)
    finish.open()
    expect(await stream.messages()).toHaveLength(4)
    expect(net.a.log.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('cannot be resumed') }])
  })

  test('tells who reads it elsewhere as soon as the hub is back, once', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait', { id: 'w', meta: TOLD }))
    const call = await begun()
    call.progress(1)
    const stream = events(await answering)
    const start = (await stream.next())?.id ?? ''
    const elsewhere = events(await net.b.handle(session.get({ 'last-event-id': start })))
    await elsewhere.message()
    net.hub.fail('append')
    call.progress(2)
    await microtasks()
    net.clock.advance(3000)
    finish.open()
    await microtasks()
    net.hub.heal()
    net.clock.advance(1000)
    expect(await elsewhere.messages()).toMatchObject([{ id: 'w', error: { message: expect.stringContaining('lost') } }])
    expect(net.a.handle.inFlight).toBe(0)
    net.clock.advance(60 * 60_000)
    await microtasks()
    net.clock.advance(60 * 60_000)
    expect(net.clock.waiting).toBe(0)
  })
})

test('a log that cannot be written is given up in the end', async () => {
  const { tools, begun, finish } = steered()
  await using net = nodes(tools)
  const session = await legacySession(net.a.handle)
  net.hub.fail('append')
  const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
  ;(await begun()).progress(1)
  finish.open()
  await answerOf(await answering)
  for (let i = 0; i < 400; i++) {
    net.clock.advance(1000)
    await microtasks()
  }
  const tries = net.hub.calls('append')
  net.clock.advance(24 * 60 * 60_000)
  await microtasks()
  expect(net.hub.calls('append')).toBe(tries)
})

describe('when the hub was out of reach for too long', () => {
  test('streams end, the log says why, and clients can come back', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
    const call = await begun()
    call.progress(1)
    const start = (await events(await answering).next())?.id ?? ''
    const resumed = events(await net.b.handle(session.get({ 'last-event-id': start })))
    const changes = events(await net.b.handle(session.get()))
    await resumed.message()
    net.hub.lose()
    expect(await resumed.messages()).toEqual([])
    expect(await changes.messages()).toEqual([])
    const words = net.b.log.lines.map(({ message }) => message).join('\n')
    expect(words).toContain('a stream that was resumed cannot be followed any more')
    expect(words).toContain('a stream of changes cannot be followed any more')
    expect(words).toContain('hears nothing of the others')
    const again = events(await net.b.handle(session.get({ 'last-event-id': start })))
    finish.open()
    expect(await again.messages()).toHaveLength(2)
  })

  test('a node hears the others again by itself, without joining twice', async () => {
    const asker = tool({ name: 'asker', run: async (_args, { ask }) => (await ask('q', form('?'))).action })
    await using net = nodes(() => [asker])
    const session = await legacySession(net.a.handle, { capabilities: { elicitation: {} } })
    const stream = events(await net.a.handle(callIn(session, 'asker')))
    const question = await stream.message()
    net.hub.fail('listen')
    net.hub.lose()
    for (let i = 0; i < 5; i++) {
      net.clock.advance(1000)
      await microtasks()
    }
    expect(net.hub.listening).toBe(0)
    net.hub.heal()
    net.clock.advance(1000)
    await microtasks()
    expect(net.hub.listening).toBe(2)
    expect((await net.b.handle(session.post(answerTo(question, { action: 'decline' })))).status).toBe(202)
    expect(await stream.messages()).toMatchObject([{ result: {} }])
    expect(net.hub.calls('join')).toBe(2)
  })

  test('a session that was ended meanwhile on another node ends here, too', async () => {
    const { tools, begun } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait', { id: 'w' }))
    await begun()
    await net.b.handle(session.request('ping'))
    net.hub.fail('listen')
    net.hub.lose()
    // node b cannot hear either, so it takes nothing
    expect((await net.b.handle(session.delete())).status).toBe(503)
    net.hub.heal()
    // node b is back first, and node a misses what it says
    expect((await net.b.handle(session.delete())).status).toBe(204)
    net.clock.advance(1000)
    await microtasks()
    expect(await answerOf(await answering)).toMatchObject({ id: 'w', error: { message: 'the session is over' } })
  })
})
