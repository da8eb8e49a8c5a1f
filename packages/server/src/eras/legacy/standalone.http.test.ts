import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type Events, errorOf, events, type LegacySession, legacySession, resultOf } from '../../../test/http-kit.ts'
import { gate, microtasks } from '../../../test/kit.ts'
import { AUTH, callIn, type Node, nodes, steered } from '../../../test/nodes-kit.ts'
import { prompt } from '../../registry/prompt.ts'

async function listen({ handle }: Node, session: LegacySession, lastEventId?: string): Promise<Events> {
  const response = await handle(session.get(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }))
  if (response.status !== 200) throw new TypeError(`${response.status} ${await response.text()}`)
  return events(response)
}

async function ask({ handle }: Node, session: LegacySession, method: string, params: JsonObject): Promise<JsonObject> {
  return resultOf(JSON.parse(await (await handle(session.request(method, params))).text()))
}

const methods = (messages: readonly JsonObject[]): unknown[] =>
  messages.map(({ method, params }) => (params as JsonObject | undefined)?.uri ?? method)

const TOOLS = 'notifications/tools/list_changed'
const RESOURCES = 'notifications/resources/list_changed'

describe('the stream of changes', () => {
  test('tells of lists that change on any node, each change once [MCP-072, MCP-073]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    net.a.server.changes.mark('tools')
    expect(await stream.message()).toEqual({ jsonrpc: '2.0', method: TOOLS })
    net.b.server.changes.mark('resources')
    expect(await stream.message()).toEqual({ jsonrpc: '2.0', method: RESOURCES })
    net.b.server.changes.mark('tools')
    net.b.server.changes.mark('tools')
    await microtasks()
    await net.a.handle.drain()
    expect(methods(await stream.messages())).toEqual([TOOLS])
  })

  test('ends with the token it was opened with', async () => {
    const expiresAt = Date.now() + 60_000
    const auth = { ...AUTH, verifier: { verify: async () => ({ principal: 'p', scopes: [], expiresAt }) } }
    await using net = nodes(() => [], { auth })
    const session = await legacySession(net.a.handle, { headers: { authorization: 'Bearer t' } })
    const stream = await listen(net.a, session)
    // the wall clock has gone on since, so the rest is shorter, and never longer
    net.clock.advance(60_000)
    net.a.server.changes.mark('tools')
    expect(await stream.messages()).toEqual([])
  })

  test('tells only of what was declared at the handshake', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.b, session)
    net.b.server.prompts.add(prompt({ name: 'p', run: () => 'p' }))
    net.b.server.changes.mark('tools')
    expect(await stream.message()).toMatchObject({ method: TOOLS })
    await stream.cancel()
  })

  test('tells of resources that were subscribed to over any node, and only of those', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    // what changes right behind the answer must be told already
    expect(await ask(net.b, session, 'resources/subscribe', { uri: 'x:a' })).toEqual({})
    net.b.server.updates.mark('x:a')
    net.b.server.updates.mark('x:b')
    expect(await stream.message()).toMatchObject({ params: { uri: 'x:a' } })
    expect(await ask(net.a, session, 'resources/subscribe', { uri: 'x:b' })).toEqual({})
    net.b.server.updates.mark('x:b')
    expect(await stream.message()).toMatchObject({ params: { uri: 'x:b' } })
    expect(await ask(net.b, session, 'resources/unsubscribe', { uri: 'x:a' })).toEqual({})
    net.a.server.updates.mark('x:a')
    net.a.server.updates.mark('x:b')
    expect(await stream.message()).toMatchObject({ params: { uri: 'x:b' } })
    await stream.cancel()
  })

  test('tells of a resource that was just subscribed to, even while the hub takes its time', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    let reads = 0
    const never = new Promise<void>(() => undefined)
    net.hub.before = (method) => (method === 'read' && ++reads > 1 ? never : undefined)
    expect(await ask(net.b, session, 'resources/subscribe', { uri: 'x:a' })).toEqual({})
    net.b.server.updates.mark('x:a')
    expect(await stream.message()).toMatchObject({ params: { uri: 'x:a' } })
    await stream.cancel()
  })

  test('is told by what the record holds now, though an older one was just being read', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    const held = gate()
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    net.hub.after = (method) => {
      if (method !== 'read') return undefined
      net.hub.after = undefined
      resolve()
      return held.opened
    }
    const pinging = net.a.handle(session.request('ping'))
    await reached
    await ask(net.b, session, 'resources/subscribe', { uri: 'x:a' })
    held.open()
    await pinging
    net.b.server.updates.mark('x:a')
    expect(await stream.message()).toMatchObject({ params: { uri: 'x:a' } })
    await stream.cancel()
  })

  test('keeps subscriptions with the session, so that they outlive the stream and its node', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    await ask(net.a, session, 'resources/subscribe', { uri: 'x:a' })
    const other = await legacySession(net.a.handle)
    const stream = await listen(net.b, session)
    const silent = await listen(net.b, other)
    net.a.server.updates.mark('x:a')
    net.a.server.changes.mark('tools')
    expect(methods([await stream.message(), await stream.message()])).toEqual([TOOLS, 'x:a'].reverse())
    expect(await silent.message()).toMatchObject({ method: TOOLS })
    await Promise.all([stream.cancel(), silent.cancel()])
  })

  test('lets the older of two readers go, on any node [MCP-073]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const first = await listen(net.a, session)
    const second = await listen(net.a, session)
    expect(await first.messages()).toEqual([])
    const third = await listen(net.b, session)
    expect(await second.messages()).toEqual([])
    net.a.server.changes.mark('tools')
    expect(await third.message()).toMatchObject({ method: TOOLS })
    await third.cancel()
    const both = await Promise.all([listen(net.a, session), listen(net.a, session)])
    net.a.server.changes.mark('tools')
    await microtasks()
    await net.a.handle.drain()
    expect((await Promise.all(both.map((one) => one.messages()))).flat()).toHaveLength(1)
  })

  test('is left alone by somebody else who listens', async () => {
    await using net = nodes(() => [])
    const [mine, theirs] = [await legacySession(net.a.handle), await legacySession(net.b.handle)]
    const stream = await listen(net.a, mine)
    await (await listen(net.b, theirs)).cancel()
    net.b.server.changes.mark('tools')
    expect(await stream.message()).toMatchObject({ method: TOOLS })
    await stream.cancel()
  })

  test('is left alone by a reader that is refused', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    for (const id of ['changes.', 'changes.!', 'changes.a b', `changes.${'x'.repeat(41)}`, 'changes', 'other.1']) {
      const response = await net.a.handle(session.get({ 'last-event-id': id }))
      expect(response.status).toBe(400)
      expect(errorOf(JSON.parse(await response.text())).message).toContain('Last-Event-ID')
    }
    net.a.server.changes.mark('tools')
    expect(await stream.message()).toMatchObject({ method: TOOLS })
    await stream.cancel()
  })

  test('is kept alive while nothing is told, and ends when the node drains', async () => {
    await using net = nodes(() => [], { keepAliveMs: 1000 })
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    await stream.next()
    const { length } = stream.text
    for (let i = 0; i < 3; i++) net.clock.advance(1000)
    await stream.until((text) => text.slice(length).includes(':\n\n'))
    await net.a.handle.drain()
    expect(await stream.messages()).toEqual([])
    expect((await net.a.handle(session.get())).status).toBe(503)
    expect((await net.b.handle(session.get())).status).toBe(200)
  })

  test('carries no answers, questions or notices of calls [MCP-072]', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    const answering = net.a.handle(callIn(session, 'wait', { meta: { progressToken: 1 } }))
    const call = await begun()
    call.progress(1)
    call.log('error', 'e')
    finish.open()
    expect(await events(await answering).messages()).toHaveLength(3)
    net.a.server.changes.mark('tools')
    expect(methods([await stream.message()])).toEqual([TOOLS])
    await stream.cancel()
  })
})

describe('a client that was away', () => {
  test('is told what has changed since the last event it saw, each once, in order', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    await ask(net.a, session, 'resources/subscribe', { uri: 'x:a' })
    const stream = await listen(net.a, session)
    net.a.server.changes.mark('tools')
    await stream.next()
    const seen = (await stream.next())?.id
    await stream.cancel()
    for (let i = 0; i < 50; i++) {
      net.a.server.updates.mark('x:a')
      net.b.server.changes.mark('tools')
      net.b.server.updates.mark('x:b')
      await microtasks()
    }
    for (const node of [net.a, net.b]) {
      const again = await listen(node, session, seen)
      const [first, second] = [await again.next(), await again.next()]
      expect(methods([first?.message ?? {}, second?.message ?? {}]).sort()).toEqual([TOOLS, 'x:a'].sort())
      expect([seen, first?.id, second?.id].toSorted()).toEqual([seen, first?.id, second?.id])
      if (node === net.b) {
        // of fifty changes each, one is told
        node.server.changes.mark('resources')
        expect(methods([await again.message()])).toEqual([RESOURCES])
        node.server.changes.mark('tools')
        await again.next().then((event) => expect(event?.message).toMatchObject({ method: TOOLS }))
        await again.cancel()
        return
      }
      await again.cancel()
      const nothing = await listen(node, session, second?.id)
      node.server.updates.mark('x:b')
      node.server.updates.mark('x:a')
      expect(methods([await nothing.message()])).toEqual(['x:a'])
      await nothing.cancel()
    }
  })

  test('before the first event comes back to where it began to listen [MCP-076]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const stream = await listen(net.a, session)
    const primed = await stream.next()
    expect(primed?.data).toBe('')
    await stream.cancel()
    net.b.server.changes.mark('tools')
    await microtasks()
    for (const node of [net.a, net.b]) {
      const again = await listen(node, session, primed?.id)
      expect(methods([await again.message()])).toEqual([TOOLS])
      await again.cancel()
    }
  })

  test('is primed with an id of its own each time, for one entry in the log at most [MCP-074]', async () => {
    await using net = nodes(() => [])
    const ids = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const session = await legacySession(net.a.handle)
      for (let j = 0; j < 2; j++) {
        const stream = await listen(net.a, session)
        ids.add((await stream.next())?.id ?? '')
        await stream.cancel()
      }
    }
    expect(ids.size).toBe(40)
    expect(net.hub.calls('append')).toBe(1)
  })

  test('in a revision without priming is told nothing it did not ask for', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle, { version: '2025-06-18' })
    const stream = await listen(net.a, session)
    net.a.server.changes.mark('tools')
    expect((await stream.next())?.message).toMatchObject({ method: TOOLS })
    expect(net.hub.calls('append')).toBe(1)
    await stream.cancel()
  })

  test('for too long is told that everything it listens for may have changed', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    await ask(net.a, session, 'resources/subscribe', { uri: 'x:a' })
    const again = await listen(net.b, session, 'changes.0mf0000000-000000')
    const all = [await again.message(), await again.message(), await again.message()]
    expect(methods(all)).toEqual([TOOLS, RESOURCES, 'x:a'])
    net.a.server.changes.mark('tools')
    expect(methods([await again.message()])).toEqual([TOOLS])
    await again.cancel()
  })
})

test('what changes while nobody listens costs a session nothing', async () => {
  await using net = nodes(() => [])
  for (let i = 0; i < 100; i++) await legacySession(net.a.handle)
  net.clock.advance(120_000)
  const waiting = net.clock.waiting
  const appended = net.hub.calls('append')
  for (let i = 0; i < 10; i++) {
    net.a.server.changes.mark('tools')
    await microtasks()
  }
  expect(net.hub.calls('append') - appended).toBe(10)
  expect(net.clock.waiting).toBe(waiting)
})
