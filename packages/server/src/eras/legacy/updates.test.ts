import { expect, test } from 'bun:test'
import { INVALID_PARAMS, RESOURCE_UPDATED, RESOURCES_CHANGED, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { HANDSHAKES, openPair } from '../../../test/kit.ts'
import { resource } from '../../registry/resource.ts'
import { createServer, type Server } from '../../server.ts'

const version = '2025-11-25'

function define(...uris: string[]): Server {
  const resources = uris.map((uri) => resource({ uri, name: uri, read: () => uri }))
  return createServer({ name: 's', version: '1', resources })
}

for (const handshake of HANDSHAKES) {
  test(`${handshake}: an update is told once per tick to those who subscribed, until they unsubscribe`, async () => {
    const server = define('x:a', 'x:b')
    await using one = await openPair(server, { version: handshake })
    await using other = await openPair(server, { version: handshake })
    await one.request('resources/subscribe', { uri: 'x:a' })
    await one.request('resources/subscribe', { uri: 'x:a' })
    await other.request('resources/subscribe', { uri: 'x:b' })
    server.resources.updated('x:a')
    server.resources.updated('x:a')
    await one.barrier()
    await other.barrier()
    expect(one.notices).toMatchObject([{ method: RESOURCE_UPDATED, params: { uri: 'x:a' } }])
    expect(other.notices).toEqual([])
    expect(await one.request('resources/unsubscribe', { uri: 'x:a' })).toEqual({})
    server.resources.updated('x:a')
    await one.barrier()
    expect(one.notices).toHaveLength(1)
  })
}

test('a changed list is told unasked, where resources were declared [MCP-176]', async () => {
  const server = define()
  const bare = createServer({ name: 's', version: '1' })
  await using told = await openPair(server, { version })
  await using untold = await openPair(bare, { version })
  for (const one of [server, bare]) {
    one.resources.add(...['x:a', 'x:b'].map((uri) => resource({ uri, name: uri, read: () => uri })))
    one.resources.remove('x:a')
  }
  await told.barrier()
  await untold.barrier()
  expect(told.notices).toMatchObject([{ method: RESOURCES_CHANGED }])
  expect(untold.notices).toEqual([])
})

test('subscriptions need a URI and are bounded by name', async () => {
  await using pair = await openPair(define(), { version, maxSubscribedUris: 2 })
  for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
    await expect(pair.request(method, {})).rejects.toMatchObject({ code: INVALID_PARAMS })
  }
  for (const uri of ['x:a', 'x:b', 'x:a']) expect(await pair.request('resources/subscribe', { uri })).toEqual({})
  await expect(pair.request('resources/subscribe', { uri: 'x:c' })).rejects.toMatchObject({
    code: SERVER_BUSY,
    message: expect.stringContaining('maxSubscribedUris'),
  })
  await pair.request('resources/unsubscribe', { uri: 'x:a' })
  expect(await pair.request('resources/subscribe', { uri: 'x:c' })).toEqual({})
})

test('a conversation that is over listens to nothing', async () => {
  const server = define('x:a')
  let listeners = 0
  const subscribe = server.updates.subscribe
  server.updates.subscribe = (listener) => {
    listeners++
    const stop = subscribe(listener)
    return () => {
      listeners--
      stop()
    }
  }
  const pair = await openPair(server, { version })
  await pair.request('resources/subscribe', { uri: 'x:a' })
  expect(listeners).toBe(1)
  await pair[Symbol.asyncDispose]()
  await pair.connection.closed
  await Promise.resolve()
  expect(listeners).toBe(0)
})
