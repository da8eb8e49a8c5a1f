import { describe, expect, test } from 'bun:test'
import { ConnectionError, NegotiationError, RpcError, type Stray } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import manifest from '../package.json' with { type: 'json' }
import { type ConnectOptions, connect, DEFAULT_CLIENT_INFO } from './connect.ts'
import { createVerdicts } from './eras/verdicts.ts'
import { ServerStartError } from './errors.ts'
import { failure } from './testing/failure.test.kit.ts'
import {
  discovered,
  ERAS,
  initialized,
  LEGACY,
  MODERN,
  ofEra,
  type Script,
  SERVER_INFO,
  scripted,
} from './testing/scripted-server.test.kit.ts'

const info = { name: 'tester', version: '9' }
const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  info: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
}

describe('finding out the era', () => {
  test.each([...ERAS])('speaks %s over one connection without being told', async (era) => {
    const server = scripted(ofEra(era, undefined, { instructions: 'be kind' }))
    await using client = await connect(server, { info })
    expect(client.era).toBe(era)
    expect(client.version).toBe(era === 'modern' ? MODERN : LEGACY)
    expect(client.server).toEqual(SERVER_INFO)
    expect(client.capabilities).toEqual({ tools: {} })
    expect(client.instructions).toBe('be kind')
    expect(server.opens).toBe(1)
  })

  test('[MCP-038] [MCP-089] [MCP-090] probes first, saying everything a modern request says', async () => {
    const server = scripted(ofEra('modern'))
    await using _ = await connect(server, { info, on: { roots: [] } })
    expect(server.methods).toEqual(['server/discover'])
    expect(server.received[0]?.params?._meta).toEqual({
      [META.version]: MODERN,
      [META.info]: info,
      [META.capabilities]: { roots: {} },
    })
  })

  test('[MCP-046] [MCP-049] shakes hands with the newest legacy version and says when it is done', async () => {
    const server = scripted(ofEra('legacy'))
    await using _ = await connect(server, { info, on: { roots: [] } })
    await server.got('notifications/initialized')
    expect(server.methods).toEqual(['server/discover', 'initialize', 'notifications/initialized'])
    expect(server.received[1]?.params).toEqual({
      protocolVersion: LEGACY,
      capabilities: { roots: { listChanged: true } },
      clientInfo: info,
    })
  })

  test('[MCP-100] retries once when a modern server refuses a version and names it', async () => {
    const server = scripted((message, wire) => {
      if (server.received.length > 1) return wire.answer(message, discovered())
      wire.fail(message, -32022, 'no', { supported: [MODERN], requested: MODERN })
    })
    await using client = await connect(server)
    expect(client.era).toBe('modern')
    expect(server.methods).toEqual(['server/discover', 'server/discover'])
  })

  test('shakes hands with the version a server that lists only legacy ones shares', async () => {
    const server = scripted((message, wire) => {
      if (message.method === 'server/discover') wire.fail(message, -32022, 'no', { supported: ['2025-03-26'] })
      if (message.method === 'initialize') wire.answer(message, initialized({ protocolVersion: '2025-03-26' }))
    })
    await using client = await connect(server)
    expect(client.version).toBe('2025-03-26')
    expect(server.received[1]?.params?.protocolVersion).toBe('2025-03-26')
  })

  test('[MCP-039] takes silence for an older server after seconds, on the same pipe, without a cancellation', async () => {
    const clock = createFakeClock()
    const strays: Stray[] = []
    const server = scripted((message, wire) => {
      if (message.method === 'initialize') wire.answer(message, initialized())
    })
    const connecting = connect(server, { clock, probeTimeoutMs: 3_000, onStray: (stray) => strays.push(stray) })
    const probe = await server.got('server/discover')
    await clock.advance(2_999)
    expect(server.methods).toEqual(['server/discover'])
    await clock.advance(1)
    await using client = await connecting
    await server.got('notifications/initialized')
    expect(client.era).toBe('legacy')
    expect(server.methods).toEqual(['server/discover', 'initialize', 'notifications/initialized'])
    expect(server.opens).toBe(1)

    server.wire.answer(probe, discovered())
    const pong = client.ping()
    server.wire.answer(await server.got('ping'), {})
    await pong
    expect(strays.map((stray) => stray.kind)).toEqual(['unknown_id'])
    expect(client.era).toBe('legacy')
  })

  test('goes modern on the same pipe when a slow server then refuses the handshake', async () => {
    const clock = createFakeClock()
    const server = scripted((message, wire) => {
      if (message.method === 'initialize') wire.fail(message, -32022, 'no', { supported: [MODERN] })
      if (message.method === 'server/discover' && message !== server.received[0]) wire.answer(message, discovered())
    })
    const connecting = connect(server, { clock })
    await server.got('server/discover')
    await clock.advance(3_000)
    await using client = await connecting
    expect(client.era).toBe('modern')
    expect(server.methods).toEqual(['server/discover', 'initialize', 'server/discover'])
    expect(server.opens).toBe(1)
  })

  test('never sends two opening requests at a time', async () => {
    const open: (string | undefined)[] = []
    const server = scripted((message, wire) => {
      if (message.id === undefined) return
      expect(open).toEqual([])
      open.push(message.method)
      queueMicrotask(() => {
        open.pop()
        ofEra('legacy')(message, wire)
      })
    })
    await using _ = await connect(server)
    expect(server.methods.slice(0, 2)).toEqual(['server/discover', 'initialize'])
  })

  test.each<[string, Script]>([
    ['an empty result', (message, wire) => wire.answer(message, {})],
    ['an error with a fractional code', (message, wire) => wire.fail(message, -0.5, 'no')],
    ['an error without id', (_, wire) => wire.fail({}, -32600, 'no')],
    ['an answer that is no response', ({ id }, wire) => wire.send({ jsonrpc: '2.0', id, result: 'yes' })],
    [
      'a result and an error',
      ({ id }, wire) => wire.send({ jsonrpc: '2.0', id, result: {}, error: { code: 1, message: '' } }),
    ],
  ])('[MCP-039] takes %s for an older server', async (_, script) => {
    const server = scripted((message, wire) =>
      message.method === 'server/discover' ? script(message, wire) : ofEra('legacy')(message, wire),
    )
    await using client = await connect(server)
    expect(client.era).toBe('legacy')
    expect(server.opens).toBe(1)
  })
})

describe('a server that ends on being asked', () => {
  const fragile: Script = (message, wire) => {
    if (message.method === 'server/discover') wire.end({ exitCode: 1, stderrTail: ['expected initialize'] })
    else ofEra('legacy')(message, wire)
  }

  test('is started once more and goes straight to the handshake', async () => {
    const server = scripted(fragile)
    await using client = await connect(server, { verdicts: createVerdicts() })
    expect(client.era).toBe('legacy')
    expect(server.opens).toBe(2)
    expect(server.closes).toBe(1)
    expect(server.methods.slice(0, 2)).toEqual(['server/discover', 'initialize'])
  })

  test('[MCP-042] is remembered, so that the next connection is not asked', async () => {
    const server = scripted(fragile)
    const verdicts = createVerdicts()
    await using _first = await connect(server, { verdicts })
    await using _second = await connect(server, { verdicts })
    expect(server.opens).toBe(3)
    expect(server.methods.filter((method) => method === 'server/discover')).toHaveLength(1)
  })

  test('is asked again when the memory of it has expired', async () => {
    const clock = createFakeClock()
    const server = scripted(fragile)
    const verdicts = createVerdicts(clock, 1_000)
    await using _first = await connect(server, { verdicts })
    await clock.advance(1_000)
    await using _second = await connect(server, { verdicts })
    expect(server.opens).toBe(4)
  })

  test('is forgotten when it turns out to be a modern one by now', async () => {
    const verdicts = createVerdicts()
    const server = scripted(ofEra('modern'))
    verdicts.remember(server.name)
    await using client = await connect(server, { verdicts })
    expect(client.era).toBe('modern')
    expect(server.methods).toEqual(['initialize', 'server/discover'])
    expect(verdicts.endsOnProbe(server.name)).toBe(false)
  })

  test('is asked after all when it refuses the handshake without a word of versions', async () => {
    const verdicts = createVerdicts()
    const server = scripted((message, wire) => {
      if (message.method === 'initialize') wire.fail(message, -32601, 'Method not found')
      else ofEra('modern')(message, wire)
    })
    verdicts.remember(server.name)
    await using client = await connect(server, { verdicts })
    expect(client.era).toBe('modern')
    expect(verdicts.endsOnProbe(server.name)).toBe(false)
  })

  test('is reported with its evidence when it ends after that as well, and not remembered', async () => {
    const verdicts = createVerdicts()
    const server = scripted((_, wire) => wire.end({ exitCode: 3, signal: 'SIGABRT', stderrTail: ['no such file'] }))
    const error = await failure(connect(server, { verdicts }))
    if (!(error instanceof ServerStartError)) throw error
    expect(error).toMatchObject({
      exitCode: 3,
      signal: 'SIGABRT',
      stderrTail: ['no such file'],
      transport: server.name,
    })
    expect(error.cause).toBeInstanceOf(ConnectionError)
    expect(server.opens).toBe(2)
    expect(verdicts.endsOnProbe(server.name)).toBe(false)
  })

  test('is remembered for an end, never for silence', async () => {
    const clock = createFakeClock()
    const verdicts = createVerdicts(clock)
    const server = scripted((message, wire) => {
      if (message.method !== 'server/discover') ofEra('legacy')(message, wire)
    })
    const connecting = connect(server, { clock, verdicts })
    await server.got('server/discover')
    await clock.advance(3_000)
    await using _ = await connecting
    expect(verdicts.endsOnProbe(server.name)).toBe(false)
  })
})

describe('a pin', () => {
  test.each<[string, NonNullable<ConnectOptions['pin']>, 'legacy' | 'modern', string]>([
    ['legacy shakes hands at once', 'legacy', 'legacy', 'initialize'],
    ['an exact legacy version offers that version', LEGACY, 'legacy', 'initialize'],
    ['modern asks at once', 'modern', 'modern', 'server/discover'],
    ['an exact modern version asks at once', MODERN, 'modern', 'server/discover'],
  ])('to %s', async (_, pin, era, first) => {
    const server = scripted(ofEra(era))
    await using client = await connect(server, { pin })
    expect(client.era).toBe(era)
    expect(server.methods[0]).toBe(first)
    expect(server.methods).not.toContain(era === 'modern' ? 'initialize' : 'server/discover')
  })

  test.each<[string, 'legacy' | 'modern']>([
    ['modern', 'legacy'],
    [MODERN, 'legacy'],
    ['legacy', 'modern'],
    ['2025-06-18', 'modern'],
    ['2025-06-18', 'legacy'],
  ])('to %s is no use with a %s server, which is told apart and closed', async (pin, era) => {
    const server = scripted(ofEra(era))
    const error = await failure(connect(server, { pin }))
    if (!(error instanceof NegotiationError)) throw error
    expect(error.ours).not.toBeEmpty()
    expect(server.opens).toBe(1)
    expect(server.closes).toBe(1)
  })

  test('to a version nobody speaks fails before anything is opened', async () => {
    const server = scripted(ofEra('modern'))
    const error = await failure(connect(server, { pin: '1999-01-01' }))
    expect(error).toBeInstanceOf(NegotiationError)
    expect(server.opens).toBe(0)
  })

  test('to modern waits for a slow server as long as connecting may take', async () => {
    const clock = createFakeClock()
    const server = scripted(() => {})
    const connecting = connect(server, { clock, pin: 'modern', connectTimeoutMs: 30_000 })
    const probe = await server.got('server/discover')
    await clock.advance(29_000)
    server.wire.answer(probe, discovered())
    await using client = await connecting
    expect(client.era).toBe('modern')
  })
})

describe('a failure to connect', () => {
  test('[MCP-048] closes the connection when the server answers with a version nobody speaks', async () => {
    const server = scripted(ofEra('legacy', undefined, { protocolVersion: '2024-10-07' }))
    const error = await failure(connect(server, { pin: 'legacy' }))
    if (!(error instanceof NegotiationError)) throw error
    expect(error.theirs).toEqual(['2024-10-07'])
    expect(server.closes).toBe(1)
    expect(server.methods).toEqual(['initialize'])
  })

  test('keeps the words of a server that refuses', async () => {
    const server = scripted((message, wire) => wire.fail(message, -32021, 'needs sampling'))
    const error = await failure(connect(server))
    if (!(error instanceof RpcError)) throw error
    expect(error).toMatchObject({ code: -32021, message: `${server.name} refused to talk: needs sampling` })
    expect(error.cause).toMatchObject({ message: 'needs sampling' })
    expect(server.closes).toBe(1)
  })

  test('[MCP-056] is over after connectTimeoutMs, and initialize is not cancelled on the wire', async () => {
    const clock = createFakeClock()
    const server = scripted(() => {})
    const connecting = failure(connect(server, { clock, pin: 'legacy', connectTimeoutMs: 5_000, timeoutMs: 10 }))
    await server.got('initialize')
    await clock.advance(4_999)
    await clock.advance(1)
    const error = await connecting
    if (!(error instanceof ConnectionError)) throw error
    expect(error.code).toBe('timeout')
    expect(error.message).toContain('5000 ms (connectTimeoutMs)')
    expect(server.methods).toEqual(['initialize'])
    expect(server.closes).toBe(1)
  })

  test.each([...ERAS])('rejects with the reason of the signal and closes the %s connection', async (era) => {
    const server = scripted(() => {})
    const giving = new AbortController()
    const connecting = failure(connect(server, { pin: era, signal: giving.signal }))
    await server.got(era === 'legacy' ? 'initialize' : 'server/discover')
    const reason = new Error('changed my mind')
    giving.abort(reason)
    expect(await connecting).toBe(reason)
    expect(server.received).toHaveLength(1)
    expect(server.closes).toBe(1)
  })

  test('leaves an open connection alone when the signal aborts later', async () => {
    const server = scripted(ofEra('modern'))
    const giving = new AbortController()
    await using client = await connect(server, { signal: giving.signal })
    giving.abort()
    await client.ping()
    expect(server.closes).toBe(0)
  })

  test('leaves no timer behind once connected', async () => {
    const clock = createFakeClock()
    const server = scripted(ofEra('modern'))
    await using _ = await connect(server, { clock, connectTimeoutMs: 1_000, probeTimeoutMs: 500 })
    await clock.advance(1_000)
    expect(clock.timers).toBe(0)
  })
})

test('the default name is the package with its version', () => {
  expect(DEFAULT_CLIENT_INFO).toEqual({ name: manifest.name, version: manifest.version })
})
