import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { connect } from './connect.ts'
import { type Incoming, initialized, scripted, type Wire } from './testing/scripted-server.test.kit.ts'

test('a handshake is one message of its own, and nothing is sent until it is answered [MCP-009] [MCP-050]', async () => {
  const asked = Promise.withResolvers<[Incoming, Wire]>()
  const server = scripted((message, wire) => {
    if (message.method === 'initialize') asked.resolve([message, wire])
  })
  const opening = connect(server, { pin: '2025-03-26', on: { roots: [] }, onToolsChanged: () => undefined })
  const [message, wire] = await asked.promise
  await settle()
  // an array would have arrived as a message without a method
  expect(server.received).toEqual([message])
  wire.answer(message, initialized({ protocolVersion: '2025-03-26' }))
  await using _ = await opening
  await settle()
  expect(server.methods).toEqual(['initialize', 'notifications/initialized'])
})
