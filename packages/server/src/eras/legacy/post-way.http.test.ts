import { describe, expect, test } from 'bun:test'
import { CANCELLED, INTERNAL_ERROR, INVALID_REQUEST, MAX_BATCH_SIZE, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { bodyOf, errorOf, events, legacySession, resultOf } from '../../../test/http-kit.ts'
import { gate, HANDSHAKES, microtasks, textOf } from '../../../test/kit.ts'
import { answerOf, callIn, nodes, steered, TOLD } from '../../../test/nodes-kit.ts'
import { tool } from '../../registry/tool.ts'

describe('a request is answered', () => {
  test('with one JSON body when the answer comes before anything is told [MCP-068]', async () => {
    const { tools, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    finish.open()
    for (const name of ['now', 'wait']) {
      const response = await net.a.handle(callIn(session, name, { id: name }))
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(response.headers.get('mcp-session-id')).toBeNull()
      expect(await bodyOf(response)).toMatchObject({ jsonrpc: '2.0', id: name, result: { content: [{}] } })
    }
    expect(net.hub.calls('append')).toBe(0)
  })

  test('with a stream as soon as something is told, which ends behind the answer [MCP-068, MCP-069]', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait', { id: 'w', meta: TOLD }))
    const call = await begun()
    call.progress(1, 2)
    call.log('info', 'half')
    const response = await answering
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    finish.open()
    expect(await events(response).messages()).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 1, total: 2 } },
      { method: 'notifications/message', params: { data: 'half' } },
      { id: 'w', result: { content: [{ text: 'waited' }] } },
    ])
  })

  test('with a stream when it takes longer than streamAfterMs', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools, { streamAfterMs: 300 })
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait'))
    await begun()
    net.clock.advance(300)
    const stream = events(await answering)
    finish.open()
    expect(await stream.messages()).toMatchObject([{ result: {} }])
  })

  test('with a stream of nothing but the answer where the client takes no JSON', async () => {
    await using net = nodes(steered().tools)
    const session = await legacySession(net.a.handle)
    const headers = { accept: 'text/event-stream' }
    const params = { name: 'now', arguments: {} }
    const response = await net.a.handle(session.request('tools/call', params, { headers }))
    expect(await events(response).messages()).toHaveLength(1)
  })

  test('with the answer alone where the client takes nothing but JSON', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const params = { name: 'wait', arguments: {}, _meta: TOLD }
    const headers = { accept: 'application/json' }
    const answering = net.a.handle(session.request('tools/call', params, { headers }))
    const call = await begun()
    call.progress(1)
    call.log('error', 'unheard')
    expect(call.releaseStream(1)).toBe(false)
    net.clock.advance(60_000)
    finish.open()
    const response = await answering
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(resultOf(await bodyOf(response))).toMatchObject({ content: [{ text: 'waited' }] })
  })

  test('with an error where its result cannot be written as JSON, on a stream as well', async () => {
    const big = tool({ name: 'big', run: () => ({ content: [], _meta: { big: 1n } }) as never })
    const told = tool({
      name: 'told',
      run(_args, { progress }) {
        progress(1)
        return { content: [], _meta: { big: 1n } } as never
      },
    })
    await using net = nodes(() => [big, told])
    const session = await legacySession(net.a.handle)
    expect(errorOf(await bodyOf(await net.a.handle(callIn(session, 'big')))).code).toBe(INTERNAL_ERROR)
    const [, answer] = await events(await net.a.handle(callIn(session, 'told', { meta: TOLD }))).messages()
    expect(errorOf(answer ?? {}).code).toBe(INTERNAL_ERROR)
    expect(net.a.handle.inFlight).toBe(0)
  })

  test('with 503 and Retry-After where there is no room for it', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools, { maxConcurrentCalls: 1, maxQueuedCalls: 0 })
    const session = await legacySession(net.a.handle)
    const answering = net.a.handle(callIn(session, 'wait'))
    await begun()
    const response = await net.a.handle(callIn(session, 'wait', { id: 'busy' }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await bodyOf(response)).toMatchObject({ id: 'busy', error: { code: SERVER_BUSY } })
    finish.open()
    await answering
  })

  test('with an error for an id that is still in use, which the first call is unharmed by', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const first = net.a.handle(callIn(session, 'wait', { id: 1 }))
    await begun()
    expect(errorOf(await bodyOf(await net.a.handle(callIn(session, 'now', { id: 1 })))).code).toBe(INVALID_REQUEST)
    // a text is another id than a number
    expect(resultOf(await bodyOf(await net.a.handle(callIn(session, 'now', { id: '1' }))))).toBeDefined()
    finish.open()
    expect(await bodyOf(await first)).toMatchObject({ id: 1, result: {} })
  })
})

describe('the events of a stream', () => {
  test('have ids that no other event of the session has, each naming its stream [MCP-074, MCP-076]', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const streams = []
    for (const { handle } of [net.a, net.b, net.a]) {
      const answering = handle(callIn(session, 'wait', { meta: TOLD }))
      const call = await begun()
      call.progress(1)
      call.progress(2)
      streams.push(events(await answering))
    }
    finish.open()
    const ids: string[] = []
    const names = new Set<string>()
    for (const stream of streams) {
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) ids.push(event.id)
      names.add(ids.at(-1)?.replace(/\.\d+$/, '') ?? '')
    }
    expect(ids).toHaveLength(12)
    expect(new Set(ids).size).toBe(12)
    expect(names.size).toBe(3)
  })

  for (const version of HANDSHAKES) {
    const primes = version === '2025-11-25'
    test(`begin in ${version} ${primes ? 'with an empty one that has an id' : 'with the first message'} [MCP-076]`, async () => {
      const { tools, begun, finish } = steered()
      await using net = nodes(tools)
      const session = await legacySession(net.a.handle, { version })
      const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
      const call = await begun()
      call.progress(1)
      finish.open()
      const stream = events(await answering)
      const first = await stream.next()
      expect(first?.data === '').toBe(primes)
      expect(first?.id === '').toBe(version === '2024-11-05')
      await stream.messages()
    })
  }

  test('have no ids where nothing is kept to be replayed', async () => {
    for (const limits of [{ maxReplayLength: 0 }, { replayTtlMs: 0 }]) {
      const { tools, begun, finish } = steered()
      await using net = nodes(tools, limits)
      const session = await legacySession(net.a.handle)
      const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
      const call = await begun()
      call.progress(1)
      expect(call.releaseStream(5)).toBe(false)
      finish.open()
      const stream = events(await answering)
      expect(await stream.messages()).toHaveLength(2)
      expect(stream.text).not.toContain('id:')
      expect(net.hub.calls('put')).toBe(0)
    }
  })

  test('end early with retry when the handler lets the stream go, and only where the client can come back [MCP-077]', async () => {
    for (const version of HANDSHAKES) {
      const { tools, begun, finish } = steered()
      await using net = nodes(tools, { retryMs: 700 })
      const session = await legacySession(net.a.handle, { version })
      const answering = net.a.handle(callIn(session, 'wait'))
      const call = await begun()
      const isReleased = call.releaseStream(version === '2025-11-25' ? 250 : undefined)
      expect(isReleased).toBe(version === '2025-11-25')
      if (!isReleased) {
        finish.open()
        expect(await answerOf(await answering)).toMatchObject({ result: {} })
        continue
      }
      const stream = events(await answering)
      expect(await stream.messages()).toEqual([])
      expect(stream.text).toContain('retry: 250\n')
      expect(call.signal.aborted).toBe(false)
      finish.open()
    }
  })
})

describe('a client that', () => {
  test('is gone has cancelled nothing [MCP-070]', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle)
    const aborted = new AbortController()
    const params = { name: 'wait', arguments: {}, _meta: TOLD }
    const answering = net.a.handle(session.request('tools/call', params, { signal: aborted.signal }))
    const call = await begun()
    call.progress(1)
    await events(await answering).cancel()
    aborted.abort()
    await microtasks()
    expect(call.signal.aborted).toBe(false)
    expect(net.a.handle.inFlight).toBe(1)
    finish.open()
    await microtasks()
    expect(net.a.handle.inFlight).toBe(0)
  })

  for (const from of ['a', 'b'] as const) {
    const where = from === 'a' ? 'the same node' : 'another node'
    test(`cancels by notification over ${where} ends the stream, without an answer [MCP-058]`, async () => {
      const { tools, begun } = steered()
      await using net = nodes(tools)
      const session = await legacySession(net.a.handle)
      const answering = net.a.handle(callIn(session, 'wait', { id: 'w', meta: TOLD }))
      const plain = net.a.handle(callIn(session, 'wait', { id: 'plain' }))
      const call = await begun()
      call.progress(1)
      const stream = events(await answering)
      for (const requestId of ['w', 'plain', 'unknown']) {
        const cancel = session.notify(CANCELLED, { requestId, reason: 'enough' })
        expect((await net[from].handle(cancel)).status).toBe(202)
      }
      expect(await stream.messages()).toHaveLength(1)
      expect((await plain).status).toBe(202)
      expect(call.signal).toMatchObject({ aborted: true, reason: { message: 'enough' } })
      expect(net.a.handle.inFlight).toBe(0)
      expect(net.hub.calls('publish')).toBe(from === 'a' ? 1 : 3)
    })
  }

  test('cancels a call of another session has cancelled nothing', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const [mine, theirs] = [await legacySession(net.a.handle), await legacySession(net.a.handle)]
    const answering = net.a.handle(callIn(mine, 'wait', { id: 1 }))
    await begun()
    for (const { handle } of [net.a, net.b]) await handle(theirs.notify(CANCELLED, { requestId: 1 }))
    finish.open()
    expect(await answerOf(await answering)).toMatchObject({ id: 1, result: {} })
  })
})

describe('a batch', () => {
  const ping = (id: string | number) => ({ jsonrpc: '2.0', id, method: 'ping' })
  const call = (id: string | number, name: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: {}, _meta: TOLD },
  })

  test('is answered as one in 2025-03-26, each member by itself [MCP-008]', async () => {
    await using net = nodes(steered().tools)
    const session = await legacySession(net.a.handle, { version: '2025-03-26' })
    const mixed = [
      ping(1),
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      call(2, 'now'),
      { jsonrpc: '2.0', id: 'stray', result: {} },
      { jsonrpc: '2.0', id: 3, method: 'nonsense' },
      { jsonrpc: '1.0', id: 4, method: 'ping' },
      [],
      'rubbish',
    ]
    const response = await net.a.handle(session.post(mixed))
    const answers: unknown[] = JSON.parse(await response.text())
    expect(answers).toHaveLength(6)
    expect(answers).toContainEqual({ jsonrpc: '2.0', id: 1, result: {} })
    for (const expected of [
      { id: 2, result: {} },
      { id: 3, error: { code: -32601 } },
      { id: 4, error: { code: INVALID_REQUEST } },
    ]) {
      expect(answers).toContainEqual(expect.objectContaining({ id: expected.id }))
      expect(answers.find((one) => (one as { id?: unknown }).id === expected.id)).toMatchObject(expected)
    }
  })

  test('of which something is told first has a stream, with all answers in one event', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle, { version: '2025-03-26' })
    const answering = net.a.handle(session.post([ping(1), call(2, 'wait')]))
    const context = await begun()
    context.progress(1)
    const stream = events(await answering)
    await stream.message()
    finish.open()
    const last = await stream.next()
    expect(JSON.parse(last?.data ?? '')).toMatchObject([
      { id: 1, result: {} },
      { id: 2, result: {} },
    ])
    expect(await stream.next()).toBeUndefined()
  })

  test('of notifications and answers alone is taken with 202, and cancels over other nodes as well', async () => {
    const { tools, begun } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle, { version: '2025-03-26' })
    const answering = net.a.handle(callIn(session, 'wait', { id: 9 }))
    const { signal } = await begun()
    const batch = [
      { jsonrpc: '2.0', method: CANCELLED, params: { requestId: 9 } },
      { jsonrpc: '2.0', id: 'stray', result: {} },
    ]
    const response = await net.b.handle(session.post(batch))
    expect(response.status).toBe(202)
    expect(await response.text()).toBe('')
    await answering
    expect(signal.aborted).toBe(true)
  })

  test('with one id twice has an answer for each', async () => {
    const { tools, begun, finish } = steered()
    await using net = nodes(tools)
    const session = await legacySession(net.a.handle, { version: '2025-03-26' })
    const answering = net.a.handle(session.post([call(1, 'wait'), call(1, 'wait')]))
    await begun()
    finish.open()
    const answers: unknown[] = JSON.parse(await (await answering).text())
    expect(answers).toMatchObject([
      { id: 1, error: { code: INVALID_REQUEST } },
      { id: 1, result: {} },
    ])
  })

  test('that is empty or has too many members is a 400, and nothing of it runs', async () => {
    let ran = 0
    const count = tool({ name: 'count', run: () => `${++ran}` })
    await using net = nodes(() => [count])
    const session = await legacySession(net.a.handle, { version: '2025-03-26' })
    const tooMany = Array.from({ length: MAX_BATCH_SIZE + 1 }, (_, id) => call(id, 'count'))
    for (const batch of [[], tooMany]) {
      const response = await net.a.handle(session.post(batch))
      expect(response.status).toBe(400)
      expect(errorOf(await bodyOf(response)).code).toBe(INVALID_REQUEST)
    }
    expect(ran).toBe(0)
    const most = await net.a.handle(session.post(tooMany.slice(1)))
    expect(JSON.parse(await most.text())).toHaveLength(MAX_BATCH_SIZE)
  })

  for (const version of HANDSHAKES.filter((one) => one !== '2025-03-26')) {
    test(`is a 400 in ${version} [MCP-010]`, async () => {
      await using net = nodes(steered().tools)
      const session = await legacySession(net.a.handle, { version })
      const response = await net.a.handle(session.post([ping(1)]))
      expect(response.status).toBe(400)
      expect(errorOf(await bodyOf(response)).message).toContain('batches')
    })
  }
})

test('an error a handler is refused with stays in band once the stream is open', async () => {
  const opened = gate()
  const failing = tool({
    name: 'failing',
    async run(_args, { progress }) {
      progress(1)
      await opened.opened
      throw new Error('secret')
    },
  })
  await using net = nodes(() => [failing])
  const session = await legacySession(net.a.handle)
  const stream = events(await net.a.handle(callIn(session, 'failing', { meta: TOLD })))
  await stream.message()
  opened.open()
  const [answer] = await stream.messages()
  expect(resultOf(answer ?? {})).toMatchObject({ isError: true })
  expect(textOf(resultOf(answer ?? {}))).not.toContain('secret')
})
