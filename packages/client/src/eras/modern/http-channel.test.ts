import { afterEach, describe, expect, test } from 'bun:test'
import {
  type CloseReason,
  createPeer,
  HEADER_MISMATCH,
  type JsonObject,
  META,
  mcpConventions,
  type Peer,
} from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import { openRequests } from '../../http/open-requests.ts'
import type { HttpClientOptions } from '../../http/options.ts'
import { createWire } from '../../http/wire.ts'
import {
  accepted,
  failure,
  type Handler,
  type Heard,
  json,
  result,
  scriptedFetch,
  stream,
  URL_OF_SERVER,
} from '../legacy/scripted-http.test.kit.ts'
import { createModernHttpChannel } from './http-channel.ts'

const VERSION = '2026-07-28'
const _meta = { [META.protocolVersion]: VERSION }
const region = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } }
const weather = { name: 'weather', inputSchema: region }

interface Rig extends AsyncDisposable {
  readonly peer: Peer
  readonly clock: FakeClock
  readonly heard: Heard[]
  readonly strays: string[]
  readonly warnings: string[]
  call(name: string, args?: JsonObject, signal?: AbortSignal): Promise<JsonObject>
}

function rig(handler: Handler, options: HttpClientOptions = {}): Rig {
  const { fetch, heard } = scriptedFetch(handler)
  const clock = createFakeClock()
  const strays: string[] = []
  const warnings: string[] = []
  const channel = createModernHttpChannel({
    wire: createWire(new URL(URL_OF_SERVER), { fetch, ...options }),
    limits: { maxMessageBytes: 10_000, streamIdleTimeoutMs: 120_000, clock },
    warn: (message) => void warnings.push(message),
  })
  const peer = createPeer(
    channel,
    { request: () => ({}), notice: () => undefined },
    { conventions: mcpConventions, clock, answers: () => false, onStray: ({ message }) => void strays.push(message) },
  )
  return {
    peer,
    clock,
    heard,
    strays,
    warnings,
    call: (name, args = {}, signal) =>
      peer.request('tools/call', { name, arguments: args, _meta }, { ...(signal !== undefined && { signal }) }),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

const methods = ({ heard }: Rig): unknown[] => heard.map(({ message }) => message.method)
const mismatch = (): Response =>
  json({ jsonrpc: '2.0', id: null, error: { code: HEADER_MISMATCH, message: 'a header is missing' } }, { status: 400 })

// whatever a test did, no place stays taken
afterEach(async () => {
  await settle()
  expect(openRequests()).toBe(0)
})

describe('what is sent', () => {
  test('every request is a POST that stands alone and says in headers what it is [MCP-121] [MCP-122] [MCP-123] [MCP-124] [MCP-111, MCP-112]', async () => {
    await using open = rig((heard) => json(result(heard)))
    await open.call('echo')
    await open.peer.request('resources/read', { uri: 'file:///ä', _meta })
    const [first, second] = open.heard
    expect(first?.method).toBe('POST')
    expect(Object.fromEntries(first?.headers ?? [])).toEqual({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
      'mcp-protocol-version': VERSION,
    })
    expect(second?.headers.get('mcp-name')).toMatch(/^=\?base64\?.*\?=$/)
  })

  test('each call says the name of its own tool, whatever was called before', async () => {
    await using open = rig((heard) => json(result(heard)))
    for (const name of ['echo', 'weather', 'echo']) await open.call(name)
    expect(open.heard.map(({ headers }) => headers.get('mcp-name'))).toEqual(['echo', 'weather', 'echo'])
  })

  test('headers of a call go with it, and replace none of the protocol', async () => {
    await using open = rig((heard) => json(result(heard)))
    const headers = { 'X-Trace': '1', 'MCP-METHOD': 'other', accept: 'text/plain' }
    await open.peer.request('tools/list', { _meta }, { headers })
    const [sent] = open.heard
    expect(sent?.headers.get('x-trace')).toBe('1')
    expect(sent?.headers.get('mcp-method')).toBe('tools/list')
    expect(sent?.headers.get('accept')).toBe('application/json, text/event-stream')
  })

  test('a header that would bring another one along fails the call, and nothing is sent', async () => {
    await using open = rig((heard) => json(result(heard)))
    const error = await failure(open.peer.request('tools/list', { _meta }, { headers: { 'x-a': 's3cret\r\nx-b: 1' } }))
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).not.toContain('s3cret')
    expect(open.heard).toEqual([])
  })

  test('a notification is posted with its headers and resolves when it is accepted', async () => {
    await using open = rig(() => accepted())
    await open.peer.notify('notifications/something', { _meta })
    expect(open.heard[0]?.headers.get('mcp-method')).toBe('notifications/something')
    expect(open.heard[0]?.message).toMatchObject({ method: 'notifications/something' })
  })

  test('a notification that is refused says why', async () => {
    await using open = rig(() => new Response('not that one', { status: 400 }))
    const error = await failure(open.peer.notify('notifications/something'))
    expect(error).toMatchObject({ code: 'http_status', status: 400, message: expect.stringContaining('not that one') })
  })

  test('a notification that nobody accepts is given up', async () => {
    await using open = rig(() => new Promise(() => undefined))
    const told = failure(open.peer.notify('notifications/something'))
    await open.clock.advance(29_999)
    expect(openRequests()).toBe(1)
    await open.clock.advance(1)
    expect(await told).toMatchObject({ code: 'timeout' })
  })

  test('answers never leave [MCP-020]', async () => {
    await using open = rig((heard) => {
      const events = stream(heard.signal)
      events.send({ jsonrpc: '2.0', id: 1, method: 'ping' })
      events.send(result(heard))
      return events.response
    })
    await open.call('echo')
    await settle()
    expect(open.heard).toHaveLength(1)
  })
})

describe('an answer', () => {
  test('on a stream comes behind its notices, and is read however it is cut [MCP-115] [MCP-118]', async () => {
    await using open = rig((heard) => {
      const events = stream(heard.signal)
      const params = { progressToken: heard.message.id, progress: 1 }
      const text = [{ jsonrpc: '2.0', method: 'notifications/progress', params }, result(heard, { ok: true })]
        .map((message) => `data: ${JSON.stringify(message)}\r\n\r\n`)
        .join(': a comment\n\n')
      for (const letter of text) events.raw(letter)
      return events.response
    })
    const steps: unknown[] = []
    const answer = await open.peer.request(
      'tools/call',
      { name: 'echo', _meta },
      { onNotice: ({ params }) => void steps.push(params?.progress) },
    )
    expect(answer).toEqual({ ok: true })
    expect(steps).toEqual([1])
    expect(open.strays).toEqual([])
  })

  test('that is a stream which says nothing is waited for no longer than a stream may be silent', async () => {
    await using open = rig((heard) => stream(heard.signal).response)
    const limits = { timeoutMs: Number.POSITIVE_INFINITY, maxTotalTimeoutMs: Number.POSITIVE_INFINITY }
    const waiting = failure(open.peer.request('tools/call', { name: 'echo', _meta }, limits))
    await open.clock.advance(120_000)
    expect(await waiting).toMatchObject({ code: 'dropped', outcome: 'unknown' })
  })

  test.each<[string, Handler, object]>([
    ['202', () => accepted(), { code: 'unanswerable', status: 202 }],
    ['another id', (heard) => json({ ...result(heard), id: 99 }), { code: 'unanswerable' }],
    ['a page', () => new Response('<p>hi</p>', { headers: { 'content-type': 'text/html' } }), { code: 'unanswerable' }],
    ['no error and no 2xx', () => new Response(null, { status: 502 }), { code: 'http_status', outcome: 'unknown' }],
    ['too much', (heard) => json(result(heard, { pad: 'x'.repeat(20_000) })), { code: 'too_large' }],
  ])('of %s fails its call', async (_, handler, error) => {
    await using open = rig(handler)
    expect(await failure(open.call('echo'))).toMatchObject(error)
  })

  test('without an id fails its call and no other one', async () => {
    const held = Promise.withResolvers<Response>()
    let slow: Heard | undefined
    await using open = rig((heard) => {
      if (JSON.stringify(heard.message).includes('slow')) {
        slow = heard
        return held.promise
      }
      return json({ jsonrpc: '2.0', id: null, error: { code: -32603, message: 'oops' } })
    })
    const waiting = open.call('slow')
    expect(await failure(open.call('fast'))).toMatchObject({ code: -32603, message: 'oops' })
    if (slow === undefined) throw new Error('it was not asked')
    held.resolve(json(result(slow, { ok: true })))
    expect(await waiting).toEqual({ ok: true })
  })

  test('with garbage before it is read, and the garbage is told', async () => {
    await using open = rig((heard) => {
      const events = stream(heard.signal)
      events.raw('data: a line of a log\n\n')
      events.send(result(heard, { ok: true }))
      return events.response
    })
    expect(await open.call('echo')).toEqual({ ok: true })
    expect(open.strays).toHaveLength(1)
  })
})

describe('a call that is given up', () => {
  const reason = new Error('enough')

  test('has its response let go of, and nothing is posted', async () => {
    let events: ReturnType<typeof stream> | undefined
    await using open = rig((heard) => {
      events = stream(heard.signal)
      return events.response
    })
    const giveUp = new AbortController()
    const waiting = failure(open.call('echo', {}, giveUp.signal))
    await settle()
    giveUp.abort(reason)
    expect(await waiting).toBe(reason)
    await settle()
    expect(events?.cancelled).toBeTrue()
    expect(open.heard).toHaveLength(1)
    expect(open.strays).toEqual([])
  })

  test('before its response has begun is let go of as well', async () => {
    await using open = rig(() => new Promise(() => undefined))
    const giveUp = new AbortController()
    const waiting = failure(open.call('echo', {}, giveUp.signal))
    await settle()
    giveUp.abort(reason)
    expect(await waiting).toBe(reason)
    await settle()
    expect(open.heard[0]?.signal.aborted).toBeTrue()
    expect(open.strays).toEqual([])
  })

  test('before its credentials are there is never sent', async () => {
    const token = Promise.withResolvers<Record<string, string>>()
    await using open = rig((heard) => json(result(heard)), { headers: () => token.promise })
    const giveUp = new AbortController()
    const waiting = failure(open.call('echo', {}, giveUp.signal))
    giveUp.abort(reason)
    token.resolve({})
    expect(await waiting).toBe(reason)
    await settle()
    expect(open.heard).toEqual([])
    expect(open.strays).toEqual([])
  })

  test('and is answered all the same, by a way that heeds no signal, is over', async () => {
    const held = Promise.withResolvers<Response>()
    await using open = rig(() => accepted(), { fetch: () => held.promise })
    const giveUp = new AbortController()
    const waiting = failure(open.call('echo', {}, giveUp.signal))
    await settle()
    giveUp.abort(reason)
    expect(await waiting).toBe(reason)
    held.resolve(json({ jsonrpc: '2.0', id: 1, result: {} }))
    await settle()
    expect(open.strays).toEqual([])
  })

  test('by its time is let go of in the same way', async () => {
    await using open = rig((heard) => stream(heard.signal).response)
    const waiting = failure(open.peer.request('tools/call', { name: 'echo', _meta }, { timeoutMs: 10 }))
    await open.clock.advance(10)
    expect(await waiting).toMatchObject({ code: 'timeout' })
    await settle()
    expect(open.heard[0]?.signal.aborted).toBeTrue()
    expect(open.strays).toEqual([])
  })

  test('while the tools are listed for it is not sent again', async () => {
    await using open = rig(({ message }) =>
      message.method === 'tools/call' ? mismatch() : new Promise<Response>(() => undefined),
    )
    const giveUp = new AbortController()
    const waiting = failure(open.call('weather', { region: 'eu' }, giveUp.signal))
    await settle()
    expect(methods(open)).toEqual(['tools/call', 'tools/list'])
    giveUp.abort(reason)
    expect(await waiting).toBe(reason)
    await settle()
    expect(methods(open)).toEqual(['tools/call', 'tools/list'])
    expect(open.strays).toEqual([])
  })
})

describe('arguments that travel in headers', () => {
  test('are known from the list, and the tools that break the rules are left out of it [MCP-134] [MCP-136]', async () => {
    const bad = { name: 'bad', inputSchema: { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } }
    await using open = rig((heard) =>
      json(result(heard, heard.message.method === 'tools/list' ? { tools: [bad, weather] } : {})),
    )
    expect(await open.peer.request('tools/list', { _meta })).toEqual({ tools: [weather] })
    expect(open.warnings).toEqual([expect.stringContaining('"bad"')])
    await open.call('weather', { region: 'eu' })
    expect(open.heard[1]?.headers.get('mcp-param-region')).toBe('eu')
  })

  test('are learned when the server misses them, on all pages, and the call is sent once more [MCP-143]', async () => {
    const progressToken = 'p'
    await using open = rig((heard) => {
      const { method, params } = heard.message
      if (method === 'tools/call') {
        return heard.headers.has('mcp-param-region') ? json(result(heard, { ok: true })) : mismatch()
      }
      const isFirst = JSON.stringify(params).includes('"cursor"') === false
      return json(result(heard, isFirst ? { tools: [], nextCursor: 'next' } : { tools: [weather] }))
    })
    const params = { name: 'weather', arguments: { region: 'eu' }, _meta: { ..._meta, progressToken } }
    expect(await open.peer.request('tools/call', params)).toEqual({ ok: true })
    expect(methods(open)).toEqual(['tools/call', 'tools/list', 'tools/list', 'tools/call'])
    expect(open.heard[1]?.message.params).toEqual({ _meta })
    expect(open.heard[2]?.message.params).toEqual({ _meta, cursor: 'next' })
    expect(open.heard[0]?.message).toEqual(open.heard[3]?.message ?? {})
    expect(open.strays).toEqual([])
  })

  test('are learned once, and what is still refused stays refused', async () => {
    await using open = rig((heard) =>
      heard.message.method === 'tools/list' ? json(result(heard, { tools: [weather] })) : mismatch(),
    )
    expect(await failure(open.call('weather', { region: 'eu' }))).toMatchObject({ code: HEADER_MISMATCH, status: 400 })
    expect(methods(open)).toEqual(['tools/call', 'tools/list', 'tools/call'])
  })

  test.each<[string, Handler]>([
    ['is refused', (heard) => json({ jsonrpc: '2.0', id: heard.message.id, error: { code: -32603, message: 'no' } })],
    ['cannot be had', () => new Response(null, { status: 503 })],
    [
      'is never reached',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
  ])('where the list %s the call keeps its first answer', async (_, list) => {
    await using open = rig((heard) => (heard.message.method === 'tools/list' ? list(heard) : mismatch()))
    expect(await failure(open.call('weather', { region: 'eu' }))).toMatchObject({ code: HEADER_MISMATCH })
    expect(methods(open)).toEqual(['tools/call', 'tools/list'])
  })

  test('a list without end is read no further than its limit', async () => {
    await using open = rig((heard) =>
      heard.message.method === 'tools/list' ? json(result(heard, { tools: [], nextCursor: 'on' })) : mismatch(),
    )
    expect(await failure(open.call('weather', { region: 'eu' }))).toMatchObject({ code: HEADER_MISMATCH })
    expect(open.heard).toHaveLength(66)
  })
})

describe('the end', () => {
  test('lets go of every response, and says so once', async () => {
    const open = rig((heard) =>
      'id' in heard.message ? stream(heard.signal).response : new Promise<Response>(() => undefined),
    )
    const waiting = [failure(open.call('a')), failure(open.call('b')), failure(open.peer.notify('notifications/x'))]
    await settle()
    await Promise.all([open.peer[Symbol.asyncDispose](), open.peer[Symbol.asyncDispose]()])
    expect(await Promise.all(waiting)).toMatchObject([{ code: 'closed' }, { code: 'closed' }, { name: 'AbortError' }])
    expect(await open.peer.closed).toMatchObject({ kind: 'local' } satisfies Partial<CloseReason>)
    await settle()
    expect(open.heard.every(({ signal }) => signal.aborted)).toBeTrue()
    expect(open.strays).toEqual([])
  })

  test('is none because of what happens to a single request', async () => {
    let isOver = false
    await using open = rig((heard) => {
      if (isOver) return json(result(heard, { ok: true }))
      throw new TypeError('fetch failed')
    })
    expect(await failure(open.call('echo'))).toMatchObject({ code: 'dropped' })
    isOver = true
    expect(await open.call('echo')).toEqual({ ok: true })
  })
})
