import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { bare, bodyOf, errorOf, events, initialize, legacySession, post, resultOf } from '../../../test/http-kit.ts'
import { gate, HANDSHAKES, MODERN, microtasks } from '../../../test/kit.ts'
import { AUTH, answerOf, callIn, nodes, steered } from '../../../test/nodes-kit.ts'

describe('a session begins', () => {
  test('with an id of visible ASCII on the answer to initialize, unlike any other [MCP-079]', async () => {
    await using net = nodes(() => [])
    const ids = new Set<string>()
    for (let i = 0; i < 20; i++) ids.add((await legacySession(net.a.handle)).id)
    expect(ids.size).toBe(20)
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{40,}$/)
  })

  for (const version of HANDSHAKES) {
    test(`in ${version}, and is gone on with`, async () => {
      await using net = nodes(() => [])
      const session = await legacySession(net.a.handle, { version })
      const answer = await bodyOf(await net.a.handle(session.request('tools/list')))
      expect(resultOf(answer)).toEqual({ tools: [] })
    })
  }

  test('only when the handshake succeeds: an error carries no session id and keeps none', async () => {
    await using net = nodes(() => [], { maxSessions: 1 })
    const message = { jsonrpc: '2.0', id: 5, method: 'initialize', params: {} }
    for (let i = 0; i < 3; i++) {
      const response = await net.a.handle(post(message))
      expect(response.status).toBe(200)
      expect(response.headers.get('mcp-session-id')).toBeNull()
      expect(await bodyOf(response)).toMatchObject({ id: 5, error: { code: -32602 } })
    }
  })

  test('only when the handshake succeeds: what a middleware refuses after it is kept nowhere', async () => {
    await using net = nodes(() => [], {
      maxSessions: 1,
      server: {
        middleware: [
          async (request, next) => {
            const result = await next(request)
            if (request.method === 'initialize') throw new TypeError('not today')
            return result
          },
        ],
      },
    })
    for (const accept of ['application/json', 'text/event-stream', 'application/json, text/event-stream']) {
      const response = await net.a.handle(post(initialize(), { headers: { accept } }))
      expect(response.headers.get('mcp-session-id')).toBeNull()
      expect(await answerOf(response)).toMatchObject({ id: 'initialize', error: { code: -32603 } })
    }
    await microtasks()
    expect(net.hub.calls('remove')).toBe(3)
  })

  test('with a stream where the client takes nothing else, whose head tells the id', async () => {
    await using net = nodes(() => [])
    const response = await net.a.handle(post(initialize(), { headers: { accept: 'text/event-stream' } }))
    expect(response.headers.get('mcp-session-id')).not.toBeNull()
    expect(await answerOf(response)).toMatchObject({ id: 'initialize', result: { protocolVersion: '2025-11-25' } })
  })

  test('with its id even when the hub takes long: no stream is opened before the answer is there', async () => {
    await using net = nodes(() => [])
    const slow = Promise.withResolvers<void>()
    net.hub.before = (method) => (method === 'create' ? slow.promise : undefined)
    const opening = net.a.handle(post(initialize()))
    await microtasks()
    net.clock.advance(5000)
    await microtasks()
    slow.resolve()
    const response = await opening
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('mcp-session-id')).not.toBeNull()
  })

  test('with nothing said before its answer, which would have to go without the id [MCP-051]', async () => {
    await using net = nodes(() => [], {
      server: {
        middleware: [
          (request, next, exchange) => {
            exchange.notify('notifications/message', { level: 'info', data: 'too early' })
            return next(request)
          },
        ],
      },
    })
    const response = await net.a.handle(post(initialize()))
    expect(response.headers.get('mcp-session-id')).not.toBeNull()
    expect(await answerOf(response)).toMatchObject({ id: 'initialize', result: {} })
  })

  test('in place of the oldest one that was never gone on with, whose record goes as well', async () => {
    await using net = nodes(() => [], { maxSessions: 3 })
    const used = await legacySession(net.a.handle)
    const open = async (): Promise<string> =>
      (await net.a.handle(post(initialize()))).headers.get('mcp-session-id') ?? 'none was opened'
    const statusOf = async (id: string): Promise<number> => {
      const request = { jsonrpc: '2.0', id: 1, method: 'ping' }
      return (await net.a.handle(post(request, { headers: { 'mcp-session-id': id } }))).status
    }
    const [first, second] = [await open(), await open()]
    const third = await open()
    await microtasks()
    expect(net.hub.calls('remove')).toBe(1)
    expect([await statusOf(first), await statusOf(second), await statusOf(third)]).toEqual([404, 200, 200])
    expect(await statusOf(used.id)).toBe(200)
    // now all of them are used
    expect((await net.a.handle(post(initialize()))).status).toBe(503)
  })

  test('in place of none that is gone on with over another node', async () => {
    await using net = nodes(() => [], { maxSessions: 1 })
    const opened = await net.a.handle(post(initialize()))
    const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') }
    const ping = (): Request => post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { headers })
    expect((await net.b.handle(ping())).status).toBe(200)
    expect((await net.a.handle(post(initialize()))).status).toBe(200)
    await microtasks()
    expect(net.hub.calls('remove')).toBe(0)
    expect((await net.b.handle(ping())).status).toBe(200)
  })

  test('in place of none that is still being opened', async () => {
    await using net = nodes(() => [], { maxSessions: 1 })
    const slow = gate()
    net.hub.before = (method) => (method === 'create' ? slow.opened : undefined)
    const opening = net.a.handle(post(initialize()))
    await microtasks()
    expect((await net.a.handle(post(initialize()))).status).toBe(503)
    slow.open()
    expect((await opening).status).toBe(200)
  })

  test('only as long as there is room: past maxSessions it is a 503 that names the limit', async () => {
    await using net = nodes(() => [], { maxSessions: 2 })
    await legacySession(net.a.handle)
    await legacySession(net.a.handle)
    const response = await net.a.handle(post(initialize()))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).not.toBeNull()
    const body = await bodyOf(response)
    expect(body.id).toBe('initialize')
    expect(errorOf(body)).toMatchObject({ code: SERVER_BUSY, message: expect.stringContaining('maxSessions') })
  })

  test('once: a second initialize in it is refused', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    for (const { handle } of [net.a, net.b]) {
      const body = await bodyOf(await handle(session.post(initialize())))
      expect(errorOf(body)).toMatchObject({ code: INVALID_REQUEST, message: expect.stringContaining('initialized') })
    }
  })
})

describe('a request of a session', () => {
  test('without the id is a 400 that says what is missing, with the id of the request [MCP-081, MCP-005]', async () => {
    await using net = nodes(() => [])
    const { version } = await legacySession(net.a.handle)
    const request = { jsonrpc: '2.0', id: 'r', method: 'tools/list' }
    const response = await net.a.handle(post(request, { headers: { 'mcp-protocol-version': version } }))
    expect(response.status).toBe(400)
    const body = await bodyOf(response)
    expect(body.id).toBe('r')
    expect(errorOf(body).message).toContain('Mcp-Session-Id')
    expect((await net.a.handle(post({ jsonrpc: '2.0', id: 1, method: 'ping' }))).status).toBe(400)
  })

  for (const id of ['nobody', 'x'.repeat(44), '0'.repeat(44), '../..', '']) {
    test(`of an id nobody was given (${JSON.stringify(id)}) is a 404 with the id of the request [MCP-082]`, async () => {
      await using net = nodes(() => [])
      const request = { jsonrpc: '2.0', id: 7, method: 'tools/list' }
      const response = await net.a.handle(post(request, { headers: { 'mcp-session-id': id } }))
      expect(response.status).toBe(404)
      expect(await bodyOf(response)).toMatchObject({ id: 7, error: { code: -32001 } })
      // what cannot be an id of ours is looked for nowhere
      expect(net.hub.calls('read')).toBe(id === '0'.repeat(44) ? 1 : 0)
      for (const method of ['GET', 'DELETE']) {
        expect((await net.a.handle(bare(method, { 'mcp-session-id': id }))).status).toBe(404)
      }
    })
  }

  test('of another principal is a 404, as if there were no such session [MCP-087] [MCP-317]', async () => {
    await using net = nodes(() => [], { auth: AUTH })
    const mine = await legacySession(net.a.handle, { headers: { authorization: 'Bearer em' } })
    const theirs = { authorization: 'Bearer uoy' }
    for (const { handle } of [net.a, net.b]) {
      expect((await handle(mine.request('tools/list', {}, { headers: theirs }))).status).toBe(404)
      expect((await handle(mine.notify('notifications/initialized', {}, { headers: theirs }))).status).toBe(404)
      expect((await handle(mine.get(theirs))).status).toBe(404)
      expect((await handle(mine.delete(theirs))).status).toBe(404)
      expect((await handle(mine.request('tools/list'))).status).toBe(200)
    }
  })

  test('is none for a client that stands alone: its session id is overlooked [MCP-132, MCP-133]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const headers = { 'mcp-protocol-version': MODERN }
    const refused = await bodyOf(await net.a.handle(session.request('ping', {}, { headers, id: 3 })))
    expect(refused.id).toBe(3)
    expect(errorOf(refused)).toMatchObject({ code: INVALID_PARAMS, message: expect.stringContaining('params._meta') })
    for (const id of [session.id, 'nobody', '']) {
      for (const method of ['GET', 'DELETE']) {
        const response = await net.a.handle(bare(method, { ...headers, 'mcp-session-id': id }))
        expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
        expect(errorOf(await bodyOf(response)).message).toBe(
          'only a session is listened to or ended: in 2026-07-28 there are none',
        )
      }
    }
    expect(resultOf(await bodyOf(await net.a.handle(session.request('ping'))))).toEqual({})
  })

  for (const version of ['2099-01-01', 'latest', '']) {
    test(`with the version header ${JSON.stringify(version)} is a 400 that names it [MCP-086]`, async () => {
      await using net = nodes(() => [])
      const session = await legacySession(net.a.handle)
      const headers = { 'mcp-protocol-version': version }
      const response = await net.a.handle(session.request('ping', {}, { headers, id: 3 }))
      expect(response.status).toBe(400)
      const body = await bodyOf(response)
      expect(body.id).toBe(3)
      expect(errorOf(body).message).toContain(JSON.stringify(version))
      expect((await net.a.handle(session.get(headers))).status).toBe(400)
      expect((await net.a.handle(session.delete(headers))).status).toBe(400)
    })
  }

  test('needs no version header [MCP-086]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const response = await net.a.handle(session.request('ping', {}, { headers: { 'mcp-protocol-version': null } }))
    expect(resultOf(await bodyOf(response))).toEqual({})
  })

  test('is answered by any node: ping at once, unknown methods with -32601 [MCP-055]', async () => {
    await using net = nodes(() => [], { server: { resources: [] } })
    const session = await legacySession(net.a.handle)
    for (const { handle } of [net.a, net.b]) {
      expect(resultOf(await bodyOf(await handle(session.request('ping'))))).toEqual({})
      for (const method of ['prompts/list', 'server/discover', 'subscriptions/listen', 'nonsense']) {
        const response = await handle(session.request(method))
        expect(response.status).toBe(200)
        expect(errorOf(await bodyOf(response)).code).toBe(METHOD_NOT_FOUND)
      }
    }
  })

  test('is a notification or an answer, and is taken with an empty 202 [MCP-067]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const bodies = [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', method: 'notifications/roots/list_changed' },
      { jsonrpc: '2.0', id: 'stray', result: {} },
      { jsonrpc: '2.0', id: null, error: { code: 1, message: 'what' } },
    ]
    for (const body of bodies) {
      const response = await net.b.handle(session.post(body))
      expect(response.status).toBe(202)
      expect(await response.text()).toBe('')
    }
  })
})

test('what a session sets on one node counts on every other at once', async () => {
  const { tools, begun, finish } = steered()
  await using net = nodes(tools)
  const session = await legacySession(net.a.handle)
  expect(resultOf(await bodyOf(await net.a.handle(session.request('logging/setLevel', { level: 'error' }))))).toEqual(
    {},
  )
  const answering = net.b.handle(callIn(session, 'wait'))
  const call = await begun()
  expect(call.facts.logLevel).toBe('error')
  finish.open()
  call.log('warning', 'not wanted')
  expect((await answering).headers.get('content-type')).toBe('application/json')
  expect(errorOf(await bodyOf(await net.b.handle(session.request('logging/setLevel', { level: 'loud' })))).code).toBe(
    -32602,
  )
})

describe('a session ends', () => {
  test('by DELETE on any node: what runs is answered with an error, streams end, then there is none [MCP-082]', async () => {
    const { tools, begun } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const plain = net.a.handle(callIn(session, 'wait', { id: 'plain' }))
    await begun()
    const told = net.b.handle(callIn(session, 'wait', { id: 'told', meta: { progressToken: 1 } }))
    const call = await begun()
    call.progress(1)
    const stream = events(await told)
    await stream.message()
    const changes = events(await net.a.handle(session.get()))
    await changes.next()

    expect((await net.a.handle(session.delete())).status).toBe(204)

    expect(await bodyOf(await plain)).toMatchObject({ id: 'plain', error: { message: 'the session is over' } })
    expect(await stream.messages()).toMatchObject([{ id: 'told', error: { message: 'the session is over' } }])
    expect(call.signal.aborted).toBe(true)
    expect(await changes.messages()).toEqual([])
    for (const { handle } of [net.a, net.b]) {
      expect((await handle(session.request('ping'))).status).toBe(404)
      expect((await handle(session.get())).status).toBe(404)
      expect((await handle(session.delete())).status).toBe(404)
      expect(handle.inFlight).toBe(0)
    }
  })

  test('when it was idle for sessionIdleMs, and not before; any use on any node renews it', async () => {
    await using net = nodes(() => [], { sessionIdleMs: 80_000 })
    const session = await legacySession(net.a.handle)
    for (const idleMs of [75_000, 79_000, 79_000, 9_999, 79_999]) {
      net.clock.advance(idleMs)
      expect((await net.b.handle(session.request('ping'))).status).toBe(200)
    }
    net.clock.advance(90_001)
    expect((await net.b.handle(session.request('ping'))).status).toBe(404)
    expect((await net.a.handle(session.request('ping'))).status).toBe(404)
  })

  test('not while a call runs or a stream is read', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools, { sessionIdleMs: 80_000 })
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait'))
    await begun()
    for (let i = 0; i < 20; i++) {
      net.clock.advance(20_000)
      await microtasks()
    }
    finish.open()
    expect(await answerOf(await answering)).toMatchObject({ result: {} })
    const changes = events(await net.b.handle(session.get()))
    for (let i = 0; i < 20; i++) {
      net.clock.advance(20_000)
      await microtasks()
    }
    expect((await net.a.handle(session.request('ping'))).status).toBe(200)
    await changes.cancel()
  })

  test('for who reads its stream, too, when its record is gone without anybody having been told', async () => {
    await using net = nodes(() => [], { sessionIdleMs: 80_000 })
    const session = await legacySession(net.a.handle)
    const changes = events(await net.a.handle(session.get()))
    await net.hub.remove(`session/${session.id}`)
    for (let i = 0; i < 4; i++) {
      net.clock.advance(20_000)
      await microtasks()
    }
    expect(await changes.messages()).toEqual([])
  })
})

describe('GET and DELETE', () => {
  test('without a session are no methods of the endpoint [MCP-071]', async () => {
    await using net = nodes(() => [])
    for (const method of ['GET', 'DELETE']) {
      const response = await net.a.handle(bare(method))
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
    }
  })

  test('of a session are served beside POST on one URL [MCP-065]', async () => {
    await using net = nodes(() => [])
    const session = await legacySession(net.a.handle)
    const changes = await net.a.handle(session.get())
    expect(changes.headers.get('content-type')).toBe('text/event-stream')
    expect((await net.a.handle(session.get({ accept: 'application/json' }))).status).toBe(406)
    expect((await net.a.handle(session.delete())).status).toBe(204)
  })
})
