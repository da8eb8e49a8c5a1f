import { describe, expect, test } from 'bun:test'
import { InvalidResultError, type JsonObject } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { Client } from './client.ts'
import { connect } from './connect.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, type ScriptedTransport, SERVER_INFO, scripted } from './testing/scripted-server.test.kit.ts'

function answering(era: Era, result: JsonObject): ScriptedTransport {
  return scripted(ofEra(era, (call, wire) => wire.answer(call, result)))
}

const REF = { type: 'ref/prompt', name: 'p' } as const
const ARGUMENT = { name: 'a', value: 'x' }

describe.each([...ERAS])('in the %s era', (era) => {
  test('a resource is read by its uri', async () => {
    const server = answering(era, {
      contents: [
        { uri: 'a:1', text: 'hi' },
        { uri: 'a:2', blob: 'aGk=' },
      ],
    })
    await using client = await connect(server)
    expect(await client.readResource('a:1')).toMatchObject({ contents: [{ text: 'hi' }, { blob: 'aGk=' }] })
    expect((await server.got('resources/read')).params).toMatchObject({ uri: 'a:1' })
  })

  test('[MCP-218] a resource that is not there is told with the code of the server', async () => {
    const server = scripted(ofEra(era, (call, wire) => wire.fail(call, -32002, 'Resource not found', { uri: 'a:1' })))
    await using client = await connect(server)
    expect(await failure(client.readResource('a:1'))).toMatchObject({ code: -32002, data: { uri: 'a:1' } })
  })

  test('a prompt is filled in with its arguments, if any', async () => {
    const message = { role: 'user', content: { type: 'text', text: 'hi' } }
    const server = answering(era, { description: 'd', messages: [message] })
    await using client = await connect(server)
    expect(await client.getPrompt('p', { a: '1' })).toMatchObject({ description: 'd', messages: [message] })
    await client.getPrompt('q')
    const [first, second] = server.received.filter(({ method }) => method === 'prompts/get')
    expect(first?.params).toMatchObject({ name: 'p', arguments: { a: '1' } })
    expect(second?.params).not.toHaveProperty('arguments')
  })

  test('a value is completed, with what is settled already', async () => {
    const server = answering(era, { completion: { values: ['xy'], total: 7, hasMore: true } })
    await using client = await connect(server)
    expect(await client.complete(REF, ARGUMENT, { b: '2' })).toEqual({ values: ['xy'], total: 7, hasMore: true })
    await client.complete({ type: 'ref/resource', uri: 'a:{x}' }, ARGUMENT)
    const [first, second] = server.received.filter(({ method }) => method === 'completion/complete')
    expect(first?.params).toMatchObject({ ref: REF, argument: ARGUMENT, context: { arguments: { b: '2' } } })
    expect(second?.params).not.toHaveProperty('context')
  })

  test.each<[string, string, JsonObject, (client: Client) => Promise<unknown>]>([
    ['resources', 'resources/list', { resources: [{ uri: 'a:1', name: 'a' }] }, (client) => client.listResources()],
    [
      'templates',
      'resources/templates/list',
      { resourceTemplates: [{ uriTemplate: 'a:{x}', name: 'a' }] },
      (client) => client.listResourceTemplates(),
    ],
    ['prompts', 'prompts/list', { prompts: [{ name: 'a' }] }, (client) => client.listPrompts()],
  ])('%s are listed', async (_, method, result, list) => {
    const server = answering(era, result)
    await using client = await connect(server)
    expect(await list(client)).toEqual(Object.values(result)[0])
    expect(server.methods.at(-1)).toBe(method)
  })

  test('every list is walked as far as a loop goes', async () => {
    const server = scripted(
      ofEra(era, (call, wire) => {
        const page = { uri: 'a:1', uriTemplate: 'a:{x}', name: call.params?.cursor === undefined ? 'a' : 'b' }
        wire.answer(call, { resources: [page], resourceTemplates: [page], prompts: [page], nextCursor: '2' })
      }),
    )
    await using client = await connect(server)
    for (const list of [client.resources(), client.resourceTemplates(), client.prompts()]) {
      const names: string[] = []
      for await (const { name } of list) if (names.push(name) === 2) break
      expect(names).toEqual(['a', 'b'])
    }
    expect(await failure(client.listPrompts({ maxPages: 1 }))).toBeInstanceOf(InvalidResultError)
  })

  test.each<[string, JsonObject, (client: Client) => Promise<unknown>]>([
    ['contents that are no list', { contents: {} }, (client) => client.readResource('a:1')],
    ['contents without text and blob', { contents: [{ uri: 'a:1' }] }, (client) => client.readResource('a:1')],
    ['contents without a uri', { contents: [{ text: '' }] }, (client) => client.readResource('a:1')],
    ['messages that are no list', {}, (client) => client.getPrompt('p')],
    ['a message without content', { messages: [{ role: 'user' }] }, (client) => client.getPrompt('p')],
    ['no completion', {}, (client) => client.complete(REF, ARGUMENT)],
    ['completed numbers', { completion: { values: [1] } }, (client) => client.complete(REF, ARGUMENT)],
    ['a resource without a uri', { resources: [{ name: 'a' }] }, (client) => client.listResources()],
    ['a template without one', { resourceTemplates: [{ name: 'a' }] }, (client) => client.listResourceTemplates()],
    ['a prompt without a name', { prompts: [{}] }, (client) => client.listPrompts()],
  ])('an answer with %s is an invalid result', async (_, result, ask) => {
    await using client = await connect(answering(era, result))
    expect(await failure(ask(client))).toBeInstanceOf(InvalidResultError)
  })

  test('progress of a read is told', async () => {
    const server = scripted(
      ofEra(era, (call, wire) => {
        const meta = call.params?._meta as JsonObject
        const params = { progressToken: meta.progressToken, progress: 1 }
        wire.send({ jsonrpc: '2.0', method: 'notifications/progress', params })
        wire.answer(call, { contents: [] })
      }),
    )
    await using client = await connect(server)
    const told: number[] = []
    await client.readResource('a:1', { onProgress: ({ progress }) => told.push(progress) })
    expect(told).toEqual([1])
  })

  test('what the server says of itself is told again', async () => {
    await using client = await connect(answering(era, {}))
    const { versions, capabilities, server } = await client.discover()
    expect(versions).toEqual([client.version])
    expect([capabilities, server]).toEqual([{ tools: {} }, SERVER_INFO])
  })
})

test('[MCP-231] a server that keeps the roots is told that they changed, and no other', async () => {
  const [old, bare, young] = [scripted(ofEra('legacy')), scripted(ofEra('legacy')), scripted(ofEra('modern'))]
  await using first = await connect(old, { on: { roots: [] } })
  await first.rootsChanged()
  expect((await old.got('initialize')).params).toMatchObject({ capabilities: { roots: { listChanged: true } } })
  await old.got('notifications/roots/list_changed')
  await using second = await connect(bare)
  await second.rootsChanged()
  await using third = await connect(young, { on: { roots: [] } })
  await third.rootsChanged()
  await Promise.all([bare.wire.flushed(), young.wire.flushed()])
  expect([...bare.methods, ...young.methods]).not.toContain('notifications/roots/list_changed')
})

test.each([...ERAS])('headers of a request go with it to the channel, and with no other (%s)', async (era) => {
  const server = answering(era, { contents: [], content: [] })
  const ways: unknown[] = []
  await using client = await connect({
    name: server.name,
    identity: server.identity,
    silenceIsEvidence: true,
    async open(options) {
      const channel = await server.open(options)
      return {
        ...channel,
        send(message, way) {
          ways.push(way)
          return channel.send(message, way)
        },
      }
    },
  })
  ways.length = 0
  const headers = { traceparent: '00-1-2-01' }
  await client.callTool('t', {}, { headers })
  await client.readResource('a:1', { headers })
  await client.callTool('t')
  expect(ways).toEqual([{ headers }, { headers }, undefined])
})
