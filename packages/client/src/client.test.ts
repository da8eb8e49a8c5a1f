import { describe, expect, expectTypeOf, test } from 'bun:test'
import type { Tool } from '@bao-mcp/protocol'
import { InvalidResultError, isJsonObject, type JsonObject, type Notice, type Stray } from '@bao-mcp/protocol/engine'
import { z } from 'zod'
import type { Client } from './client.ts'
import { connect } from './connect.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, scripted } from './testing/scripted-server.test.kit.ts'

const TEXT = { type: 'text', text: '{"n":1}' }

function answering(result: JsonObject): (era: 'legacy' | 'modern') => ReturnType<typeof scripted> {
  return (era) => scripted(ofEra(era, (call, wire) => wire.answer(call, result)))
}

describe('calling a tool', () => {
  test.each([...ERAS])('sends its name and its arguments, if any (%s)', async (era) => {
    const server = answering({ content: [TEXT] })(era)
    await using client = await connect(server)
    await client.callTool('add', { a: 1 })
    await client.callTool('now')
    const [first, second] = server.received.filter(({ method }) => method === 'tools/call')
    expect(first?.params).toMatchObject({ name: 'add', arguments: { a: 1 } })
    expect(second?.params).not.toHaveProperty('arguments')
  })

  test.each([...ERAS])('gives the structured output beside the result, which stays as it came (%s)', async (era) => {
    const sent = { content: [TEXT], structuredContent: { n: 1 }, 'x-more': true }
    await using client = await connect(answering(sent)(era))
    const result = await client.callTool('count')
    expect(result.structured).toEqual({ n: 1 })
    expect(JSON.parse(JSON.stringify(result))).toEqual(sent)
  })

  test.each([...ERAS])('gives structured output that is null (%s)', async (era) => {
    await using client = await connect(answering({ content: [], structuredContent: null })(era))
    expect((await client.callTool('nothing')).structured).toBeNull()
    const { structured } = await client.callTool('nothing', {}, { output: z.null() })
    expect(structured).toBeNull()
  })

  test.each([...ERAS])('the failure of the tool itself is a result (%s)', async (era) => {
    await using client = await connect(answering({ content: [TEXT], isError: true })(era))
    const result = await client.callTool('fail', {}, { output: z.object({ n: z.number() }) })
    expect(result.isError).toBe(true)
    expect(result.structured).toBeUndefined()
  })

  test.each([...ERAS])('[MCP-207] checks the structured output against a schema of the caller (%s)', async (era) => {
    const output = z.object({ n: z.number().transform((n) => n + 1) })
    await using good = await connect(answering({ content: [TEXT], structuredContent: { n: 1 } })(era))
    const result = await good.callTool('count', {}, { output })
    expect(result.structured).toEqual({ n: 2 })
    expect(result.structuredContent).toEqual({ n: 1 })

    await using bad = await connect(answering({ content: [TEXT], structuredContent: { n: 'one' } })(era))
    const error = await failure(bad.callTool('count', {}, { output }))
    if (!(error instanceof InvalidResultError)) throw error
    expect(error.issues).toEqual([expect.stringMatching(/^n: /)])
  })

  test.each([...ERAS])('waits for a schema that takes its time (%s)', async (era) => {
    const output = z.object({ n: z.number().refine(async (n) => n > 1) })
    await using client = await connect(answering({ content: [TEXT], structuredContent: { n: 1 } })(era))
    expect(await failure(client.callTool('count', {}, { output }))).toBeInstanceOf(InvalidResultError)
  })

  test.each([...ERAS])('tolerates that the text is left out beside structured output (%s)', async (era) => {
    await using client = await connect(answering({ structuredContent: { n: 1 } })(era))
    expect(await client.callTool('count')).toMatchObject({ content: [], structuredContent: { n: 1 } })
  })

  for (const era of ERAS) {
    test.each<[string, JsonObject, z.ZodType | undefined]>([
      ['without content', {}, undefined],
      ['with content that is no list', { content: 'hi' }, undefined],
      ['with a block without type', { content: [TEXT, { text: 'x' }] }, undefined],
      ['with a block that is no object', { content: ['hi'] }, undefined],
      ['without the structured output that was asked for', { content: [TEXT] }, z.object({})],
    ])(`an answer %s is an invalid result (${era})`, async (_, result, output) => {
      await using client = await connect(answering(result)(era))
      expect(await failure(client.callTool('odd', {}, { output }))).toBeInstanceOf(InvalidResultError)
    })
  }
})

describe('listing tools', () => {
  const tool = (name: string): JsonObject => ({ name, inputSchema: { type: 'object', 'x-unknown': [1] } })
  const paged = (era: 'legacy' | 'modern'): ReturnType<typeof scripted> =>
    scripted(
      ofEra(era, (call, wire) => {
        if (call.params?.cursor === undefined) return wire.answer(call, { tools: [tool('a')], nextCursor: '' })
        wire.answer(call, { tools: [tool('b')] })
      }),
    )

  test.each([...ERAS])('[MCP-164] [MCP-202] gives all of them, as they came (%s)', async (era) => {
    await using client = await connect(paged(era))
    expect((await client.listTools()) as unknown[]).toEqual([tool('a'), tool('b')])
  })

  test.each([...ERAS])('goes as far as the loop (%s)', async (era) => {
    const server = paged(era)
    await using client = await connect(server)
    const names: string[] = []
    for await (const { name } of client.tools()) {
      names.push(name)
      break
    }
    expect(names).toEqual(['a'])
    expect(server.methods.filter((method) => method === 'tools/list')).toHaveLength(1)
  })

  test.each([...ERAS])('stops at maxPages (%s)', async (era) => {
    await using client = await connect(paged(era))
    expect(await failure(client.listTools({ maxPages: 1 }))).toBeInstanceOf(InvalidResultError)
  })
})

describe('signs of life and logs', () => {
  test('a ping is what the era has for it', async () => {
    const legacy = scripted(ofEra('legacy', (call, wire) => wire.answer(call, {})))
    await using old = await connect(legacy)
    await old.ping()
    expect(legacy.methods.at(-1)).toBe('ping')
    const modern = scripted(ofEra('modern'))
    await using young = await connect(modern)
    await young.ping()
    expect(modern.methods).toEqual(['server/discover', 'server/discover'])
  })

  test('a level is set once in the legacy era, where the server logs', async () => {
    const server = scripted(ofEra('legacy', (call, wire) => wire.answer(call, {}), { capabilities: { logging: {} } }))
    await using client = await connect(server, { logLevel: 'warning' })
    expect((await server.got('logging/setLevel')).params).toEqual({ level: 'warning' })
    await client.setLogLevel('debug')
    expect((await server.got('logging/setLevel', 2)).params).toEqual({ level: 'debug' })

    const mute = scripted(ofEra('legacy', (call, wire) => wire.answer(call, {})))
    await using other = await connect(mute, { logLevel: 'warning' })
    await other.ping()
    expect(mute.methods).not.toContain('logging/setLevel')
  })

  test('a level that is refused is reported and ends nothing', async () => {
    const strays: Stray[] = []
    const refusing = ofEra('legacy', (call, wire) => wire.fail(call, -32602, 'unknown level'), {
      capabilities: { logging: {} },
    })
    const server = scripted(refusing)
    await using client = await connect(server, { logLevel: 'warning', onStray: (stray) => strays.push(stray) })
    await failure(client.ping())
    expect(strays).toMatchObject([{ message: expect.stringContaining('unknown level') }])
  })

  test('a level is said with every request in the modern era', async () => {
    const server = scripted(ofEra('modern', (call, wire) => wire.answer(call, { content: [] })))
    await using client = await connect(server, { logLevel: 'warning' })
    await client.callTool('a')
    await client.setLogLevel('debug')
    await client.callTool('b')
    const levels = server.received.map(({ params }) => {
      const meta = params?._meta
      return isJsonObject(meta) ? meta['io.modelcontextprotocol/logLevel'] : meta
    })
    expect(levels).toEqual(['warning', 'warning', 'debug'])
  })

  test.each([...ERAS])('notices that belong to no call are heard, each by who asked for its kind (%s)', async (era) => {
    const heard: unknown[] = []
    const server = scripted(ofEra(era))
    await using _ = await connect(server, {
      onNotice: ({ method }: Notice) => heard.push(method),
      onLog: ({ level, data }) => heard.push([level, data]),
    })
    server.wire.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'hi' } })
    server.wire.send({ jsonrpc: '2.0', method: 'notifications/acme', params: {} })
    server.wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } })
    await server.wire.flushed()
    expect(heard).toEqual(['notifications/message', ['info', 'hi'], 'notifications/acme'])
  })

  test('a legacy server says by itself that its tools changed', async () => {
    const server = scripted(ofEra('legacy'))
    let changes = 0
    await using _ = await connect(server, { onToolsChanged: () => changes++ })
    server.wire.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    await server.wire.flushed()
    expect(changes).toBe(1)
    expect(server.methods).not.toContain('subscriptions/listen')
  })
})

describe('anything else', () => {
  test.each([...ERAS])('is sent and answered as it is (%s)', async (era) => {
    const server = answering({ completion: { values: [] } })(era)
    await using client = await connect(server)
    const params = { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } }
    expect(await client.request('completion/complete', params)).toEqual({ completion: { values: [] } })
    expect(server.received.at(-1)?.params).toMatchObject(params)
    await client.notify('notifications/acme', { a: 1 })
    expect((await server.got('notifications/acme')).params).toEqual({ a: 1 })
  })
})

test('the types say what is checked', () => {
  type Checked = Awaited<ReturnType<typeof typed>>
  const typed = (client: Client) =>
    client.callTool('count', {}, { output: z.object({ n: z.string().transform(Number) }) })
  expectTypeOf<Checked['structured']>().toEqualTypeOf<{ n: number } | undefined>()
  expectTypeOf<Extract<Checked, { isError: true }>['structured']>().toEqualTypeOf<undefined>()
  const untyped = (client: Client) => client.callTool('count')
  expectTypeOf<Awaited<ReturnType<typeof untyped>>['structured']>().toEqualTypeOf<unknown>()
  expectTypeOf<Awaited<ReturnType<Client['listTools']>>>().toEqualTypeOf<Tool[]>()
  // @ts-expect-error arguments are an object
  const wrong = (client: Client) => client.callTool('count', 'one')
  expect([typed, untyped, wrong]).toHaveLength(3)
})
