import { expect, test } from 'bun:test'
import { createPeer } from '@bao-mcp/protocol/engine'
import { connect } from '../connect.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { discovered } from '../testing/scripted-server.test.kit.ts'
import { memory } from './memory.ts'

test('every opening gives the server a connection of its own', async () => {
  let connections = 0
  const transport = memory((channel) => {
    connections++
    createPeer(channel, { request: () => discovered(), notice: () => {} })
  }, 'in here')
  await using first = await connect(transport)
  await using second = await connect(transport)
  await Promise.all([first.ping(), second.ping()])
  expect(connections).toBe(2)
  expect(transport.name).toBe('in here')
})

test('closing one end ends the other', async () => {
  const ended = Promise.withResolvers<string>()
  const transport = memory((channel) => {
    channel.open({ message: () => {}, unreadable: () => {}, end: ({ kind }) => ended.resolve(kind) })
  })
  const channel = await transport.open()
  channel.open({ message: () => {}, unreadable: () => {}, end: () => {} })
  await channel.close()
  expect(await ended.promise).toBe('remote')
})

test('an aborted signal opens nothing', async () => {
  let served = false
  const transport = memory(() => {
    served = true
  })
  const reason = new Error('no')
  expect(await failure(transport.open({ signal: AbortSignal.abort(reason) }))).toBe(reason)
  expect(served).toBe(false)
})
