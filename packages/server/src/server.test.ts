import { expect, test } from 'bun:test'
import { namesOf, openPair } from '../test/kit.ts'
import { tool } from './registry/tool.ts'
import { createServer, type ServerOptions } from './server.ts'

test('a definition says who it is, and no more than it was told', () => {
  expect(createServer({ name: 's', version: '1' }).info).toEqual({ name: 's', version: '1' })
  const identity = {
    name: 's',
    version: '1',
    title: 'S',
    description: 'Serves.',
    websiteUrl: 'https://example.com',
    icons: [{ src: 'https://example.com/s.png' }],
  }
  expect(createServer(identity).info).toEqual(identity)
})

test('a definition of nothing is refused in words', () => {
  for (const options of [undefined, null, 's', []]) {
    // proof: what plain JavaScript may pass, which the types refuse
    expect(() => createServer(options as unknown as ServerOptions)).toThrow(
      new TypeError('a server needs options: a name and a version, at least'),
    )
  }
})

test('a definition with two tools of one name is refused', () => {
  const one = tool({ name: 'a', run: () => 'x' })
  expect(() => createServer({ name: 's', version: '1', tools: [one, one] })).toThrow('two tools are called "a"')
})

test('one tool may stand in several definitions, which change apart from each other', async () => {
  const shared = tool({ name: 'a', run: () => 'x' })
  const [one, other] = [1, 2].map(() => createServer({ name: 's', version: '1', tools: [shared] }))
  one?.tools.rename('a', 'b')
  const names = [one, other].map(async (server) => {
    if (server === undefined) throw new Error('there are two')
    await using pair = await openPair(server)
    return namesOf(await pair.request('tools/list'))
  })
  expect(await Promise.all(names)).toEqual([['b'], ['a']])
})

test('a definition without tools declares them and lists none [MCP-194]', async () => {
  await using pair = await openPair(createServer({ name: 's', version: '1' }))
  expect(await pair.request('server/discover')).toMatchObject({ capabilities: { tools: { listChanged: true } } })
  expect(namesOf(await pair.request('tools/list'))).toEqual([])
})
