import { describe, expect, test } from 'bun:test'
import { NegotiationError } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import {
  accepted,
  failure,
  greeting,
  type Handler,
  type Heard,
  json,
  type Rig,
  type RigOptions,
  result,
  rig,
  type Stream,
  stream,
} from './scripted-http.test.kit.ts'

interface Forgetful {
  readonly open: Rig
  /** Forgets the session in use. */
  forget(): void
  /** What the server answers to anything of an unknown session. */
  refusal: () => Response
  greet: (heard: Heard, id: string) => Response | Promise<Response>
  serve: (heard: Heard) => Response | Promise<Response>
}

/** A server that gives each session an id of its own and forgets them on demand. */
function forgetful(options: RigOptions = {}): Forgetful {
  let count = 0
  let live: string | undefined
  const handler: Handler = (heard) => {
    if (heard.message.method === 'initialize') {
      live = `s-${++count}`
      return self.greet(heard, live)
    }
    if (heard.headers.get('mcp-session-id') !== live) return self.refusal()
    if (heard.message.method === 'notifications/initialized') return accepted()
    return self.serve(heard)
  }
  const self: Forgetful = {
    open: rig(handler, options),
    forget() {
      live = undefined
    },
    refusal: () => new Response('not here', { status: 404 }),
    greet: greeting,
    serve: (heard) => (heard.method === 'POST' ? json(result(heard)) : new Response(null, { status: 405 })),
  }
  return self
}

const initializes = ({ heard }: Rig): Heard[] => heard.filter(({ message }) => message.method === 'initialize')

describe('a session the server has forgotten', () => {
  test('is opened anew without its id, and the refused call is sent again [MCP-083]', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.forget()
    expect(await open.peer.request('tools/call', { name: 'echo' })).toEqual({})
    const [first, second] = initializes(open)
    expect(second?.message.params).toEqual(first?.message.params)
    expect(second?.headers.has('mcp-session-id')).toBe(false)
    expect(open.posted()).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/call',
      'initialize',
      'notifications/initialized',
      'tools/call',
    ])
    expect(
      open.heard
        .filter(({ method }) => method === 'POST')
        .at(-1)
        ?.headers.get('mcp-session-id'),
    ).toBe('s-2')
    expect(open.renewals).toMatchObject([{ protocolVersion: '2025-11-25' }])
    expect(open.strays).toEqual([])
  })

  test.each([
    ['-32000 Server not initialized', -32000, 'Bad Request: Server not initialized'],
    ['-32000 No valid session', -32000, 'Bad Request: No valid session ID provided'],
    ['-32001 Session not found', -32001, 'Session not found'],
  ])('a 400 with %s means the same', async (_, code, message) => {
    const server = forgetful()
    server.refusal = () => json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status: 400 })
    await using open = server.open
    await open.shake()
    server.forget()
    expect(await open.peer.request('tools/list')).toEqual({})
    expect(initializes(open)).toHaveLength(2)
  })

  test('calls that lose it together open it anew once', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.forget()
    const late = Promise.withResolvers<Response>()
    server.greet = async (heard, id) => {
      await late.promise
      return greeting(heard, id)
    }
    const calls = ['a', 'b', 'c'].map((method) => open.peer.request(method))
    await settle()
    // one more while the new session is on its way: it waits for it
    calls.push(open.peer.request('d'))
    await settle()
    expect(open.posted().filter((method) => method === 'd')).toEqual([])
    late.resolve(accepted())
    expect(await Promise.all(calls)).toEqual([{}, {}, {}, {}])
    expect(initializes(open)).toHaveLength(2)
    expect(open.renewals).toHaveLength(1)
    expect(open.posted().filter((method) => method === 'd')).toHaveLength(1)
  })

  test('a call that learns late that its session is lost goes on in the one that others have opened meanwhile', async () => {
    const server = forgetful()
    const late = Promise.withResolvers<Response>()
    server.refusal = () => new Response('', { status: 404 })
    await using open = server.open
    await open.shake()
    server.serve = () => late.promise
    const slow = open.peer.request('slow')
    await settle()
    server.serve = (heard) => json(result(heard))
    server.forget()
    await open.peer.request('quick')
    late.resolve(server.refusal())
    expect(await slow).toEqual({})
    expect(initializes(open)).toHaveLength(2)
    expect(open.renewals).toHaveLength(1)
  })

  test("the server's own stream of the old session is let go of, and the one of the new session is followed", async () => {
    const server = forgetful()
    server.serve = (heard) => (heard.method === 'POST' ? json(result(heard)) : stream(heard.signal).response)
    await using open = server.open
    await open.shake()
    server.forget()
    await open.peer.request('tools/list')
    await settle()
    const gets = open.heard.filter(({ method }) => method === 'GET')
    expect(gets.map(({ headers, signal }) => [headers.get('mcp-session-id'), signal.aborted])).toEqual([
      ['s-1', true],
      ['s-2', false],
    ])
  })

  test('a call that loses the new session as well fails, and is not sent a third time', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.forget()
    server.serve = () => new Response('gone again', { status: 404 })
    expect(await failure(open.peer.request('tools/call'))).toMatchObject({ code: 'http_status', status: 404 })
    expect(initializes(open)).toHaveLength(2)
    expect(open.posted().filter((method) => method === 'tools/call')).toHaveLength(2)
  })

  test('a notification is sent again as well, an answer is not', async () => {
    const server = forgetful({ responder: () => ({}) })
    const events = stream()
    server.serve = ({ message }) => (message.method === 'tools/call' ? events.response : accepted())
    await using open = server.open
    await open.shake()
    open.peer.request('tools/call').catch(() => undefined)
    await settle()
    server.forget()
    events.send({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create' })
    await settle()
    expect(initializes(open)).toHaveLength(1)
    expect(open.warnings).toEqual([expect.stringContaining('HTTP 404')])
    await open.peer.notify('notifications/roots/list_changed')
    expect(initializes(open)).toHaveLength(2)
    expect(open.posted().filter((method) => method === 'notifications/roots/list_changed')).toHaveLength(2)
  })

  test('a call whose stream goes on in the old session has its answer from there', async () => {
    const server = forgetful()
    const events = stream()
    server.serve = (heard) => (heard.message.method === 'slow' ? events.response : json(result(heard)))
    await using open = server.open
    await open.shake()
    const slow = open.peer.request('slow')
    await settle()
    server.forget()
    await open.peer.request('quick')
    const sent = open.heard.find(({ message }) => message.method === 'slow')
    events.send({ jsonrpc: '2.0', id: sent?.message.id, result: { from: 'before' } })
    expect(await slow).toEqual({ from: 'before' })
  })

  test('a call whose stream ended in the old session fails: nobody knows whether it ran', async () => {
    const server = forgetful()
    const events = stream()
    server.serve = (heard) => (heard.message.method === 'slow' ? events.response : json(result(heard)))
    await using open = server.open
    await open.shake()
    const failed = failure(open.peer.request('slow'))
    events.send({ id: 'e-1' })
    await settle()
    server.forget()
    await open.peer.request('quick')
    events.end()
    await open.clock.advance(1000)
    expect(await failed).toMatchObject({ code: 'dropped', outcome: 'unknown' })
    expect(open.posted().filter((method) => method === 'slow')).toHaveLength(1)
  })

  test('another version than before is an error that names both, for all that wait', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.forget()
    server.greet = (heard, id) => greeting(heard, id, '2025-03-26')
    const errors = await Promise.all(['a', 'b'].map((method) => failure(open.peer.request(method))))
    for (const error of errors) {
      expect(error).toBeInstanceOf(NegotiationError)
      expect(error).toMatchObject({ ours: ['2025-11-25'], theirs: ['2025-03-26'] })
    }
    expect(open.renewals).toEqual([])
  })

  test.each([
    ['an error', () => json({ jsonrpc: '2.0', id: 'renewal 1', error: { code: -32603, message: 'not today' } })],
    ['a status', () => new Response('', { status: 503, headers: { 'retry-after': '9' } })],
    ['nonsense', () => new Response('<html>')],
  ] as const)(
    'a server that answers the new handshake with %s fails the calls, which have not run',
    async (_, respond) => {
      const server = forgetful()
      await using open = server.open
      await open.shake()
      server.forget()
      server.greet = respond
      const error = await failure(open.peer.request('tools/call'))
      expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not_run', method: 'tools/call' })
      expect(String(error)).toContain('could not be opened anew')
      // the next call tries once more
      server.greet = greeting
      expect(await open.peer.request('tools/call')).toEqual({})
    },
  )

  test('a server that never answers the new handshake fails the calls within half a minute', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.forget()
    server.greet = () => new Promise(() => undefined)
    const failed = failure(open.peer.request('tools/call'))
    await open.clock.advance(30_000)
    expect(await failed).toMatchObject({ code: 'timeout', outcome: 'not_run' })
  })

  test('a call that is given up while it waits for the new session is not sent', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.forget()
    const late = Promise.withResolvers<void>()
    server.greet = async (heard, id) => {
      await late.promise
      return greeting(heard, id)
    }
    const giveUp = new AbortController()
    const failed = failure(open.peer.request('tools/call', {}, { signal: giveUp.signal }))
    await settle()
    giveUp.abort(new Error('enough'))
    await failed
    late.resolve()
    await settle()
    expect(open.posted().filter((method) => method === 'tools/call')).toHaveLength(1)
    expect(open.posted()).not.toContain('notifications/cancelled')
  })

  test('a method that a server knows not, said with 404, is no lost session', async () => {
    const server = forgetful()
    await using open = server.open
    await open.shake()
    server.serve = ({ message }) =>
      json({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'no such method' } }, { status: 404 })
    expect(await failure(open.peer.request('what'))).toMatchObject({ code: -32601 })
    expect(initializes(open)).toHaveLength(1)
  })

  test("is noticed on the server's own stream as well, which follows the new session", async () => {
    const server = forgetful()
    const streams: Stream[] = []
    server.serve = (heard) => {
      if (heard.method === 'POST') return json(result(heard))
      const events = stream(heard.signal)
      streams.push(events)
      return events.response
    }
    await using open = server.open
    await open.shake()
    server.forget()
    streams[0]?.end()
    await open.clock.advance(3000)
    expect(initializes(open)).toHaveLength(2)
    expect(open.renewals).toHaveLength(1)
    const gets = open.heard.filter(({ method }) => method === 'GET')
    expect(gets.map(({ headers }) => headers.get('mcp-session-id'))).toEqual(['s-1', 's-1', 's-2'])
    streams[1]?.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    await settle()
    expect(open.notices).toHaveLength(1)
    expect(streams).toHaveLength(2)
  })

  test('closing while the new session is on its way ends at once', async () => {
    const server = forgetful()
    const { open } = server
    await open.shake()
    server.forget()
    server.greet = () => new Promise(() => undefined)
    const failed = failure(open.peer.request('tools/call'))
    await settle()
    await open.peer[Symbol.asyncDispose]()
    expect(await failed).toMatchObject({ code: 'closed' })
    await settle()
    expect(open.clock.timers).toBe(0)
  })
})
