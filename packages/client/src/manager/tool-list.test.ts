import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { helpful, managed, TOOLS } from './managed.test.kit.ts'
import { TOOLS_DEBOUNCE_MS } from './tool-list.ts'

const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
const greeting = { capabilities: { tools: { listChanged: true } } }

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
  await m.clock.advance(TOOLS_DEBOUNCE_MS)
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
