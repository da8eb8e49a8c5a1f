import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import { scripted } from '../testing/scripted-server.test.kit.ts'
import type { Transport } from '../transports/transport.ts'
import { helpful, managed, TOOLS } from './managed.test.kit.ts'

for (const era of ['legacy', 'modern'] as const) {
  test(`a server is added, called, listed and removed (${era})`, async () => {
    await using m = managed()
    const server = helpful(undefined, { era })
    const info = await m.manager.add('one', server)
    expect(info).toMatchObject({ name: 'one', state: 'ready', era, toolCount: 2, server: { name: 'scripted' } })
    expect(await m.manager.callTool('one', 'read', { a: 1 })).toMatchObject({ content: [{ text: 'said' }] })
    expect((await m.manager.listTools('one')).map(({ server, tool }) => `${server} ${tool.name}`)).toEqual([
      'one read',
      'one write',
    ])
    expect(m.manager.listServers()).toHaveLength(1)
    await m.manager.remove('one')
    expect(m.manager.listServers()).toEqual([])
    expect(server.closes).toBe(1)
    await settle()
    expect(m.states('one').slice(0, 4)).toEqual(['starting', 'ready', 'stopping', 'configured'])
    expect(m.events.at(-1)).toMatchObject({ kind: 'removed', server: 'one' })
  })
}

test('a name that is taken, and names there are none of, are errors that say what there is', async () => {
  await using m = managed()
  await m.manager.add('weather', helpful())
  await m.manager.add('wiki', helpful())
  expect(await failure(m.manager.add('wiki', helpful()))).toMatchObject({ code: 'name_taken', server: 'wiki' })
  const server = await failure(m.manager.callTool('wether', 'read'))
  expect(server).toMatchObject({ code: 'unknown_server', known: ['weather', 'wiki'] })
  const tool = await failure(m.manager.callTool('wiki', 'wrte'))
  expect(tool).toMatchObject({ code: 'unknown_tool', known: ['write', 'read'] })
  expect(String(tool)).toContain('wiki has no tool "wrte"; there is: "write", "read"')
  expect(() => m.manager.get('x')).toThrow('there is no server "x"')
})

test('a tool that came since the last list is found by asking again', async () => {
  await using m = managed()
  const tools = [...TOOLS]
  const server = helpful(undefined, { tools: () => tools })
  await m.manager.add('one', server)
  tools.push({ name: 'new', inputSchema: { type: 'object' } })
  await m.manager.callTool('one', 'new')
  expect(m.manager.serverInfo('one').toolCount).toBe(3)
})

test('a server that fails does not keep the others from starting, and is told of', async () => {
  await using m = managed()
  const silent = scripted((message, wire) => wire.fail(message, -32600, 'go away'))
  const [bad, good] = await Promise.all([m.manager.add('bad', silent), m.manager.add('good', helpful())])
  expect([bad.state, good.state]).toEqual(['backing-off', 'ready'])
  const report = await m.manager.ready()
  expect(report).toMatchObject({ ready: ['good'], failed: [{ server: 'bad', state: 'backing-off' }] })
})

test('a required server that fails ends the others, and nobody has to wait for add', async () => {
  await using m = managed()
  const good = helpful()
  void m.manager.add('good', good)
  void m.manager.add(
    'bad',
    scripted((message, wire) => wire.fail(message, -32600, 'go away')),
    { required: true },
  )
  expect(await failure(m.manager.ready())).toMatchObject({ code: 'required_failed', server: 'bad', state: 'failed' })
  expect(good.closes).toBe(good.opens)
  expect(m.manager.serverInfo('good').state).toBe('manifest-known')
})

test('ready waits for what it is told to, and says who is late', async () => {
  await using m = managed()
  const mute = scripted(() => undefined)
  void m.manager.add('mute', mute)
  void m.manager.add('good', helpful())
  const late = failure(m.manager.ready({ require: 'all', timeoutMs: 1_000 }))
  await m.clock.advance(1_000)
  expect(await late).toMatchObject({ code: 'not_ready', known: ['mute'] })
  const report = m.manager.ready({ require: ['good'], timeoutMs: 1_000 })
  await m.clock.advance(1_000)
  expect(await report).toMatchObject({ ready: ['good'], failed: [{ server: 'mute', state: 'starting' }] })
})

test('a manifest lists the tools of a server that is not started, and the first calls start it once', async () => {
  await using m = managed()
  const server = helpful()
  await m.manager.add('lazy', server, { lazy: true, manifest: { tools: TOOLS } })
  expect(m.manager.serverInfo('lazy').state).toBe('manifest-known')
  expect((await m.manager.listTools()).map(({ tool }) => tool.name)).toEqual(['read', 'write'])
  expect(server.opens).toBe(0)
  await Promise.all([1, 2, 3].map(() => m.manager.callTool('lazy', 'read')))
  expect(server.opens).toBe(1)
  const [shown] = m.manager.snapshot().servers
  expect(shown).toMatchObject({ manifestKnown: true, started: true, invoked: true, starts: 1 })
  expect(m.manager.get('lazy').manifest()).toMatchObject({ tools: [{ name: 'read' }, { name: 'write' }] })
})

test('an idle server is stopped, not while it is held, and the next call starts it', async () => {
  await using m = managed()
  const server = helpful(undefined, { greeting: { capabilities: { tools: {}, resources: { subscribe: true } } } })
  await m.manager.add('one', server, { idleStopMs: 1_000, healthIntervalMs: 0 })
  await m.clock.advance(999)
  await m.manager.callTool('one', 'read')
  await m.clock.advance(999)
  expect(m.manager.serverInfo('one').state).toBe('ready')
  const subscription = await m.manager.get('one').listen({ tools: true }, () => undefined)
  await m.clock.advance(60_000)
  expect(m.manager.serverInfo('one').state).toBe('ready')
  await subscription.stop()
  await m.clock.advance(1_000)
  expect(m.manager.serverInfo('one').state).toBe('idle-stopped')
  expect(server.closes).toBe(1)
  await m.manager.callTool('one', 'read')
  expect(server.opens).toBe(2)
})

test('signs of life do not count as use', async () => {
  await using m = managed()
  const server = helpful()
  await m.manager.add('one', server, { idleStopMs: 10_000, healthIntervalMs: 1_000 })
  await m.clock.advance(10_000)
  expect(server.methods.filter((method) => method === 'ping').length).toBeGreaterThan(5)
  expect(m.manager.serverInfo('one').state).toBe('idle-stopped')
})

test('disable and quarantine end a server until it is enabled', async () => {
  await using m = managed()
  const server = helpful()
  await m.manager.add('one', server)
  await m.manager.quarantine('one', 'its tools changed')
  expect(await m.manager.listTools()).toEqual([])
  expect(await failure(m.manager.callTool('one', 'read'))).toMatchObject({ code: 'unavailable', state: 'quarantined' })
  m.manager.enable('one')
  await m.manager.callTool('one', 'read')
  await m.manager.disable('one')
  expect(await failure(m.manager.callTool('one', 'read'))).toMatchObject({ code: 'unavailable', state: 'disabled' })
  expect(server.closes).toBe(2)
})

test('a vetted list that is no good puts the server into quarantine before anybody sees it', async () => {
  await using m = managed({ vet: ({ tools }) => (tools.length > 1 ? { quarantine: 'too many tools' } : undefined) })
  const info = await m.manager.add('one', helpful())
  expect(info).toMatchObject({ state: 'quarantined', reason: 'too many tools' })
  expect(m.states('one')).not.toContain('ready')
  expect(await m.manager.listTools()).toEqual([])
})

test('servers end in the reverse order of their start, and a stuck one only takes its share', async () => {
  const m = managed({ closeTimeoutMs: 3_000 })
  const order: string[] = []
  const named = (name: string, isStuck = false): Transport => {
    const { identity, silenceIsEvidence, open } = helpful()
    return {
      name,
      identity,
      silenceIsEvidence,
      async open() {
        const channel = await open()
        const close = (): Promise<void> => {
          order.push(name)
          return isStuck ? new Promise<void>(() => undefined) : channel.close()
        }
        return { ...channel, close, [Symbol.asyncDispose]: close }
      },
    }
  }
  await m.manager.add('a', named('a'))
  await m.manager.add('b', named('b', true))
  await m.manager.add('c', named('c'))
  const closed = m.manager.close()
  await m.clock.advance(3_000)
  await closed
  expect(order.filter((name, at) => order.indexOf(name) === at)).toEqual(['c', 'b', 'a'])
})

test('after closing nothing starts again, not even by a handle', async () => {
  const m = managed()
  const server = helpful()
  await m.manager.add('one', server)
  const handle = m.manager.get('one')
  await m.manager.close()
  expect(await failure(handle.callTool('read'))).toMatchObject({ code: 'closed' })
  expect(await failure(m.manager.callTool('one', 'read'))).toMatchObject({ code: 'closed' })
  expect(await failure(m.manager.add('two', server))).toMatchObject({ code: 'closed' })
  expect(server.opens).toBe(1)
  expect(m.clock.timers).toBe(0)
})

test('after disconnectAll a call starts its server again, but one that waited does not', async () => {
  await using m = managed()
  const server = helpful()
  await m.manager.add('one', server)
  server.wire.end()
  await settle()
  const waiting = failure(m.manager.callTool('one', 'read'))
  await settle()
  await m.manager.disconnectAll()
  expect(await waiting).toMatchObject({ code: 'unavailable' })
  await m.manager.callTool('one', 'read')
  expect(server.opens).toBe(2)
})

test('a configuration that says nothing usable is refused by name', async () => {
  await using m = managed()
  // proof: what a configuration file holds is not typed
  const wrong = [{}, { type: 'ws', url: 'http://x' }, { type: 'http', url: 'ftp://x' }] as unknown as {
    command: string
  }[]
  for (const config of wrong) {
    expect(await failure(m.manager.add('x', config))).toMatchObject({ code: 'invalid_config', server: 'x' })
  }
  expect(await failure(m.manager.add('x', helpful(), { maxInFlight: 0 }))).toMatchObject({ code: 'invalid_config' })
  expect(m.manager.listServers()).toEqual([])
})

test('a snapshot is JSON, shows no secret, and events go on from it', async () => {
  await using m = managed()
  const env = { API_TOKEN: 'hunter2' }
  await m.manager.add('local', { command: 'server', args: ['--token', 'hunter2'], env, lazy: true })
  const headers = { authorization: 'Bearer hunter2' }
  await m.manager.add('far', { type: 'http', url: 'https://example.com/mcp?key=hunter2', headers, lazy: true })
  const snapshot = m.manager.snapshot()
  const text = JSON.stringify(snapshot)
  expect(text).not.toContain('hunter2')
  expect(text).toContain('API_TOKEN')
  const events = m.manager.events(snapshot.sequence)
  await m.manager.disable('far')
  expect(await events.next()).toMatchObject({
    value: { sequence: snapshot.sequence + 1, kind: 'state', to: 'disabled' },
  })
})

test('a server that is added and closed at once is never started', async () => {
  const m = managed()
  const server = helpful()
  const added = m.manager.add('one', server)
  await m.manager.close()
  expect(await added).toMatchObject({ state: 'configured' })
  await settle()
  expect([server.opens, m.clock.timers]).toEqual([0, 0])
})

test('a server is not stopped for idleness while somebody thinks about a call of it', async () => {
  const answer = Promise.withResolvers<'allow'>()
  await using m = managed({ approve: () => answer.promise })
  const server = helpful()
  await m.manager.add('one', server, { idleStopMs: 1_000, healthIntervalMs: 0 })
  const call = m.manager.callTool('one', 'read')
  await m.clock.advance(60_000)
  answer.resolve('allow')
  await call
  expect(server.opens).toBe(1)
})

test('each server is told the places of its own', async () => {
  await using m = managed()
  for (const [name, uri] of [
    ['one', 'file:///one'],
    ['two', 'file:///two'],
  ] as const) {
    const server = helpful()
    await m.manager.add(name, server, { roots: [{ uri }] })
    server.wire.send({ jsonrpc: '2.0', id: 'r', method: 'roots/list' })
    expect(await server.answered('r')).toMatchObject({ result: { roots: [{ uri }] } })
  }
})
