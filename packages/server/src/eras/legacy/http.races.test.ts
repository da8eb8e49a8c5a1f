import { describe, expect, test } from 'bun:test'
import { bodyOf, events, initialize, legacySession, post } from '../../../test/http-kit.ts'
import { type Gate, gate, microtasks } from '../../../test/kit.ts'
import { answerOf, callIn, type Nodes, nodes, steered, TOLD } from '../../../test/nodes-kit.ts'
import type { Hub } from '../../hub/port.ts'

/** Holds the next call of a method until its gate is opened. */
function hold({ hub }: Nodes, held: keyof Hub): Gate & { reached: Promise<void> } {
  const door = gate()
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  hub.before = (method) => {
    if (method !== held) return undefined
    hub.before = undefined
    resolve()
    return door.opened
  }
  return { ...door, reached }
}

describe('DELETE', () => {
  for (const method of ['read', 'update'] as const) {
    test(`while a request looks for its session (${method}) makes that a 404`, async () => {
      await using net = nodes(() => [])
      const session = await legacySession(net.a.handle)
      await net.b.handle(session.request('ping'))
      // so long that the session has to be renewed
      net.clock.advance(10 * 60_000)
      const held = hold(net, method)
      const pinging = net.a.handle(session.request('ping'))
      await held.reached
      expect((await net.b.handle(session.delete())).status).toBe(204)
      held.open()
      expect((await pinging).status).toBe(404)
      expect((await net.a.handle(session.request('ping'))).status).toBe(404)
    })
  }

  test('that no node has heard of is found out when the session is renewed', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    net.clock.advance(10 * 60_000)
    const held = hold(net, 'update')
    const pinging = net.a.handle(session.request('ping'))
    await held.reached
    await net.hub.remove(`session/${session.id}`)
    held.open()
    expect((await pinging).status).toBe(404)
  })

  test('while a stream is opened ends it before it began', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const held = hold(net, 'publish')
    const opening = net.a.handle(session.get())
    await held.reached
    expect((await net.b.handle(session.delete())).status).toBe(204)
    held.open()
    expect((await opening).status).toBe(404)
    net.clock.advance(60_000)
    expect(net.clock.waiting).toBe(0)
    expect(net.hub.listening).toBe(4)
  })

  test('while a subscription is written makes that an error', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    await net.a.handle(session.request('ping'))
    const held = hold(net, 'update')
    const subscribing = net.a.handle(session.request('resources/subscribe', { uri: 'x:a' }))
    await held.reached
    expect((await net.b.handle(session.delete())).status).toBe(204)
    held.open()
    expect(await bodyOf(await subscribing)).toMatchObject({ error: { message: 'the session is over' } })
  })

  test('twice at once ends the session once', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const both = await Promise.all([net.a.handle(session.delete()), net.b.handle(session.delete())])
    for (const { status } of both) expect([204, 404]).toContain(status)
    expect((await net.a.handle(session.delete())).status).toBe(404)
  })
})

describe('resuming', () => {
  for (const method of ['get', 'publish', 'follow', 'isAlive'] as const) {
    test(`while the call finishes (${method}) tells all of it`, async () => {
      const { tools, begun, finish } = steered()
      await using net = nodes(tools)
      const session = await legacySession(net.a.handle)
      const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
      ;(await begun()).progress(1)
      const stream = events(await answering)
      const id = (await stream.next())?.id ?? ''
      const held = hold(net, method)
      const resuming = net.b.handle(session.get({ 'last-event-id': id }))
      await held.reached
      finish.open()
      await microtasks()
      held.open()
      expect(await events(await resuming).messages()).toMatchObject([{ params: { progress: 1 } }, { result: {} }])
      net.clock.advance(60_000)
      expect(net.hub.listening).toBe(4)
    })
  }

  test('while the reader goes away again leaves nothing behind', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
    ;(await begun()).progress(1)
    const id = (await events(await answering).next())?.id ?? ''
    for (const handle of [net.a.handle, net.b.handle]) {
      const again = events(await handle(session.get({ 'last-event-id': id })))
      await again.message()
      await again.cancel()
    }
    expect(net.hub.listening).toBe(4)
    finish.open()
    await microtasks()
    expect(net.a.handle.inFlight).toBe(0)
  })
})

describe('close', () => {
  test('answers what runs, and what has just come', async () => {
    const { tools, begun } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const running = net.a.handle(callIn(session, 'wait', { id: 'w' }))
    await begun()
    const held = hold(net, 'read')
    const coming = net.a.handle(session.request('ping', {}, { id: 'late' }))
    await held.reached
    const closing = net.a.handle.close()
    net.clock.advance(0)
    await closing
    held.open()
    expect(await answerOf(await running)).toMatchObject({ id: 'w', error: { code: -32603 } })
    const late = await coming
    expect(late.status).toBe(503)
    expect(await bodyOf(late)).toMatchObject({ id: 'late' })
    expect(net.hub.joined.size).toBe(0)
    expect(net.hub.listening).toBe(0)
  })

  for (const method of ['join', 'listen', 'create'] as const) {
    test(`during a handshake (${method}) answers it and holds on to nothing`, async () => {
      await using net = nodes(() => [])
      const held = hold(net, method)
      const opening = net.a.handle(post(initialize()))
      await held.reached
      const closing = net.a.handle.close()
      net.clock.advance(0)
      held.open()
      await closing
      const response = await opening
      expect(response.headers.get('mcp-session-id')).toBeNull()
      expect(await bodyOf(response)).toMatchObject({ id: 'initialize', error: {} })
      await microtasks()
      expect(net.hub.joined.size).toBe(0)
      expect(net.hub.listening).toBe(0)
      // a timer that was set for something that is over fires for nothing, and sets no other
      net.clock.advance(24 * 60 * 60_000)
      expect(net.clock.waiting).toBe(0)
    })
  }

  test('twice is one close', async () => {
    await using net = nodes(() => [])
    await legacySession(net.a.handle)
    await Promise.all([net.a.handle.close(), net.a.handle.close()])
    await net.a.handle.close()
    expect(net.hub.joined.size).toBe(0)
  })

  test('leaves sessions to the other nodes', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    await net.a.handle.close()
    expect((await net.b.handle(session.request('ping'))).status).toBe(200)
  })
})
