import { describe, expect, test } from 'bun:test'
import { AnsweredError, ConnectionError, createPeer, systemClock } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import { createWire } from '../../http/wire.ts'
import { createSessionChannel } from './http-channel.ts'
import { accepted, failure, type Handler, inSession, json, result, rig, stream } from './scripted-http.test.kit.ts'

const call = { name: 'echo' }

/** Calls a tool of a server that answers the call in this way. */
async function outcomeOf(handler: Handler): Promise<unknown> {
  await using open = rig(inSession(handler))
  await open.shake()
  return await failure(open.peer.request('tools/call', call))
}

describe('what is sent', () => {
  test('every message is a POST of its own that accepts both kinds of answers [MCP-066]', async () => {
    await using open = rig(inSession((heard) => json(result(heard))))
    await open.shake()
    await open.peer.request('tools/list')
    const posts = open.heard.filter(({ method }) => method === 'POST')
    expect(posts.map(({ message }) => message.method)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/list',
    ])
    for (const { headers } of posts) {
      expect(headers.get('accept')).toBe('application/json, text/event-stream')
      expect(headers.get('content-type')).toBe('application/json')
    }
  })

  test('the session id and the version go with everything behind the handshake [MCP-080] [MCP-085]', async () => {
    const open = rig(inSession((heard) => json(result(heard)), 's-42', '2025-06-18'))
    await open.shake()
    await open.peer.request('tools/list')
    await open.peer[Symbol.asyncDispose]()
    const [first, ...rest] = open.heard
    expect(first?.headers.has('mcp-session-id')).toBe(false)
    expect(first?.headers.has('mcp-protocol-version')).toBe(false)
    expect(rest.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'DELETE'])
    for (const { headers } of rest) {
      expect(headers.get('mcp-session-id')).toBe('s-42')
      expect(headers.get('mcp-protocol-version')).toBe('2025-06-18')
    }
  })

  test('a server without sessions is sent no id and no DELETE', async () => {
    const open = rig(inSession((heard) => json(result(heard)), ''))
    // an empty header is no id
    const failed = failure(open.shake())
    expect(await failed).toBeInstanceOf(ConnectionError)
    const handler = inSession((heard) => json(result(heard)), undefined)
    const none = rig((heard) => {
      const response = handler(heard)
      if (response instanceof Response) response.headers.delete('mcp-session-id')
      return response
    })
    await none.shake()
    await none.peer[Symbol.asyncDispose]()
    expect(none.heard.some(({ headers }) => headers.has('mcp-session-id'))).toBe(false)
    expect(none.heard.some(({ method }) => method === 'DELETE')).toBe(false)
  })

  test('an id of a session that is over the limit is refused and not shown', async () => {
    await using open = rig(inSession(() => accepted(), 'secret'.repeat(1000)))
    const error = await failure(open.shake())
    expect(error).toMatchObject({ code: 'unanswerable' })
    expect(String(error)).not.toContain('secret')
  })

  test('headers of a call go with that call and with no other message', async () => {
    await using open = rig(inSession((heard) => json(result(heard))))
    await open.shake()
    await open.peer.request('tools/list', undefined, { headers: { 'x-trace': '1' } })
    expect(open.heard.filter(({ headers }) => headers.has('x-trace')).map(({ message }) => message.method)).toEqual([
      'tools/list',
    ])
  })
})

describe('answers', () => {
  test('a whole body and a stream are both read, notices before the answer; comments are overlooked [MCP-068] [MCP-115] [MCP-118]', async () => {
    await using open = rig(
      inSession((heard) => {
        if (heard.message.method === 'tools/list') return json(result(heard, { tools: [] }))
        const events = stream()
        const params = { progressToken: heard.message.id, progress: 1 }
        events.raw(': a comment\n\n:\n')
        events.send({ jsonrpc: '2.0', method: 'notifications/progress', params })
        events.send(result(heard, { content: [] }))
        return events.response
      }),
    )
    await open.shake()
    expect(await open.peer.request('tools/list')).toEqual({ tools: [] })
    const heard: unknown[] = []
    const options = { onNotice: ({ params }: { params?: object }) => void heard.push(params) }
    expect(await open.peer.request('tools/call', call, options)).toEqual({ content: [] })
    expect(heard).toMatchObject([{ progress: 1 }])
  })

  test('a stream that ends before the answer fails its call: nobody knows whether it ran', async () => {
    const error = await outcomeOf(() => {
      const events = stream()
      events.end()
      return events.response
    })
    expect(error).toMatchObject({ code: 'dropped', outcome: 'unknown' })
  })

  test('a stream that breaks off fails its call likewise', async () => {
    const error = await outcomeOf(() => {
      const events = stream()
      queueMicrotask(() => events.break())
      return events.response
    })
    expect(error).toMatchObject({ code: 'dropped', outcome: 'unknown' })
  })

  test.each([
    ['202', () => accepted(), { code: 'unanswerable', status: 202 }],
    ['an empty 200', () => new Response(''), { code: 'unanswerable' }],
    ['another id', () => json({ jsonrpc: '2.0', id: 4711, result: {} }), { code: 'unanswerable' }],
    ['an array of nothing', () => json([]), { code: 'unanswerable' }],
    ['a bare id', () => json({ id: 2 }), { code: 'unanswerable' }],
    [
      'a page of HTML',
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      { code: 'unanswerable' },
    ],
    ['500 and a page', () => new Response('oops', { status: 500 }), { code: 'http_status', outcome: 'unknown' }],
    ['403 and nothing', () => new Response(null, { status: 403 }), { code: 'http_status', outcome: 'not_run' }],
    [
      '503 with Retry-After',
      () => new Response('', { status: 503, headers: { 'retry-after': '7' } }),
      { code: 'http_status', status: 503, retryAfterMs: 7000 },
    ],
    [
      '429 with Retry-After',
      () => new Response('', { status: 429, headers: { 'retry-after': '3' } }),
      { code: 'http_status', status: 429, retryAfterMs: 3000, outcome: 'not_run' },
    ],
  ] as const)('a call that is answered with %s fails at once and says so', async (_, respond, expected) => {
    expect(await outcomeOf(respond)).toMatchObject(expected)
  })

  test('a status with an error of JSON-RPC in its body fails with that error', async () => {
    const body = { jsonrpc: '2.0', id: null, error: { code: -32602, message: 'no such tool', data: { name: 'x' } } }
    const error = await outcomeOf(() => json(body, { status: 400 }))
    expect(error).toBeInstanceOf(AnsweredError)
    expect(error).toMatchObject({ code: -32602, message: 'no such tool', data: { name: 'x' }, status: 400 })
  })

  test('an error without an id on the stream of a call is meant for that call', async () => {
    const error = await outcomeOf(() => {
      const events = stream()
      events.send({ jsonrpc: '2.0', id: null, error: { code: -32603, message: 'broken inside' } })
      return events.response
    })
    expect(error).toMatchObject({ code: -32603 })
  })

  test('an answer on a stream that is no JSON fails its call and no other', async () => {
    const error = await outcomeOf((heard) => {
      const events = stream()
      events.send({ data: `{"jsonrpc":"2.0","id":${heard.message.id},"result":{"content":[}}` })
      return events.response
    })
    expect(error).toMatchObject({ code: 'unanswerable' })
  })

  test('an oversized event fails the call it answers; the next event is read', async () => {
    const open = rig(
      inSession((heard) => {
        const events = stream()
        const text = 'x'.repeat(2000)
        events.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: text } })
        if (heard.message.method === 'tools/list') events.send(result(heard, { tools: [] }))
        else events.send(result(heard, { text }))
        return events.response
      }),
      { limits: { maxMessageBytes: 1000 } },
    )
    await open.shake()
    expect(await open.peer.request('tools/list')).toEqual({ tools: [] })
    expect(await failure(open.peer.request('tools/call', call))).toMatchObject({ code: 'too_large' })
    expect(open.strays).toHaveLength(2)
    await open.peer[Symbol.asyncDispose]()
  })

  test('a stream that falls silent is given up after streamIdleTimeoutMs', async () => {
    await using open = rig(
      inSession(({ signal }) => stream(signal).response),
      { limits: { streamIdleTimeoutMs: 5000 } },
    )
    await open.shake()
    const failed = failure(open.peer.request('tools/call', call))
    await open.clock.advance(4999)
    expect(open.peer.inFlight).toBe(0)
    await open.clock.advance(1)
    expect(await failed).toMatchObject({ code: 'dropped', outcome: 'unknown' })
    expect(String(await failed)).toContain('streamIdleTimeoutMs')
  })

  test('an answer that comes on the stream of another call settles its own', async () => {
    const events = stream()
    await using open = rig(
      inSession(({ message, signal }) => (message.method === 'slow/one' ? events.response : stream(signal).response)),
    )
    await open.shake()
    const first = open.peer.request('slow/one')
    const second = open.peer.request('slow/two')
    await settle()
    const two = open.heard.find(({ message }) => message.method === 'slow/two')
    events.send({ jsonrpc: '2.0', id: two?.message.id, result: { from: 'elsewhere' } })
    expect(await second).toEqual({ from: 'elsewhere' })
    expect(two?.signal.aborted).toBe(true)
    events.send({
      jsonrpc: '2.0',
      id: open.heard.find(({ message }) => message.method === 'slow/one')?.message.id,
      result: {},
    })
    expect(await first).toEqual({})
    expect(open.strays).toEqual([])
  })

  test('a question on the stream of a call is answered by a POST of its own [MCP-066]', async () => {
    const events = stream()
    await using open = rig(
      inSession(({ message }) => (message.method === 'tools/call' ? events.response : accepted())),
      { responder: () => ({ action: 'accept' }) },
    )
    await open.shake()
    const answer = open.peer.request('tools/call', call)
    await settle()
    events.send({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: {} })
    await settle()
    const posted = open.heard.at(-1)
    expect(posted?.message).toEqual({ jsonrpc: '2.0', id: 'q', result: { action: 'accept' } })
    expect(posted?.headers.get('mcp-session-id')).toBe('s-1')
    const id = open.heard.find(({ message }) => message.method === 'tools/call')?.message.id
    events.send({ jsonrpc: '2.0', id, result: { content: [] } })
    expect(await answer).toEqual({ content: [] })
  })

  test('an answer the server does not take is reported', async () => {
    const events = stream()
    await using open = rig(
      inSession(({ message }) =>
        message.method === 'tools/call' ? events.response : new Response('', { status: 400 }),
      ),
    )
    await open.shake()
    open.peer.request('tools/call', call).catch(() => undefined)
    await settle()
    events.send({ jsonrpc: '2.0', id: 'q', method: 'ping' })
    await settle()
    expect(open.warnings).toEqual([expect.stringContaining('HTTP 400')])
  })
})

describe('cancelling', () => {
  test('the server is told, and only then is the response let go of [MCP-070]', async () => {
    const told = Promise.withResolvers<Response>()
    const events: { signal?: AbortSignal } = {}
    await using open = rig(
      inSession(({ message, signal }) => {
        if (message.method === 'notifications/cancelled') return told.promise
        events.signal = signal
        return stream(signal).response
      }),
    )
    await open.shake()
    const giveUp = new AbortController()
    const failed = failure(open.peer.request('tools/call', call, { signal: giveUp.signal }))
    await settle()
    giveUp.abort(new Error('changed my mind'))
    expect(await failed).toMatchObject({ message: 'changed my mind' })
    await settle()
    expect(open.posted().at(-1)).toBe('notifications/cancelled')
    expect(events.signal?.aborted).toBe(false)
    told.resolve(accepted())
    await settle()
    expect(events.signal?.aborted).toBe(true)
    expect(open.strays).toEqual([])
  })

  test('a call that times out is cancelled on the server as well [MCP-053]', async () => {
    await using open = rig(inSession(({ message, signal }) => ('id' in message ? stream(signal).response : accepted())))
    await open.shake()
    const failed = failure(open.peer.request('tools/call', call, { timeoutMs: 100 }))
    await open.clock.advance(100)
    expect(await failed).toMatchObject({ code: 'timeout' })
    const { message } = open.heard.at(-1) ?? {}
    expect(message).toMatchObject({ method: 'notifications/cancelled' })
  })
})

describe('notifications', () => {
  test('one that is accepted resolves, one that is refused rejects', async () => {
    await using open = rig(
      inSession(({ message }) =>
        message.method === 'notifications/good' ? accepted() : new Response('no', { status: 400 }),
      ),
    )
    await open.shake()
    await open.peer.notify('notifications/good')
    expect(await failure(open.peer.notify('notifications/bad'))).toMatchObject({ code: 'http_status', status: 400 })
  })

  test('one that is never accepted rejects in the end', async () => {
    await using open = rig(inSession(() => new Promise<Response>(() => undefined)))
    await open.shake()
    const failed = failure(open.peer.notify('notifications/void'))
    await open.clock.advance(30_000)
    expect(await failed).toMatchObject({ code: 'timeout' })
  })
})

describe('redirects', () => {
  const to = (location: string, status: number): Response => new Response(null, { status, headers: { location } })

  test('one that keeps the method is followed on the same origin, and on no other', async () => {
    await using open = rig(
      inSession((heard) => {
        if (heard.url.endsWith('/moved')) return json(result(heard, { here: true }))
        return to(heard.message.method === 'far' ? 'http://elsewhere.test/moved' : '/moved', 307)
      }),
    )
    await open.shake()
    expect(await open.peer.request('near')).toEqual({ here: true })
    const moved = open.heard.at(-1)
    expect(moved).toMatchObject({ method: 'POST', url: 'http://server.test/moved', message: { method: 'near' } })
    expect(await failure(open.peer.request('far'))).toMatchObject({ code: 'http_status', outcome: 'not_run' })
    expect(open.heard.some(({ url }) => url.includes('elsewhere'))).toBe(false)
  })

  test('one that would make a GET of a message is not followed', async () => {
    expect(await outcomeOf(() => to('/moved', 302))).toMatchObject({ code: 'http_status', status: 302 })
  })
})

describe('the end', () => {
  test('closing aborts what is open, ends the session by DELETE and tells the end once [MCP-084]', async () => {
    const open = rig(inSession(({ signal }) => stream(signal).response))
    await open.shake()
    const failed = failure(open.peer.request('tools/call', call))
    await settle()
    await open.peer[Symbol.asyncDispose]()
    expect(await failed).toMatchObject({ code: 'closed' })
    expect(await open.peer.closed).toMatchObject({ kind: 'local' })
    expect(open.heard.find(({ message }) => message.method === 'tools/call')?.signal.aborted).toBe(true)
    expect(open.heard.at(-1)).toMatchObject({ method: 'DELETE' })
    await open.peer[Symbol.asyncDispose]()
    expect(open.heard.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })

  test.each([405, 404, 500])(
    'a server that answers DELETE with %p does not keep it from ending [MCP-084]',
    async (status) => {
      const usual = inSession(() => accepted())
      const open = rig((heard) => (heard.method === 'DELETE' ? new Response(null, { status }) : usual(heard)))
      await open.shake()
      await open.peer[Symbol.asyncDispose]()
      expect(await open.peer.closed).toMatchObject({ kind: 'local' })
    },
  )

  test('a server that never answers DELETE is waited for two seconds', async () => {
    const usual = inSession(() => accepted())
    const open = rig((heard) => (heard.method === 'DELETE' ? new Promise(() => undefined) : usual(heard)))
    await open.shake()
    let closed = false
    const closing = open.peer[Symbol.asyncDispose]().then(() => {
      closed = true
    })
    await open.clock.advance(1999)
    expect(closed).toBe(false)
    await open.clock.advance(1)
    await closing
  })

  test('a channel that was closed before it was opened ends at once', async () => {
    const channel = createSessionChannel({
      wire: createWire(new URL('http://server.test/mcp'), { fetch: () => Promise.reject(new Error('never')) }),
      limits: { maxMessageBytes: 1000, streamIdleTimeoutMs: 1000, clock: systemClock },
      clock: systemClock,
      random: Math.random,
      maxResumes: 1,
      endSessionOnClose: true,
      warn: () => undefined,
    })
    await channel.close()
    const peer = createPeer(channel, { request: () => ({}), notice: () => undefined })
    expect(await peer.closed).toMatchObject({ kind: 'local' })
  })

  test('endSessionOnClose: false leaves the session alone', async () => {
    const open = rig(
      inSession(() => accepted()),
      { endSessionOnClose: false },
    )
    await open.shake()
    await open.peer[Symbol.asyncDispose]()
    expect(open.heard.some(({ method }) => method === 'DELETE')).toBe(false)
  })
})
