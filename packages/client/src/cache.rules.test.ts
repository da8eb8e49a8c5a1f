import { expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { CACHED_METHODS, type CachedMethod, createCache } from './cache.ts'
import { connect } from './connect.ts'
import { ofEra, scripted } from './testing/scripted-server.test.kit.ts'

const HINT = { ttlMs: 1_000, cacheScope: 'public' }

test('what is kept answers the same method, page and resource, and nothing that says more [MCP-152]', async () => {
  const cache = createCache({ server: 's', principal: () => 'ada', clock: createFakeClock(), report() {} })
  let count = 0
  const read = (method: CachedMethod, params?: JsonObject): Promise<JsonObject> =>
    cache.read({
      method,
      params,
      options: undefined,
      cacheable: true,
      send: async () => ({ count: ++count, ...HINT }),
    })
  const questions: [CachedMethod, JsonObject?][] = [
    ...CACHED_METHODS.filter((method) => method !== 'resources/read').map((method): [CachedMethod] => [method]),
    ['tools/list', { cursor: '' }],
    ['tools/list', { cursor: 'null' }],
    ['prompts/list', { cursor: 'null' }],
    ['resources/read', { uri: 'null' }],
    ['resources/read', { uri: 'a' }],
    ['resources/list', { cursor: 'a' }],
  ]
  const counts = async (): Promise<unknown[]> => {
    const answers: unknown[] = []
    for (const [method, params] of questions) answers.push((await read(method, params)).count)
    return answers
  }
  const once = questions.map((_, index) => index + 1)
  expect([await counts(), await counts()]).toEqual([once, once])
  count = 100
  const more: JsonObject[] = [{ uri: 'a', part: 1 }, { uri: 'a', cursor: 'a' }, { uri: ['a'] }, {}]
  for (const params of [...more, ...more]) await read('resources/read', params)
  expect(count).toBe(108)
  expect((await read('resources/read', { uri: 'a' })).count).toBe(10)
})

test('the result of a read that was sent again for nothing but a state is not kept [MCP-153]', async () => {
  const server = scripted(
    ofEra('modern', (call, wire) => {
      const count = server.methods.filter((method) => method === 'resources/read').length
      if (call.params?.requestState === undefined) {
        return wire.answer(call, { resultType: 'input_required', requestState: `s${count}`, ...HINT })
      }
      wire.answer(call, { contents: [{ uri: 'a:1', text: `${call.params.requestState} ${count}` }], ...HINT })
    }),
  )
  await using client = await connect(server)
  const text = async (): Promise<unknown> => (await client.readResource('a:1')).contents[0]?.text
  expect([await text(), await text()]).toEqual(['s1 2', 's3 4'])
})
