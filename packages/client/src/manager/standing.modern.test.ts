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
    { era: 'modern', greeting: { capabilities: { prompts: { listChanged: true } } } },
  )
  await m.manager.add('one', server)
  await using _ = await m.manager.get('one').listen({ prompts: true }, () => undefined)
  const listens = () => server.received.filter(({ method }) => method === 'subscriptions/listen')
  expect(listens()).toHaveLength(1)
  server.wire.end()
  await m.clock.advance(250)
  await settle()
  expect(server.opens).toBe(2)
  expect(listens().map(({ params }) => params?.notifications)).toEqual([
    { promptsListChanged: true },
    { promptsListChanged: true },
  ])
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
