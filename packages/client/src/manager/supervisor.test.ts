import { expect, test } from 'bun:test'
import { ConnectionError } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import { AuthError } from '../auth/auth-error.ts'
import { ServerStartError } from '../errors.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { Transport } from '../transports/transport.ts'
import { helpful, managed } from './managed.test.kit.ts'

/** A way to a server that cannot be opened. */
function broken(error: () => Error): Transport & { opens: number } {
  return {
    name: 'broken',
    identity: 'broken',
    silenceIsEvidence: false,
    opens: 0,
    async open() {
      this.opens++
      throw error()
    },
  }
}

test('a server that was lost is started again after a pause, and the others do not notice [MCP-032]', async () => {
  await using m = managed()
  const one = helpful()
  const other = helpful()
  await Promise.all([m.manager.add('one', one), m.manager.add('other', other)])
  one.wire.end({ kind: 'failed', message: 'ended by SIGKILL' })
  await settle()
  expect(m.manager.serverInfo('one')).toMatchObject({ state: 'backing-off', lastError: { name: 'ConnectionError' } })
  // half of the first ceiling of 500 ms, as the random number is 0.5
  await m.clock.advance(249)
  expect(one.opens).toBe(1)
  await m.clock.advance(1)
  expect(m.manager.serverInfo('one').state).toBe('ready')
  expect([one.opens, other.opens]).toEqual([2, 1])
  expect(m.states('one')).toEqual(['starting', 'ready', 'backing-off', 'starting', 'ready'])
})

test('a server that keeps dying is given up with its last words, until somebody restarts it', async () => {
  await using m = managed()
  let isWell = false
  const server = helpful((message, wire) => {
    if (isWell || message.method !== 'tools/list') return false
    wire.end({ kind: 'failed', message: 'exited with code 1', exitCode: 1, stderrTail: ['no disk'] })
    return true
  })
  const info = await m.manager.add('one', server)
  expect(info.state).toBe('backing-off')
  await m.clock.advance(60_000)
  expect(server.opens).toBe(6)
  expect(m.manager.serverInfo('one')).toMatchObject({ state: 'failed', lastError: { stderrTail: ['no disk'] } })
  const error = await failure(m.manager.callTool('one', 'read'))
  expect(error).toMatchObject({ code: 'unavailable', state: 'failed', stderrTail: ['no disk'] })
  expect(String(error)).toContain('5 restarts within 60000 ms are spent')
  isWell = true
  expect(await m.manager.restart('one')).toMatchObject({ state: 'ready' })
})

test('pauses double, and begin anew after a stable time', async () => {
  await using m = managed()
  const server = helpful()
  await m.manager.add('one', server, { restart: { max: 100 }, healthIntervalMs: 0 })
  const pauses: number[] = []
  const die = async (): Promise<void> => {
    const before = server.opens
    const at = m.clock.now()
    server.wire.end()
    while (server.opens === before) await m.clock.advance(1)
    pauses.push(m.clock.now() - at)
    await settle()
  }
  for (let times = 0; times < 4; times++) await die()
  await m.clock.advance(30_000)
  await die()
  expect(pauses).toEqual([250, 500, 1000, 2000, 250])
})

test('a command that cannot be started is not tried again', async () => {
  await using m = managed()
  const transport = broken(() => new ServerStartError('no such program', { transport: 'broken' }))
  expect(await m.manager.add('one', transport)).toMatchObject({ state: 'failed', reason: 'no such program' })
  await m.clock.advance(600_000)
  expect(transport.opens).toBe(1)
})

test('a server that wants a login is not tried again until it is restarted', async () => {
  await using m = managed()
  const transport = broken(() => new AuthError('rejected', 'the token was refused', { status: 401 }))
  expect(await m.manager.add('one', transport)).toMatchObject({ state: 'needs-auth' })
  await m.clock.advance(600_000)
  expect(transport.opens).toBe(1)
  expect(await failure(m.manager.callTool('one', 'read'))).toMatchObject({ state: 'needs-auth', code: 'unavailable' })
  await m.manager.restart('one')
  expect(transport.opens).toBe(2)
})

test('an authorization server that cannot be reached is tried again', async () => {
  await using m = managed()
  const transport = broken(() => new AuthError('unreachable', 'nobody there'))
  expect(await m.manager.add('one', transport)).toMatchObject({ state: 'backing-off' })
})

test('what an old start brings after it was given up is dropped', async () => {
  await using m = managed()
  const late = Promise.withResolvers<void>()
  const server = helpful()
  let isFirst = true
  const slow: Transport = {
    ...{ name: 'slow', identity: 'slow', silenceIsEvidence: true },
    async open(options) {
      if (isFirst) {
        isFirst = false
        await late.promise
      }
      return server.open(options)
    },
  }
  const adding = m.manager.add('one', slow)
  await settle()
  const disabled = m.manager.disable('one')
  late.resolve()
  await disabled
  expect(await adding).toMatchObject({ state: 'disabled' })
  expect(server.closes).toBe(server.opens)
  m.manager.enable('one')
  await m.manager.callTool('one', 'read')
  expect(m.states('one')).toEqual(['starting', 'stopping', 'disabled', 'configured', 'starting', 'ready'])
})

test('a start that hangs while its tools are listed can be stopped', async () => {
  await using m = managed()
  const server = helpful((message) => message.method === 'tools/list')
  const adding = m.manager.add('one', server)
  await server.got('tools/list')
  await m.manager.disable('one')
  const info = await adding
  expect(info).toMatchObject({ state: 'disabled', reason: 'disabled by its owner' })
  expect(info).not.toHaveProperty('lastError')
  expect(server.closes).toBe(1)
})

test('a frozen server is gone before its successor is started', async () => {
  await using m = managed()
  const gone = Promise.withResolvers<void>()
  const { identity, silenceIsEvidence, open } = helpful((message, { nth }) => nth === 1 && message.method === 'ping')
  let opens = 0
  const slow: Transport = {
    ...{ name: 'slow', identity, silenceIsEvidence },
    async open() {
      opens++
      const channel = await open()
      const close = async (): Promise<void> => {
        await channel.close()
        await gone.promise
      }
      return { ...channel, close, [Symbol.asyncDispose]: close }
    },
  }
  await m.manager.add('one', slow, { healthIntervalMs: 1_000, healthTimeoutMs: 100 })
  await m.clock.advance(10_000)
  expect([opens, m.manager.serverInfo('one').state]).toEqual([1, 'starting'])
  gone.resolve()
  await settle()
  expect([opens, m.manager.serverInfo('one').state]).toEqual([2, 'ready'])
})

test('an answered call is a sign of life as well', async () => {
  await using m = managed()
  const server = helpful((message) => message.method === 'ping')
  await m.manager.add('one', server, { healthIntervalMs: 1_000, healthTimeoutMs: 100 })
  for (let times = 0; times < 3; times++) {
    await m.clock.advance(1_100)
    expect(m.manager.serverInfo('one').state).toBe('degraded')
    await m.manager.callTool('one', 'read')
    expect(m.manager.serverInfo('one').state).toBe('ready')
  }
  expect(server.opens).toBe(1)
})

test('a URL nobody answers under is tried on for as long as it takes', async () => {
  await using m = managed()
  const fetch = async (): Promise<Response> => new Response('no', { status: 503 })
  await m.manager.add('far', { type: 'http', url: 'https://example.com/mcp', fetch })
  for (let minutes = 0; minutes < 10; minutes++) await m.clock.advance(60_000)
  const [far] = m.manager.snapshot().servers
  expect(far?.state).toBe('backing-off')
  expect(far?.restarts).toBeGreaterThan(20)
})

test('a server without signs of life is degraded, then replaced; one sign is enough to recover', async () => {
  await using m = managed()
  let isFrozen = true
  const server = helpful((message, { nth }) => isFrozen && nth === 1 && message.method === 'ping')
  await m.manager.add('one', server, { healthIntervalMs: 1_000, healthTimeoutMs: 100 })
  await m.clock.advance(1_100)
  expect(m.manager.serverInfo('one')).toMatchObject({
    state: 'degraded',
    reason: expect.stringContaining('no sign of life'),
  })
  isFrozen = false
  await m.clock.advance(1_000)
  expect(m.manager.serverInfo('one').state).toBe('ready')
  isFrozen = true
  await m.clock.advance(3_000)
  await m.clock.advance(500)
  expect(server.opens).toBe(2)
  expect(m.states('one')).toEqual([
    ...['starting', 'ready', 'degraded', 'ready', 'degraded', 'backing-off', 'starting', 'ready'],
  ])
})

test('a refused ping is a sign of life', async () => {
  await using m = managed()
  const server = helpful((message, wire) => {
    if (message.method !== 'ping') return false
    wire.fail(message, -32601, 'Method not found')
    return true
  })
  await m.manager.add('one', server, { healthIntervalMs: 1_000 })
  await m.clock.advance(10_000)
  expect(m.states('one')).toEqual(['starting', 'ready'])
})

test('after a sleep of the machine every connection is looked at, and a dead one replaced', async () => {
  await using m = managed()
  let isFrozen = false
  const dead = helpful((message) => isFrozen && message.method === 'ping')
  const alive = helpful()
  await Promise.all([
    m.manager.add('dead', dead, { healthIntervalMs: 0 }),
    m.manager.add('alive', alive, { healthIntervalMs: 0 }),
  ])
  isFrozen = true
  m.sleep(3_600_000)
  await m.clock.advance(5_000)
  expect(m.events.findLast(({ kind }) => kind === 'woke')).toMatchObject({ sleptMs: 3_600_000 })
  await m.clock.advance(5_000)
  await m.clock.advance(500)
  expect([dead.opens, alive.opens]).toEqual([2, 1])
})

test('lines that are no messages are counted, and the first one is told', async () => {
  await using m = managed()
  const server = helpful((message, wire) => {
    if (message.method === 'tools/call') wire.write('starting up\nstill starting\n')
    return false
  })
  await m.manager.add('one', server)
  await m.manager.callTool('one', 'read')
  await m.manager.callTool('one', 'read')
  expect(m.manager.snapshot().servers[0]?.noise).toBe(4)
  await settle()
  expect(m.events.filter(({ kind }) => kind === 'noise')).toMatchObject([{ server: 'one', excerpt: 'starting up' }])
})

test('a connection that ends while somebody waits for it does not leave him waiting', async () => {
  await using m = managed()
  const transport = broken(() => new ConnectionError('unreachable', 'nobody there'))
  await m.manager.add('one', transport, { startWaitMs: 1_000, restart: { max: 100, firstMs: 10_000 } })
  const call = failure(m.manager.callTool('one', 'read'))
  await m.clock.advance(1_000)
  expect(await call).toMatchObject({ code: 'unavailable', state: 'backing-off' })
})
