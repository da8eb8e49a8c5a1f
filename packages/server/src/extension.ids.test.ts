import { expect, test } from 'bun:test'
import { METHOD_NOT_FOUND } from '@bao-mcp/protocol/engine'
import { HANDSHAKES, MODERN, openPair } from '../test/kit.ts'
import { createExtensions, type Extension } from './extension.ts'
import { createServer } from './server.ts'
import { tasks } from './tasks/index.ts'

const named = (id: string): Extension => ({ id, settings: {}, methods: new Map() })

test.each([
  'thing',
  '/thing',
  'com.example/',
  '1com/thing',
  'com..example/thing',
  'com.example/-x',
  'com.example/a/b',
  '',
])('an extension is not called %j: an id is a prefix, a slash and a name [MCP-105]', (id) => {
  expect(() => createExtensions([named(id)])).toThrow('an id is a prefix, a slash and a name')
})

test('our own extensions have ids by that rule [MCP-105]', () => {
  for (const id of [tasks().id, 'a/b', 'com.example-2/my_thing.v2']) {
    expect(() => createExtensions([named(id)])).not.toThrow()
  }
})

test('no extension is spoken unless it was given [MCP-314]', async () => {
  const own = tasks()
  const bare = createServer({ name: 's', version: '1' })
  const given = createServer({ name: 's', version: '1', extensions: [own] })
  const discovered = async (server: typeof bare): Promise<unknown> => {
    await using pair = await openPair(server)
    return (await pair.request('server/discover')).capabilities
  }
  expect(await discovered(given)).toMatchObject({ extensions: { [own.id]: {} } })
  expect(await discovered(bare)).not.toHaveProperty('extensions')
  expect(own.methods.size).toBeGreaterThan(0)
  for (const version of [...HANDSHAKES, MODERN]) {
    await using pair = await openPair(bare, { version })
    for (const method of own.methods.keys()) {
      await expect(pair.request(method, { taskId: 't' })).rejects.toMatchObject({ code: METHOD_NOT_FOUND })
    }
  }
})
