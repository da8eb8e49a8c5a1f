import { expect, test } from 'bun:test'
import { AnsweredError, ConnectionError, type Receiver } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import { helpful, managed, SAID, TOOLS } from './managed.test.kit.ts'

/** A server that dies on its first call. */
function mortal(): ReturnType<typeof helpful> {
  let calls = 0
  return helpful((message, wire) => {
    if (message.method !== 'tools/call' || ++calls > 1) return false
    wire.end({ kind: 'failed', message: 'ended by SIGKILL' })
    return true
  })
}

const called = (server: ReturnType<typeof helpful>): number =>
  server.methods.filter((method) => method === 'tools/call').length

test('a call that may have run is not sent again, the server is repaired, and the error says so', async () => {
  await using m = managed()
  const server = mortal()
  await m.manager.add('one', server)
  const error = await failure(m.manager.callTool('one', 'write'))
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error).toMatchObject({ code: 'closed', outcome: 'unknown' })
  await m.clock.advance(250)
  expect(m.manager.serverInfo('one').state).toBe('ready')
  expect(called(server)).toBe(1)
})

test('a call that may run twice is sent once more after the repair', async () => {
  await using m = managed()
  const server = mortal()
  await m.manager.add('one', server)
  const call = m.manager.callTool('one', 'read')
  await m.clock.advance(250)
  expect(await call).toMatchObject({ content: [{ text: 'said' }] })
  expect(called(server)).toBe(2)
})

/** A server whose first process hears no call and gives no sign of life. */
function frozen(): ReturnType<typeof helpful> {
  const server = helpful(({ method }) => server.opens < 2 && (method === 'tools/call' || method === 'ping'))
  return server
}

test('a call under which a frozen server was replaced is sent once more where it may run twice', async () => {
  await using m = managed()
  const server = frozen()
  await m.manager.add('one', server, { breaker: { failures: 1 } })
  const read = m.manager.callTool('one', 'read')
  const write = failure(m.manager.callTool('one', 'write'))
  const late = failure(m.manager.callTool('one', 'read', {}, { timeoutMs: 10 }))
  await server.got('tools/call', 3)
  await m.clock.advance(10)
  expect(await late).toMatchObject({ code: 'timeout' })
  await m.clock.advance(5_000)
  expect(await write).toMatchObject({ code: 'closed', outcome: 'unknown' })
  await m.clock.advance(250)
  expect(await read).toMatchObject({ content: [{ text: 'said' }] })
  expect([server.opens, called(server)]).toEqual([2, 4])
})

const NOT_FOUND: readonly [how: string, error: Error][] = [
  ['text', new ConnectionError('http_status', 'it was answered with HTTP 404', { status: 404, outcome: 'not_run' })],
  ['an error', new AnsweredError(-32001, 'Session not found', undefined, { status: 404 })],
]

/** A server over HTTP that refuses some messages with a status of 404. */
function forgetful(
  error: Error,
  refuses: (method: string | undefined, opens: number) => boolean,
): ReturnType<typeof helpful> {
  let receiver: Receiver | undefined
  const server = helpful(({ id, method }) => {
    if (id === undefined || !refuses(method, server.opens)) return false
    receiver?.failed?.(id, error)
    return true
  })
  const { open } = server
  server.open = async (options) => {
    const channel = await open(options)
    const hear = channel.open.bind(channel)
    channel.open = (to) => {
      receiver = to
      hear(to)
    }
    return channel
  }
  return server
}

test.each(NOT_FOUND)(
  'a server that has forgotten a connection is connected to anew, and the call that found out is sent again: 404 with %s',
  async (_how, error) => {
    await using m = managed()
    const server = forgetful(error, (method, opens) => opens === 1 && (method === 'tools/call' || method === 'ping'))
    await m.manager.add('one', server)
    const write = m.manager.callTool('one', 'write', {}, { maxRetries: 0 })
    await server.got('ping')
    await settle()
    expect(m.manager.serverInfo('one').state).toBe('backing-off')
    await m.clock.advance(250)
    expect(await write).toMatchObject({ content: [{ text: 'said' }] })
    expect([server.opens, called(server)]).toEqual([2, 2])
  },
)

test.each(NOT_FOUND)(
  'a server that is well and refuses a call with 404 keeps its connection: 404 with %s',
  async (_how, error) => {
    await using m = managed()
    const server = forgetful(error, (method) => method === 'tools/call')
    await m.manager.add('one', server)
    expect(await failure(m.manager.callTool('one', 'write', {}, { maxRetries: 0 }))).toMatchObject({ status: 404 })
    expect([server.opens, called(server), m.manager.serverInfo('one').state]).toEqual([1, 1, 'ready'])
  },
)

test('a call that may have run is not said to have not when it cannot be sent again', async () => {
  await using m = managed()
  const server = mortal()
  await m.manager.add('one', server, { restart: { max: 0 } })
  const error = await failure(m.manager.callTool('one', 'read'))
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'closed', outcome: 'unknown' })
  expect(m.manager.serverInfo('one').state).toBe('failed')
})

test('a call under which a server was stopped by its owner is not sent again', async () => {
  await using m = managed()
  const server = helpful(({ method }) => method === 'tools/call')
  await m.manager.add('one', server)
  const read = failure(m.manager.callTool('one', 'read'))
  await server.got('tools/call')
  await m.manager.disconnectAll()
  expect(await read).toMatchObject({ code: 'closed' })
  expect([server.opens, m.manager.serverInfo('one').state]).toEqual([1, 'manifest-known'])
})

test('where annotations are not trusted nothing that may have run is sent again [MCP-211]', async () => {
  await using m = managed()
  const server = mortal()
  await m.manager.add('one', server, { trustAnnotations: false })
  expect(await failure(m.manager.callTool('one', 'read'))).toMatchObject({ outcome: 'unknown' })
  await m.clock.advance(10_000)
  expect(called(server)).toBe(1)
})

test('calls past maxInFlight wait in line, past maxQueued they fail at once, and who gives up leaves the line', async () => {
  await using m = managed()
  const server = helpful((message) => message.method === 'tools/call')
  await m.manager.add('one', server, { maxInFlight: 2, maxQueued: 2 })
  const giveUp = new AbortController()
  const calls = [
    m.manager.callTool('one', 'read', { nth: 1 }),
    m.manager.callTool('one', 'read', { nth: 2 }),
    failure(m.manager.callTool('one', 'read', { nth: 3 }, { signal: giveUp.signal })),
    m.manager.callTool('one', 'read', { nth: 4 }),
  ]
  await server.got('tools/call', 2)
  await settle()
  expect(m.manager.snapshot().servers[0]).toMatchObject({ inFlight: 2, queued: 2 })
  expect(await failure(m.manager.callTool('one', 'read'))).toMatchObject({ code: 'queue_full', server: 'one' })
  const why = new Error('not wanted')
  giveUp.abort(why)
  expect(await calls[2]).toBe(why)
  server.wire.answer(await server.got('tools/call', 1), structuredClone(SAID))
  const third = await server.got('tools/call', 3)
  expect(third.params?.arguments).toEqual({ nth: 4 })
  server.wire.answer(third, structuredClone(SAID))
  server.wire.answer(await server.got('tools/call', 2), structuredClone(SAID))
  await Promise.all(calls)
  expect(m.manager.snapshot().servers[0]).toMatchObject({ inFlight: 0, queued: 0 })
})

test('a stuck server does not keep the calls of another waiting', async () => {
  await using m = managed()
  const stuck = helpful((message) => message.method === 'tools/call')
  await Promise.all([m.manager.add('stuck', stuck, { maxInFlight: 1 }), m.manager.add('well', helpful())])
  const waiting = [1, 2, 3].map(() => failure(m.manager.callTool('stuck', 'read')))
  await m.manager.callTool('well', 'read')
  await m.clock.advance(60_000)
  expect(await waiting[2]).toMatchObject({ code: 'queue_timeout' })
  expect(await waiting[0]).toMatchObject({ code: 'timeout' })
})

test('timeouts open the breaker, and a probe closes it; errors of tools do not count', async () => {
  await using m = managed()
  let mood: 'silent' | 'error' | 'well' = 'error'
  const server = helpful((message, wire) => {
    if (message.method !== 'tools/call' || mood === 'well') return false
    if (mood === 'error') wire.fail(message, -32603, 'Internal error')
    return true
  })
  await m.manager.add('one', server, { healthIntervalMs: 0, breaker: { failures: 3, cooldownMs: 10_000 } })
  for (let times = 0; times < 10; times++) await failure(m.manager.callTool('one', 'write'))
  expect(m.manager.serverInfo('one').state).toBe('ready')
  mood = 'silent'
  for (let times = 0; times < 3; times++) {
    const late = failure(m.manager.callTool('one', 'write', {}, { timeoutMs: 100 }))
    await m.clock.advance(100)
    expect(await late).toMatchObject({ code: 'timeout', outcome: 'unknown' })
  }
  // it gave a sign of life then, so that there is no pause before the probe
  expect(m.manager.serverInfo('one').state).toBe('degraded')
  expect(m.manager.snapshot().servers[0]?.breaker).toBe('half-open')
  const probe = failure(m.manager.callTool('one', 'write', {}, { timeoutMs: 100 }))
  await server.got('tools/call', 14)
  expect(await failure(m.manager.callTool('one', 'write'))).toMatchObject({ code: 'circuit_open' })
  await m.clock.advance(100)
  expect(await probe).toMatchObject({ code: 'timeout' })
  const sent = called(server)
  const error = await failure(m.manager.callTool('one', 'write'))
  expect(error).toMatchObject({ code: 'circuit_open', retryAfterMs: 10_000 })
  expect(String(error)).toContain('do not call it again within 10 s')
  expect(called(server)).toBe(sent)
  mood = 'well'
  await m.clock.advance(10_000)
  await m.manager.callTool('one', 'write')
  expect(m.manager.serverInfo('one').state).toBe('ready')
})

test('a tool has its own time limit before the server does', async () => {
  await using m = managed()
  const server = helpful((message) => message.method === 'tools/call')
  await m.manager.add('one', server, { timeoutMs: 5_000, tools: { write: { timeoutMs: 100 } } })
  const quick = failure(m.manager.callTool('one', 'write'))
  const slow = failure(m.manager.callTool('one', 'read'))
  await m.clock.advance(100)
  expect(await quick).toMatchObject({ code: 'timeout' })
  await m.clock.advance(4_899)
  expect(m.manager.snapshot().servers[0]?.inFlight).toBe(1)
  await m.clock.advance(1)
  expect(await slow).toMatchObject({ code: 'timeout' })
})

test('only tools that are let through are listed and called', async () => {
  await using m = managed()
  const server = helpful(undefined, { tools: () => [...TOOLS, { name: 'read_all', inputSchema: { type: 'object' } }] })
  await m.manager.add('one', server, { allow: ['read*'], deny: ['*_all'] })
  expect((await m.manager.get('one').listTools()).map(({ name }) => name)).toEqual(['read'])
  for (const tool of ['write', 'read_all']) {
    expect(await failure(m.manager.callTool('one', tool))).toMatchObject({ code: 'not_allowed', known: ['read'] })
  }
  expect(called(server)).toBe(0)
})

test('a tool is not called past what decides about tools', async () => {
  await using m = managed({ approve: () => ({ deny: 'no' }) })
  const server = helpful()
  await m.manager.add('one', server)
  const handle = m.manager.get('one')
  const error = await failure(handle.request('tools/call', { name: 'write' }))
  expect(error).toMatchObject({ code: 'not_allowed', message: expect.stringContaining('callTool()') })
  expect(await handle.request('ping')).toEqual({})
})

test('every call is asked for approval with what is known of the tool, and a no is told with its reason', async () => {
  const asked: unknown[] = []
  await using m = managed({
    approve({ server, tool, args, annotations }) {
      asked.push({ server, tool, args, annotations })
      if (tool === 'broken') throw new Error('secret of the host')
      return annotations?.readOnlyHint === true ? 'allow' : { deny: 'only reading is allowed' }
    },
  })
  const server = helpful()
  await m.manager.add('one', server)
  await m.manager.callTool('one', 'read', { a: 1 })
  const error = await failure(m.manager.callTool('one', 'write', { b: 2 }))
  expect(error).toMatchObject({ code: 'denied', message: expect.stringContaining('only reading is allowed') })
  expect(asked).toEqual([
    { server: 'one', tool: 'read', args: { a: 1 }, annotations: { readOnlyHint: true } },
    { server: 'one', tool: 'write', args: { b: 2 }, annotations: undefined },
  ])
  expect(called(server)).toBe(1)
  await settle()
  expect(m.events.filter(({ kind }) => kind === 'decision')).toMatchObject([
    { tool: 'read', allowed: true },
    { tool: 'write', allowed: false, reason: 'only reading is allowed' },
  ])
})

test('an approval hook that throws is a no', async () => {
  await using m = managed({
    approve() {
      throw new Error('hunter2')
    },
  })
  await m.manager.add('one', helpful())
  const error = await failure(m.manager.callTool('one', 'read'))
  expect(error).toMatchObject({ code: 'denied' })
  expect(String(error)).not.toContain('hunter2')
})

test('a frozen server that is called all the time is replaced, and who waits for it is answered by the next one', async () => {
  await using m = managed()
  const server = helpful(
    (message, { nth }) => nth === 1 && (message.method === 'tools/call' || message.method === 'ping'),
  )
  const breaker = { failures: 2, cooldownMs: 60_000 }
  await m.manager.add('one', server, { maxInFlight: 2, timeoutMs: 100, healthTimeoutMs: 50, breaker })
  const late = Array.from({ length: 4 }, () => failure(m.manager.callTool('one', 'write')))
  const waiting = [m.manager.callTool('one', 'write'), m.manager.callTool('one', 'write')]
  await m.clock.advance(100)
  await m.clock.advance(50)
  expect(await Promise.all(late)).toMatchObject([
    { code: 'timeout' },
    { code: 'timeout' },
    { code: 'closed', outcome: 'unknown' },
    { code: 'closed', outcome: 'unknown' },
  ])
  await m.clock.advance(250)
  expect(await Promise.all(waiting)).toMatchObject([{ content: [{ text: 'said' }] }, { content: [{ text: 'said' }] }])
  expect([server.opens, m.manager.serverInfo('one').state]).toEqual([2, 'ready'])
})

const BAD_GATEWAY = new ConnectionError('http_status', 'it was answered with HTTP 502', { status: 502 })

test('a fault that befalls many calls at once locks nobody out', async () => {
  await using m = managed()
  let isIll = true
  const server = forgetful(BAD_GATEWAY, (method) => isIll && method === 'tools/call')
  await m.manager.add('one', server, { maxInFlight: 8 })
  const errors = await Promise.all(
    Array.from({ length: 8 }, () => failure(m.manager.callTool('one', 'write', {}, { maxRetries: 0 }))),
  )
  expect(errors).toMatchObject(Array(8).fill({ status: 502 }))
  isIll = false
  expect(await m.manager.callTool('one', 'write')).toMatchObject({ content: [{ text: 'said' }] })
  expect([server.opens, called(server), m.manager.serverInfo('one').state]).toEqual([1, 9, 'ready'])
})

test('calls that wait for their turn behind one that fails begin after it', async () => {
  await using m = managed()
  const server = forgetful(BAD_GATEWAY, (method) => method === 'tools/call' || method === 'ping')
  await m.manager.add('one', server, { maxInFlight: 1, breaker: { failures: 3 } })
  const calls = Array.from({ length: 4 }, () => failure(m.manager.callTool('one', 'write', {}, { maxRetries: 0 })))
  expect(await Promise.all(calls.slice(0, 3))).toMatchObject(Array(3).fill({ status: 502 }))
  expect(m.manager.snapshot().servers[0]?.breaker).toBe('open')
  expect(await calls[3]).toMatchObject({ code: 'circuit_open' })
})
