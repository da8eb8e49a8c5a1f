import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import type { Change } from '../changes.ts'
import { helpful, managed } from './managed.test.kit.ts'

test('a subscription goes on over a restart, and what may have been missed is told [MCP-033]', async () => {
  await using m = managed()
  const server = helpful(undefined, { greeting: { capabilities: { tools: { listChanged: true } } } })
  await m.manager.add('one', server)
  const changes: Change[] = []
  const subscription = await m.manager.get('one').listen({ tools: true }, (change) => changes.push(change))
  server.wire.end()
  await m.clock.advance(250)
  expect(changes).toEqual([{ kind: 'tools', missed: true }])
  server.wire.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await settle()
  expect(changes).toHaveLength(2)
  await subscription.stop()
  server.wire.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await settle()
  expect(changes).toHaveLength(2)
  expect(m.manager.snapshot().servers[0]?.subscriptions).toBe(0)
})
