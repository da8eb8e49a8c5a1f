import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { bodyOf, type Events, errorOf, events, type LegacySession, legacySession } from '../../../test/http-kit.ts'
import { microtasks } from '../../../test/kit.ts'
import { AUTH, answerOf, callIn, type Nodes, type NodesOptions, nodes, steered, TOLD } from '../../../test/nodes-kit.ts'
import type { CallContext } from '../../context.ts'

interface Begun extends AsyncDisposable {
  readonly net: Nodes
  readonly session: LegacySession
  readonly call: CallContext
  /** The stream of the POST, at node a. */
  readonly stream: Events
  /** The id of its priming event. */
  readonly start: string
  finish(): void
}

/** A call at node a whose stream has begun. */
async function begin(options: NodesOptions = {}): Promise<Begun> {
  const { tools, begun, finish } = steered()
  const net = nodes(tools, options)
  const session = await legacySession(net.a.handle)
  const answering = net.a.handle(callIn(session, 'wait', { id: 'w', meta: TOLD }))
  const call = await begun()
  call.progress(1)
  const stream = events(await answering)
  const start = (await stream.next())?.id ?? ''
  return {
    net,
    session,
    call,
    stream,
    start,
    finish: finish.open,
    [Symbol.asyncDispose]: () => net[Symbol.asyncDispose](),
  }
}

async function resume({ net, session }: Begun, at: 'a' | 'b', id: string): Promise<Events> {
  const response = await net[at].handle(session.get({ 'last-event-id': id }))
  if (response.status !== 200) throw new TypeError(`${response.status} ${await response.text()}`)
  return events(response)
}

async function refused(begun: Begun, at: 'a' | 'b', id: string): Promise<{ status: number; message: string }> {
  const response = await begun.net[at].handle(begun.session.get({ 'last-event-id': id }))
  return { status: response.status, message: errorOf(await bodyOf(response)).message }
}

const progressOf = (messages: readonly JsonObject[]): unknown[] =>
  messages.map(({ params, result, error }) => (params as JsonObject | undefined)?.progress ?? result ?? error)

const LOST = { id: 'w', error: { code: -32603, message: expect.stringContaining('the answer is lost') } }

for (const at of ['a', 'b'] as const) {
  describe(`at ${at === 'a' ? 'the node that runs the call' : 'another node'}`, () => {
    test('exactly what was missed is replayed, in order, and then what comes [MCP-074]', async () => {
      await using begun = await begin()
      const { call, stream, finish } = begun
      call.progress(2)
      await stream.message()
      const seen = (await stream.next())?.id ?? ''
      await stream.cancel()
      call.progress(3)
      call.progress(4)
      const again = await resume(begun, at, seen)
      expect(progressOf([await again.message(), await again.message()])).toEqual([3, 4])
      call.progress(5)
      expect(progressOf([await again.message()])).toEqual([5])
      finish()
      expect(await again.messages()).toMatchObject([{ id: 'w', result: { content: [{ text: 'waited' }] } }])
    })

    test('a stream can be replayed from its beginning, with the same ids, also when it has ended', async () => {
      await using begun = await begin()
      begun.call.progress(2)
      begun.finish()
      await begun.stream.messages()
      const first = await resume(begun, at, begun.start)
      const messages = await first.messages()
      expect(messages).toHaveLength(3)
      const second = await resume(begun, at, begun.start)
      expect(await second.messages()).toEqual(messages)
      const stream = begun.start.replace(/\.0$/, '')
      const ids = [...second.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)
      expect(ids).toEqual([1, 2, 3].map((number) => `${stream}.${number}`))
    })

    test('behind the last event a client is told to stay away, so that it comes back no more [MCP-071]', async () => {
      await using begun = await begin()
      begun.finish()
      const all = await begun.stream.messages()
      const end = begun.start.replace(/0$/, String(all.length))
      expect(await refused(begun, at, end)).toMatchObject({
        status: 405,
        message: expect.stringContaining('has ended'),
      })
    })

    test('nothing of another stream is replayed [MCP-073, MCP-074]', async () => {
      const { tools, begun, finish } = steered()
      await using net = nodes(tools)
      const session = await legacySession(net.a.handle)
      const answering = [1, 2].map((id) => net.a.handle(callIn(session, 'wait', { id, meta: { progressToken: id } })))
      const [first, second] = [await begun(), await begun()]
      first.progress(10)
      second.progress(20)
      const streams = (await Promise.all(answering)).map((response) => events(response))
      const id = (await streams[0]?.next())?.id ?? ''
      finish.open()
      const again = events(await net[at].handle(session.get({ 'last-event-id': id })))
      expect(await again.messages()).toMatchObject([{ params: { progress: 10 } }, { id: 1 }])
      expect(await streams[1]?.messages()).toHaveLength(2)
    })

    test('of two readers the older one is let go, and nothing is told to both [MCP-073]', async () => {
      await using begun = await begin()
      const { stream, call, start, finish } = begun
      await stream.message()
      const second = await resume(begun, at, start)
      expect(await stream.messages()).toEqual([])
      const third = await resume(begun, at === 'a' ? 'b' : 'a', start)
      call.progress(2)
      finish()
      expect(progressOf(await second.messages())).toEqual([1])
      expect(progressOf(await third.messages())).toMatchObject([1, 2, {}])
    })

    test('of two that come at once one is let go as well', async () => {
      await using begun = await begin()
      const both = await Promise.all([resume(begun, at, begun.start), resume(begun, at, begun.start)])
      begun.finish()
      const answers = (await Promise.all(both.map((one) => one.messages()))).flat().filter(({ id }) => id === 'w')
      expect(answers).toHaveLength(1)
    })

    test('a client that was let go by the handler finds everything it has missed [MCP-077]', async () => {
      await using begun = await begin()
      const { call, stream, start, finish } = begun
      expect(call.releaseStream(10)).toBe(true)
      await stream.messages()
      call.progress(2)
      const again = await resume(begun, at, start)
      finish()
      expect(progressOf(await again.messages())).toMatchObject([1, 2, {}])
    })

    test('a stream that goes on is begun anew with an id of its own, which can be come back to [MCP-074, MCP-076]', async () => {
      await using begun = await begin()
      const ids = [begun.start]
      for (let i = 0; i < 3; i++) {
        const again = await resume(begun, at, ids.at(-1) ?? '')
        const primed = await again.next()
        expect(primed?.data).toBe('')
        expect(ids).not.toContain(primed?.id ?? '')
        ids.push(primed?.id ?? '')
        expect(progressOf([await again.message()])).toEqual([1])
        await again.cancel()
      }
    })

    test('a call cancelled meanwhile ends the stream without an answer', async () => {
      await using begun = await begin()
      await begun.stream.cancel()
      const again = await resume(begun, at, begun.start)
      await begun.net.b.handle(begun.session.notify('notifications/cancelled', { requestId: 'w' }))
      expect(progressOf(await again.messages())).toEqual([1])
    })

    test('what is kept no longer is a 400, and not a 404 that would end the session', async () => {
      await using begun = await begin({ replayTtlMs: 10_000 })
      begun.finish()
      await begun.stream.messages()
      begun.net.clock.advance(9_999)
      expect(await (await resume(begun, at, begun.start)).messages()).toHaveLength(2)
      begun.net.clock.advance(10_001)
      expect(await refused(begun, at, begun.start)).toEqual({
        status: 400,
        message: expect.stringContaining('replayTtlMs'),
      })
    })

    test('what runs is kept for as long as it runs', async () => {
      await using begun = await begin({ replayTtlMs: 10_000 })
      for (let i = 0; i < 10; i++) {
        begun.net.clock.advance(4_000)
        await microtasks()
      }
      const again = await resume(begun, at, begun.start)
      begun.finish()
      expect(progressOf(await again.messages())).toMatchObject([1, {}])
    })

    test('a stream whose log is lost though it is still spoken of is a 400', async () => {
      await using begun = await begin()
      begun.finish()
      await begun.stream.messages()
      await begun.net.hub.drop(`events/${begun.session.id}/${begun.start.replace(/\.0$/, '')}`)
      expect((await refused(begun, at, begun.start)).status).toBe(400)
    })

    test('a gap in what is kept is told, not hidden', async () => {
      await using begun = await begin()
      begun.call.progress(2)
      await begun.net.hub.drop(`events/${begun.session.id}/${begun.start.replace(/\.0$/, '')}`)
      begun.call.progress(3)
      const again = await resume(begun, at, begun.start)
      expect(await again.messages()).toMatchObject([LOST])
      await begun.net.hub.drop(`events/${begun.session.id}/${begun.start.replace(/\.0$/, '')}`)
      const waiting = await resume(begun, at, begun.start.replace(/0$/, '2'))
      begun.finish()
      // an answer is worth more than what is missing before it
      expect(await waiting.messages()).toMatchObject([{ id: 'w', result: {} }])
    })

    test('an end that comes before what was told is told, not taken for the end', async () => {
      await using begun = await begin()
      const again = await resume(begun, at, begun.start)
      await again.message()
      const name = `events/${begun.session.id}/${begun.start.replace(/\.0$/, '')}`
      await begun.net.hub.append(name, 'end 5', { ttlMs: 1000 })
      expect(await again.messages()).toMatchObject([LOST])
    })

    test('more than maxReplayLength is told to be too much, and the reader that stayed misses nothing', async () => {
      await using begun = await begin({ maxReplayLength: 1000 })
      const { call, stream, start, finish } = begun
      call.log('info', 'x'.repeat(1000))
      call.progress(2)
      finish()
      const stayed = await stream.messages()
      expect(stayed).toHaveLength(4)
      // the progress before it, and that there was too much
      expect(begun.net.hub.calls('append')).toBe(2)
      expect(stayed.at(-1)).toMatchObject({ id: 'w', result: {} })
      const again = await resume(begun, at, start)
      const [first, second, ...rest] = await again.messages()
      expect(first).toMatchObject({ params: { progress: 1 } })
      expect(second).toMatchObject({ id: 'w', error: { message: expect.stringContaining('maxReplayLength') } })
      expect(rest).toEqual([])
    })

    test('the id of an event of another session or of nobody is refused [MCP-074]', async () => {
      await using begun = await begin()
      const other = await legacySession(begun.net.a.handle)
      const { stream, start } = begun
      for (const id of [start, 'x', 'changes', 'changes.', 'changes.!', '0-0.0', `${start}0`.repeat(30)]) {
        const response = await begun.net[at].handle(other.get({ 'last-event-id': id }))
        expect(response.status).toBe(400)
        await response.text()
      }
      begun.finish()
      expect(await stream.messages()).toHaveLength(2)
    })

    test('a node that is dead leaves its calls to be answered with an error, once for each reader', async () => {
      await using begun = await begin({ ownerLostMs: 10_000 })
      const { net, start, call } = begun
      const [owner = ''] = start.split('-')
      call.progress(2)
      if (at === 'a') {
        // a node does not take itself for dead
        net.hub.bury(owner)
        const again = await resume(begun, 'a', start)
        begun.finish()
        expect(progressOf(await again.messages())).toMatchObject([1, 2, {}])
        return
      }
      const before = await resume(begun, 'b', start)
      await before.message()
      net.hub.bury(owner)
      net.clock.advance(10_000)
      expect(await before.messages()).toMatchObject([{ params: { progress: 2 } }, LOST])
      const after = await resume(begun, 'b', start)
      expect(await after.messages()).toMatchObject([{ params: { progress: 1 } }, { params: { progress: 2 } }, LOST])
    })
  })
}

test('a reader whose stream is forgotten while it waits is told so', async () => {
  await using begun = await begin({ ownerLostMs: 10_000 })
  const again = await resume(begun, 'b', begun.start)
  await again.message()
  await begun.net.hub.put(`events/${begun.session.id}/${begun.start.replace(/\.0$/, '')}`, '', 0)
  begun.net.clock.advance(5000)
  expect(await again.messages()).toMatchObject([
    { ...LOST, error: { message: expect.stringContaining('replayTtlMs') } },
  ])
})

test('an answer that a dead node has just written is the answer: no error follows it', async () => {
  await using begun = await begin({ ownerLostMs: 10_000 })
  const { net, start, finish } = begun
  const again = await resume(begun, 'b', start)
  net.hub.before = (method, [, text]) =>
    method === 'append' && String(text).startsWith('end') ? new Promise<void>(() => undefined) : undefined
  finish()
  await microtasks()
  net.hub.bury(start.split('-')[0] ?? '')
  net.clock.advance(10_000)
  expect(progressOf(await again.messages())).toMatchObject([1, { content: [{ text: 'waited' }] }])
})

test('a stream that has ended is told to its end, though the node that ran it is dead', async () => {
  await using begun = await begin()
  begun.finish()
  await begun.stream.messages()
  await microtasks()
  begun.net.hub.bury(begun.start.split('-')[0] ?? '')
  const again = await resume(begun, 'b', begun.start)
  expect(progressOf(await again.messages())).toMatchObject([1, {}])
})

test('a stream of another principal is not even looked for [MCP-087]', async () => {
  const { tools, begun, finish } = steered()
  await using net = nodes(tools, { auth: AUTH })
  const session = await legacySession(net.a.handle, { headers: { authorization: 'Bearer em' } })
  const answering = net.a.handle(callIn(session, 'wait', { meta: TOLD }))
  ;(await begun()).progress(1)
  const stream = events(await answering)
  const id = (await stream.next())?.id ?? ''
  const gets = net.hub.calls('get')
  const stolen = await net.b.handle(session.get({ 'last-event-id': id, authorization: 'Bearer uoy' }))
  expect(stolen.status).toBe(404)
  expect(net.hub.calls('get')).toBe(gets)
  finish.open()
  expect(await stream.messages()).toHaveLength(2)
})

test('a revision whose streams cannot be resumed takes Last-Event-ID for nothing', async () => {
  await using net = nodes(() => [])
  const session = await legacySession(net.a.handle, { version: '2024-11-05' })
  const stream = events(await net.a.handle(session.get({ 'last-event-id': 'whatever' })))
  net.a.server.changes.mark('tools')
  expect(await stream.message()).toMatchObject({ method: 'notifications/tools/list_changed' })
  expect(stream.text).not.toContain('id:')
  await stream.cancel()
})

test('the answer of a batch is replayed as the one event it was', async () => {
  const { tools, begun, finish } = steered()
  await using net = nodes(tools)
  const session = await legacySession(net.a.handle, { version: '2025-03-26' })
  const params = { name: 'wait', arguments: {}, _meta: TOLD }
  const batch = [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params }))
  const answering = net.a.handle(session.post(batch))
  ;(await begun()).progress(1)
  const stream = events(await answering)
  const id = (await stream.next())?.id ?? ''
  await stream.cancel()
  const again = events(await net.b.handle(session.get({ 'last-event-id': id })))
  finish.open()
  const event = await again.next()
  expect(JSON.parse(event?.data ?? '')).toMatchObject([{ id: 1 }, { id: 2 }])
  expect(await again.next()).toBeUndefined()
})

describe('draining', () => {
  test('waits for a reader that came back to a call, and lets the readers of other nodes go', async () => {
    await using begun = await begin()
    const { net, start, finish, stream } = begun
    await stream.cancel()
    const own = await resume(begun, 'a', start)
    const draining = net.a.handle.drain(1000)
    finish()
    expect(progressOf(await own.messages())).toMatchObject([1, {}])
    await draining
    const foreign = await resume(begun, 'b', start)
    await foreign.messages()
  })

  test('ends at once what is read of a call of another node, which goes on there', async () => {
    await using begun = await begin()
    const again = await resume(begun, 'b', begun.start)
    await again.message()
    await begun.net.b.handle.drain(60_000)
    expect(await again.messages()).toEqual([])
    const back = await resume(begun, 'a', begun.start)
    begun.finish()
    expect(progressOf(await back.messages())).toMatchObject([1, {}])
  })

  test('without grace answers what runs with an error, on a stream as well as in one body', async () => {
    await using begun = await begin()
    const plain = begun.net.a.handle(callIn(begun.session, 'wait', { id: 'plain' }))
    await microtasks()
    const closing = begun.net.a.handle.close()
    begun.net.clock.advance(0)
    await closing
    expect(await answerOf(await plain)).toMatchObject({ id: 'plain', error: { code: -32603 } })
    expect((await begun.stream.messages()).at(-1)).toMatchObject({ id: 'w', error: { code: -32603 } })
    expect((await begun.net.a.handle(begun.session.request('ping'))).status).toBe(503)
    const elsewhere = await resume(begun, 'b', begun.start)
    expect((await elsewhere.messages()).at(-1)).toMatchObject({ id: 'w', error: { code: -32603 } })
  })
})
