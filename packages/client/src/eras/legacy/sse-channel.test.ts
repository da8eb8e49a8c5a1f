import { describe, expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import {
  accepted,
  failure,
  type Heard,
  json,
  type Rig,
  type RigOptions,
  rig,
  type Stream,
  stream,
} from './scripted-http.test.kit.ts'

interface Old {
  readonly open: Rig
  readonly events: Stream
  /** How messages are taken. */
  post: (heard: Heard) => Response | Promise<Response>
  /** Answers a message on the stream. */
  answer(heard: Heard | undefined, result?: object): void
}

/** A server of 2024 that takes messages and answers them on its stream, as the test says. */
function old(options: RigOptions = {}, endpoint: string | null = '/messages?id=1'): Old {
  const events = stream()
  if (endpoint !== null) events.send({ event: 'endpoint', data: endpoint })
  const self: Old = {
    open: rig(
      (heard) => {
        if (heard.method !== 'GET') return self.post(heard)
        heard.signal.addEventListener('abort', () => events.break(heard.signal.reason))
        return events.response
      },
      { isOldest: true, ...options },
    ),
    events,
    post(heard) {
      queueMicrotask(() => self.answer(heard))
      return accepted()
    },
    answer(heard, result = {}) {
      if (heard?.message.id !== undefined && 'method' in heard.message)
        events.send({ jsonrpc: '2.0', id: heard.message.id, result })
    },
  }
  return self
}

const posts = ({ heard }: Rig): Heard[] => heard.filter(({ method }) => method === 'POST')

describe('the first HTTP transport', () => {
  test('posts everything to the URL that the stream names first, and reads everything from the stream [MCP-088]', async () => {
    const server = old({ responder: () => ({ roots: [] }) })
    await using open = server.open
    expect(await open.peer.request('initialize')).toEqual({})
    await open.peer.notify('notifications/initialized')
    server.events.send({ jsonrpc: '2.0', id: 7, method: 'roots/list' })
    server.events.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    await settle()
    const [get] = open.heard
    expect(get).toMatchObject({ method: 'GET', url: 'http://server.test/mcp' })
    expect(get?.headers.get('accept')).toBe('text/event-stream')
    expect(posts(open).map(({ url }) => url)).toEqual(Array(3).fill('http://server.test/messages?id=1'))
    expect(posts(open).at(-1)?.message).toEqual({ jsonrpc: '2.0', id: 7, result: { roots: [] } })
    expect(open.notices).toHaveLength(1)
    expect(open.strays).toEqual([])
  })

  test('messages wait for that URL', async () => {
    const server = old({}, null)
    server.events.raw(': welcome\n\n')
    await using open = server.open
    const answer = open.peer.request('initialize')
    await settle()
    expect(posts(open)).toEqual([])
    server.events.send({ event: 'endpoint', data: 'messages' })
    expect(await answer).toEqual({})
    expect(posts(open)[0]?.url).toBe('http://server.test/messages')
  })

  test.each([
    'http://evil.test/messages',
    '//evil.test/messages',
    'http://server.test:81/messages',
    'javascript:alert(1)',
    'http://',
  ])('a URL of another origin is refused: %s', async (endpoint) => {
    const server = old({}, endpoint)
    await using open = server.open
    const error = await failure(open.peer.request('initialize'))
    expect(error).toMatchObject({ code: 'unanswerable', outcome: 'not_run' })
    expect(posts(open)).toEqual([])
    expect(await open.peer.closed).toMatchObject({ kind: 'failed' })
    expect(server.events.cancelled).toBe(true)
  })

  test('a second URL changes nothing', async () => {
    const server = old()
    await using open = server.open
    await open.peer.request('initialize')
    server.events.send({ event: 'endpoint', data: 'http://evil.test/messages' })
    await open.peer.request('tools/list')
    expect(posts(open).at(-1)?.url).toBe('http://server.test/messages?id=1')
  })

  test('the version that was agreed on goes with what follows, where its revision says so [MCP-085]', async () => {
    const server = old()
    server.post = (heard) => {
      queueMicrotask(() => server.answer(heard, { protocolVersion: '2025-06-18' }))
      return accepted()
    }
    await using open = server.open
    await open.peer.request('initialize')
    await open.peer.request('tools/list')
    expect(posts(open).map(({ headers }) => headers.get('mcp-protocol-version'))).toEqual([null, '2025-06-18'])
  })

  test('the end of the stream is the end of all: nobody knows what ran', async () => {
    const server = old()
    server.post = () => accepted()
    const { open } = server
    const failed = failure(open.peer.request('tools/call'))
    await settle()
    server.events.end()
    expect(await failed).toMatchObject({ code: 'dropped', outcome: 'unknown' })
    expect(await open.peer.closed).toMatchObject({ kind: 'remote' })
    expect(await failure(open.peer.request('tools/list'))).toMatchObject({ code: 'closed' })
    await open.peer[Symbol.asyncDispose]()
  })

  test('a stream that breaks off ends all with its reason', async () => {
    const server = old()
    server.post = () => accepted()
    const { open } = server
    const failed = failure(open.peer.request('tools/call'))
    await settle()
    server.events.break()
    expect(await failed).toMatchObject({ code: 'dropped', outcome: 'unknown' })
    const reason = await open.peer.closed
    expect(reason.kind).toBe('failed')
    expect(reason.message).toContain('the cable was cut')
  })

  test('a message that is refused fails its call and no other', async () => {
    const server = old()
    const usual = server.post
    server.post = (heard) =>
      heard.message.method === 'bad'
        ? new Response('no', { status: 429, headers: { 'retry-after': '2' } })
        : usual(heard)
    await using open = server.open
    expect(await failure(open.peer.request('bad'))).toMatchObject({
      code: 'http_status',
      status: 429,
      retryAfterMs: 2000,
      outcome: 'not_run',
    })
    expect(await failure(open.peer.notify('bad'))).toMatchObject({ code: 'http_status', status: 429 })
    expect(await open.peer.request('good')).toEqual({})
  })

  test.each([
    ['404', () => new Response('Could not find session', { status: 404 })],
    ['404 and an error', () => json({ jsonrpc: '2.0', error: { code: -32001, message: 'no' } }, { status: 404 })],
    ['words for it', () => new Response('Invalid session ID', { status: 400 })],
  ])(
    'a server that has forgotten the conversation ends it, and the call that found out has not run: %s',
    async (_, no) => {
      const server = old()
      const { open } = server
      await open.peer.request('initialize')
      server.post = () => accepted()
      const waiting = failure(open.peer.request('tools/call'))
      await settle()
      server.post = no
      const late = failure(open.peer.request('tools/call'))
      const reason = await open.peer.closed
      expect(reason).toMatchObject({ kind: 'failed', message: expect.stringContaining('forgotten') })
      expect(await late).toMatchObject({ code: 'closed', outcome: 'not_run', reason })
      expect(await waiting).toMatchObject({ code: 'dropped', outcome: 'unknown', reason })
      expect(open.heard[0]?.signal.aborted).toBe(true)
    },
  )

  test.each([
    ['a notification', ({ open }: Old) => failure(open.peer.notify('notifications/roots/list_changed'))],
    ['an answer', ({ events }: Old) => events.send({ jsonrpc: '2.0', id: 1, method: 'ping' })],
  ])('%s that finds the conversation forgotten ends it as well', async (_, act) => {
    const server = old()
    const { open } = server
    await open.peer.request('initialize')
    server.post = () => new Response(null, { status: 404 })
    await act(server)
    expect(await open.peer.closed).toMatchObject({ kind: 'failed', message: expect.stringContaining('forgotten') })
    expect(open.warnings).toEqual([])
  })

  test.each([
    [404, ''],
    [400, 'Invalid session ID'],
  ])('a URL that never took a message has forgotten nothing: %d %s', async (status, body) => {
    const server = old()
    server.post = () => new Response(body, { status })
    await using open = server.open
    expect(await failure(open.peer.request('initialize'))).toMatchObject({ code: 'http_status', status })
    expect(server.events.cancelled).toBe(false)
  })

  test('a method that the server does not know ends nothing', async () => {
    const server = old()
    await using open = server.open
    await open.peer.request('initialize')
    const usual = server.post
    server.post = () => json({ jsonrpc: '2.0', error: { code: -32601, message: 'no' } }, { status: 404 })
    expect(await failure(open.peer.request('other'))).toMatchObject({ code: -32601 })
    server.post = usual
    expect(await open.peer.request('tools/list')).toEqual({})
  })

  test('an answer that is refused is reported', async () => {
    const server = old()
    server.post = () => new Response('no', { status: 400 })
    await using open = server.open
    await settle()
    server.events.send({ jsonrpc: '2.0', id: 1, method: 'ping' })
    await settle()
    expect(open.warnings).toEqual([expect.stringContaining('HTTP 400')])
  })

  test.each([
    ['405', () => new Response(null, { status: 405 }), { code: 'http_status', status: 405 }],
    [
      '503',
      () => new Response(null, { status: 503, headers: { 'retry-after': '5' } }),
      { status: 503, retryAfterMs: 5000 },
    ],
    ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } }), { code: 'unanswerable' }],
    [
      '400 and an error',
      () => json({ jsonrpc: '2.0', error: { code: -32600, message: 'no' } }, { status: 400 }),
      { code: -32600 },
    ],
  ] as const)('a URL that answers GET with %s fails what waits for it', async (_, respond, expected) => {
    await using open = rig(respond, { isOldest: true })
    expect(await failure(open.peer.request('initialize'))).toMatchObject(expected)
    expect(await open.peer.closed).toMatchObject({ kind: 'failed' })
  })

  test('waiting for the URL ends with the signal, and the signal means nothing afterwards', async () => {
    const giveUp = new AbortController()
    const silent = old({ signal: giveUp.signal }, null)
    silent.events.raw(': nothing\n\n')
    const speaking = old({ signal: giveUp.signal })
    const failed = failure(silent.open.peer.request('initialize'))
    await speaking.open.peer.request('initialize')
    giveUp.abort(new Error('no time'))
    expect(await failed).toMatchObject({
      code: 'dropped',
      outcome: 'not_run',
      message: expect.stringContaining('no time'),
    })
    expect(await speaking.open.peer.request('tools/list')).toEqual({})
    await speaking.open.peer[Symbol.asyncDispose]()
  })

  test('silence is no end while nothing is asked, and is one while something is', async () => {
    const server = old({ limits: { streamIdleTimeoutMs: 10_000 } })
    const { open } = server
    await open.peer.request('initialize')
    await open.clock.advance(100_000)
    expect(await open.peer.request('tools/list')).toEqual({})
    server.post = () => accepted()
    const failed = failure(open.peer.request('tools/call'))
    await open.clock.advance(20_000)
    expect(await failed).toMatchObject({ code: 'dropped', outcome: 'unknown' })
    expect((await open.peer.closed).message).toContain('streamIdleTimeoutMs')
  })

  test('a call that is given up is cancelled by a message', async () => {
    const server = old()
    server.post = () => accepted()
    await using open = server.open
    const giveUp = new AbortController()
    const failed = failure(open.peer.request('tools/call', {}, { signal: giveUp.signal }))
    await settle()
    giveUp.abort(new Error('enough'))
    await failed
    await settle()
    expect(open.posted()).toEqual(['tools/call', 'notifications/cancelled'])
  })

  test('closing lets go of the stream, whatever waits, and tells the end once', async () => {
    const server = old()
    server.post = () => new Promise(() => undefined)
    const { open } = server
    const failed = failure(open.peer.request('tools/call'))
    await settle()
    await open.peer[Symbol.asyncDispose]()
    expect(await failed).toMatchObject({ code: 'closed' })
    expect(await open.peer.closed).toMatchObject({ kind: 'local' })
    expect(open.heard.every(({ signal }) => signal.aborted)).toBe(true)
    await settle()
    expect(open.clock.timers).toBe(0)
  })

  test('an oversized event fails the call it answers', async () => {
    const server = old({ limits: { maxMessageBytes: 1000 } })
    server.post = (heard) => {
      queueMicrotask(() => server.answer(heard, { text: 'x'.repeat(heard.message.method === 'big' ? 2000 : 1) }))
      return accepted()
    }
    await using open = server.open
    expect(await failure(open.peer.request('big'))).toMatchObject({ code: 'too_large' })
    expect(await open.peer.request('small')).toEqual({ text: 'x' })
  })
})
