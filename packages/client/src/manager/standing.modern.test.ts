import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { helpful, managed } from './managed.test.kit.ts'

test('a modern server that was started again is sent the subscription again, under an id of its own [MCP-033]', async () => {
  await using m = managed()
  const server = helpful(
    (message, wire) => {
      if (message.method !== 'subscriptions/listen') return false
      const _meta = { 'io.modelcontextprotocol/subscriptionId': message.id }
      const params = { notifications: message.params?.notifications, _meta }
      wire.send({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params })
      return true
    },
    { era: 'modern', greeting: { capabilities: { tools: { listChanged: true } } } },
  )
  await m.manager.add('one', server)
  await using _ = await m.manager.get('one').listen({ tools: true }, () => undefined)
  const before = server.methods.filter((method) => method === 'subscriptions/listen').length
  server.wire.end()
  await m.clock.advance(250)
  await settle()
  const listens = server.received.filter(({ method }) => method === 'subscriptions/listen')
  expect([server.opens, listens.length > before]).toEqual([2, true])
  expect(listens.at(-1)?.params).toMatchObject({ notifications: { toolsListChanged: true } })
})

test('one process serves many conversations, one after the other and at once [MCP-043]', async () => {
  await using m = managed()
  const server = helpful(undefined, { era: 'modern' })
  await m.manager.add('one', server)
  for (let conversation = 0; conversation < 3; conversation++) {
    const handle = m.manager.get('one')
    await Promise.all([handle.callTool('read'), handle.callTool('write')])
  }
  expect([server.opens, server.closes]).toEqual([1, 0])
  expect(m.manager.serverInfo('one').state).toBe('ready')
})
