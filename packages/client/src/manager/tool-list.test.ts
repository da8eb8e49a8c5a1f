import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import type { ScriptedTransport } from '../testing/scripted-server.test.kit.ts'
import { TOOLS_DEBOUNCE_MS } from './listings.ts'
import { helpful, managed, TOOLS } from './managed.test.kit.ts'
import { memoryPins, type PinStore } from './pin-store.ts'
import { createServerPool } from './slots.ts'
import { MAX_LIST_TIMEOUT_MS } from './tool-list.ts'

const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
const greeting = { capabilities: { tools: { listChanged: true } } }
const lists = (server: ScriptedTransport): number => server.methods.filter((method) => method === 'tools/list').length

test('many changes of a moment are one question, and what changes meanwhile is asked for once more', async () => {
  await using m = managed()
  const tools = [...TOOLS]
  let isHeld = false
  const server = helpful((message) => isHeld && message.method === 'tools/list', { tools: () => tools, greeting })
  await m.manager.add('one', server)
  tools.push({ name: 'new', inputSchema: { type: 'object' } })
  for (let times = 0; times < 10; times++) server.wire.send(CHANGED)
  await settle()
  isHeld = true
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
  const held = await server.got('tools/list', 2)
  server.wire.send(CHANGED)
  await settle()
  isHeld = false
  server.wire.answer(held, { tools: [...TOOLS] })
  await m.clock.advance(TOOLS_DEBOUNCE_MS * 2)
  expect(server.methods.filter((method) => method === 'tools/list')).toHaveLength(3)
  expect(m.events.findLast(({ kind }) => kind === 'tools')).toMatchObject({ count: 3, added: ['new'], removed: [] })
})

test('the old list stays when the new one cannot be had', async () => {
  await using m = managed()
  let isBroken = false
  const server = helpful(
    (message, wire) => {
      if (!isBroken || message.method !== 'tools/list') return false
      wire.fail(message, -32603, 'Internal error')
      return true
    },
    { greeting },
  )
  await m.manager.add('one', server)
  isBroken = true
  server.wire.send(CHANGED)
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
  expect(m.manager.serverInfo('one').toolCount).toBe(2)
  expect(m.events.at(-1)).toMatchObject({ kind: 'warning', server: 'one' })
})

test('a server that cannot list its tools is ready all the same, and warned of', async () => {
  await using m = managed()
  const server = helpful((message, wire) => {
    if (message.method !== 'tools/list') return false
    wire.fail(message, -32603, 'Internal error')
    return true
  })
  expect(await m.manager.add('one', server)).toMatchObject({ state: 'ready' })
  await settle()
  expect(m.events.some(({ kind }) => kind === 'warning')).toBe(true)
  // the server knows best what it has
  await m.manager.callTool('one', 'whatever')
})

test('a server that answers each list with the next change is listed less and less often', async () => {
  await using m = managed()
  const server = helpful(
    (message, wire) => {
      if (message.method === 'tools/list') wire.send(CHANGED)
      return false
    },
    { greeting },
  )
  await m.manager.add('one', server, { healthIntervalMs: 0 })
  await m.clock.advance(60_000)
  // 75 ms, 150, 300 and so on make nine within a minute
  expect(lists(server)).toBe(1 + 9)
  expect(m.manager.serverInfo('one').state).toBe('ready')
})

test('a change that is told right behind the first list is looked at', async () => {
  await using m = managed()
  const tools = TOOLS.slice(0, 1)
  const server = helpful(
    (message, wire) => {
      if (message.method !== 'tools/list' || tools.length > 1) return false
      wire.answer(message, { tools: [...tools] })
      tools.push(...TOOLS.slice(1))
      wire.send(CHANGED)
      return true
    },
    { tools: () => tools, greeting },
  )
  await m.manager.add('one', server)
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
  expect(m.manager.serverInfo('one').toolCount).toBe(2)
})

test('a modern server that begins to tell of changes after it has listed is listed once more', async () => {
  await using m = managed()
  const tools = TOOLS.slice(0, 1)
  const server = helpful((message) => message.method === 'subscriptions/listen', {
    tools: () => tools,
    era: 'modern',
    greeting,
  })
  await m.manager.add('one', server)
  tools.push(...TOOLS.slice(1))
  const { id, params } = await server.got('subscriptions/listen')
  const _meta = { 'io.modelcontextprotocol/subscriptionId': id }
  server.wire.send({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: params?.notifications, _meta },
  })
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
  expect(m.manager.serverInfo('one').toolCount).toBe(2)
})

test('a list that was asked for later is the one that stays', async () => {
  await using m = managed()
  let isHeld = false
  const server = helpful((message) => isHeld && message.method === 'tools/list')
  await m.manager.add('one', server)
  isHeld = true
  const first = m.manager.listTools('one', { fresh: true })
  const held = await server.got('tools/list', 2)
  const second = m.manager.listTools('one', { fresh: true })
  const third = m.manager.listTools('one', { fresh: true })
  await settle()
  expect(lists(server)).toBe(2)
  isHeld = false
  server.wire.answer(held, { tools: [{ name: 'old', inputSchema: { type: 'object' } }] })
  expect((await first).map(({ tool }) => tool.name)).toEqual(['old'])
  expect(await second).toHaveLength(2)
  expect(await third).toHaveLength(2)
  // those that waited together are one question
  expect(lists(server)).toBe(3)
})

test('who gives up does not wait for a list', async () => {
  await using m = managed()
  let isHeld = false
  const server = helpful((message) => isHeld && message.method === 'tools/list')
  await m.manager.add('one', server)
  isHeld = true
  const [listing, calling] = [new AbortController(), new AbortController()]
  const listed = failure(m.manager.listTools('one', { fresh: true, signal: listing.signal }))
  const called = failure(m.manager.callTool('one', 'unheard', {}, { signal: calling.signal }))
  await server.got('tools/list', 2)
  listing.abort('no list')
  calling.abort('no call')
  expect([await listed, await called]).toEqual(['no list', 'no call'])
})

test('a tool that came with a change that is not looked at yet is called', async () => {
  await using m = managed()
  const tools = [...TOOLS]
  const server = helpful(undefined, { tools: () => tools, greeting })
  await m.manager.add('one', server)
  tools.push({ name: 'new', inputSchema: { type: 'object' } })
  server.wire.send(CHANGED)
  await settle()
  await m.manager.callTool('one', 'new')
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
  // the change is no news any more
  expect(lists(server)).toBe(2)
})

test('tools that were known of a server that has none any more are told to be gone', async () => {
  await using m = managed()
  const server = helpful(undefined, { greeting: { capabilities: {} } })
  await m.manager.add('one', server, { lazy: true, manifest: { tools: TOOLS } })
  await m.manager.restart('one')
  await m.manager.restart('one')
  const told = m.events.filter(({ kind }) => kind === 'tools')
  expect(told).toMatchObject([{ count: 0, added: [], removed: ['read', 'write'] }])
  expect(server.methods).not.toContain('tools/list')
})

test('a list may take as long as calls may, and never longer than its own limit', async () => {
  for (const [timeoutMs, limit] of [
    [60_000, MAX_LIST_TIMEOUT_MS],
    [100, 100],
  ] as const) {
    await using m = managed()
    const adding = m.manager.add(
      'one',
      helpful(({ method }) => method === 'tools/list'),
      { timeoutMs },
    )
    await m.clock.advance(limit - 1)
    expect(m.manager.serverInfo('one').state).toBe('starting')
    await m.clock.advance(1)
    expect((await adding).state).toBe('ready')
  }
})

test('what is thought of a list too late, when its connection is over, counts for nothing', async () => {
  const pins = memoryPins()
  const gate = Promise.withResolvers<void>()
  let isHeld = false
  const held: PinStore = {
    read: async (key) => {
      if (isHeld) await gate.promise
      return pins.read(key)
    },
    write: pins.write,
  }
  await using m = managed({ pinning: { mode: 'block', blocks: 'server' }, pins: held })
  let tools = TOOLS
  const server = helpful(undefined, { tools: () => tools })
  await m.manager.add('one', server)
  isHeld = true
  tools = TOOLS.map((tool) => ({ ...tool, description: 'another' }))
  const asking = m.manager.listTools('one', { fresh: true })
  await server.got('tools/list', 2)
  await settle()
  await m.manager.disconnectAll()
  gate.resolve()
  await asking
  expect(m.manager.serverInfo('one').state).toBe('manifest-known')
})

test('a verdict that comes when its connection is over counts for nothing', async () => {
  const gate = Promise.withResolvers<void>()
  let times = 0
  await using m = managed({
    async vet() {
      if (++times === 1) return undefined
      await gate.promise
      return { quarantine: 'too late' }
    },
  })
  await m.manager.add('one', helpful())
  const asking = m.manager.listTools('one', { fresh: true })
  await settle()
  expect(times).toBe(2)
  await m.manager.disconnectAll()
  gate.resolve()
  await asking
  expect(m.manager.serverInfo('one').state).toBe('manifest-known')
})

test('who left a shared connection, or is on it for the second time, asks nothing over it for what it was', async () => {
  const pool = createServerPool()
  await using m = managed({ pool })
  await using other = managed({ pool })
  let isHeld = false
  const server = helpful((message) => isHeld && message.method === 'tools/list', { greeting })
  await other.manager.add('one', server)
  isHeld = true
  void m.manager.add('one', server)
  const held = await server.got('tools/list', 2)
  await m.manager.disable('one')
  isHeld = false
  server.wire.answer(held, { tools: [...TOOLS] })
  m.manager.enable('one')
  await m.manager.restart('one')
  expect([server.opens, lists(server)]).toEqual([1, 3])
  server.wire.send(CHANGED)
  await settle()
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
  expect(lists(server)).toBe(4)
  server.wire.send(CHANGED)
  await settle()
  await m.manager.disconnectAll()
  await m.clock.advance(10_000)
  expect(lists(server)).toBe(4)
})
