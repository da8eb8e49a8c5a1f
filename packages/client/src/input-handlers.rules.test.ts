import { describe, expect, spyOn, test } from 'bun:test'
import type { CreateMessageResult, Root } from '@bao-mcp/protocol'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { connect } from './connect.ts'
import type { InputHandlers } from './input-handlers.ts'
import { asking, FORM } from './testing/asking-server.test.kit.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, scripted } from './testing/scripted-server.test.kit.ts'

const SAMPLING = 'sampling/createMessage'
const text = { type: 'text', text: 'hi' } as const
const use = { type: 'tool_use', id: 'u1', name: 'weather', input: {} }
const result = { type: 'tool_result', toolUseId: 'u1', content: [] }
const SAMPLED: CreateMessageResult = { role: 'assistant', content: text, model: 'm' }

describe('roots', () => {
  test.each(['https://example.com/a', '/home/ada', 'file:/a', 'c:\\work', ''])(
    'that are no file URIs never leave, such as %j [MCP-230]',
    async (uri) => {
      const roots = [{ uri: 'file:///fine' }, { uri }]
      for (const given of [roots, () => roots]) {
        const legacy = asking('legacy', 'roots/list')
        await using first = await connect(legacy, { on: { roots: given } })
        await first.callTool('look')
        expect((await legacy.told()).error).toMatchObject({ code: -32_603 })
        const modern = asking('modern', 'roots/list')
        await using second = await connect(modern, { on: { roots: given } })
        const error = await failure(second.callTool('look'))
        expect(error).toMatchObject({ code: 'invalid_answer', issues: [`${JSON.stringify(uri)} is no file:// URI`] })
      }
    },
  )

  test('are told as they are, whatever the case of their scheme [MCP-230]', async () => {
    const roots: Root[] = [{ uri: 'FILE:///a%20b', name: 'A' }, { uri: 'file://host/share' }]
    const server = asking('modern', 'roots/list')
    await using client = await connect(server, { on: { roots } })
    await client.callTool('look')
    expect((await server.told()).result).toEqual({ roots })
  })
})

describe('messages to sample', () => {
  test.each<[string, JsonObject[]]>([
    [
      'other content beside tool results [MCP-235]',
      [
        { role: 'assistant', content: [use] },
        { role: 'user', content: [result, text] },
      ],
    ],
    [
      'a tool use that is not answered [MCP-236]',
      [
        { role: 'assistant', content: [use] },
        { role: 'user', content: text },
      ],
    ],
  ])('with %s are refused before anybody sees them', async (_, messages) => {
    let seen = 0
    const on: InputHandlers = {
      sampling: () => {
        seen++
        return SAMPLED
      },
    }
    const server = asking('legacy', SAMPLING, { messages, maxTokens: 1 })
    await using client = await connect(server, { on })
    await client.callTool('write')
    expect((await server.told()).error).toMatchObject({ code: -32_602 })
    expect(seen).toBe(0)
  })

  test.each([...ERAS])(
    'reach their handler with all metadata, and so does its answer the server [MCP-237] (%s)',
    async (era) => {
      const _meta = { 'com.example/trace': 7 }
      const messages = [
        { role: 'assistant', content: [{ ...use, _meta }] },
        { role: 'user', content: [{ ...result, _meta }] },
      ]
      const answered: CreateMessageResult = {
        role: 'assistant',
        model: 'm',
        content: [{ type: 'tool_use', id: 'u2', name: 'weather', input: {}, _meta }],
      }
      const seen: unknown[] = []
      const on: InputHandlers = {
        sampling: {
          tools: true,
          create(ask) {
            seen.push(ask.messages)
            return answered
          },
        },
      }
      const server = asking(era, SAMPLING, { messages, maxTokens: 1 })
      await using client = await connect(server, { on })
      await client.callTool('write')
      expect((await server.told()).result).toEqual({ ...answered })
      expect(seen).toEqual([messages])
    },
  )

  test('are answered with one block to servers older than 2025-11-25 [MCP-241]', async () => {
    const question = { jsonrpc: '2.0', id: 'q1', method: SAMPLING, params: { messages: [], maxTokens: 1 } }
    const server = scripted(
      ofEra(
        'legacy',
        (message, wire) => {
          if (message.method === 'tools/call') return wire.send(question)
          if (message.id === 'q1') wire.answer({ ...message, id: 2 }, { content: [] })
        },
        { protocolVersion: '2025-06-18' },
      ),
    )
    const on: InputHandlers = { sampling: () => ({ ...SAMPLED, content: [text, { type: 'text', text: 'there' }] }) }
    await using client = await connect(server, { on, pin: 'legacy' })
    await client.callTool('write')
    expect((await server.answered('q1')).result).toMatchObject({ content: { type: 'text', text: 'hi\nthere' } })
  })
})

describe('a page to open', () => {
  test.each([...ERAS])('reaches its handler in full, and nobody else fetches it [MCP-248] (%s)', async (era) => {
    using fetched = spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nothing may be fetched'))
    const url = 'https://pay.example/%70ay?a=1&b=%C3%A9#part'
    const shown: string[] = []
    const on: InputHandlers = {
      elicitation: {
        url(page) {
          shown.push(page.url)
          return { action: 'decline' }
        },
      },
    }
    const asker = asking(era, 'elicitation/create', { mode: 'url', message: 'Pay', url, elicitationId: 'e' })
    await using client = await connect(asker, { on })
    await client.callTool('pay')
    expect((await asker.told()).result).toEqual({ action: 'decline' })
    expect(shown).toEqual([url])
    expect(fetched).not.toHaveBeenCalled()
  })
})

test.each([...ERAS])('who takes nothing declares nothing, and is asked nothing [MCP-233] (%s)', async (era) => {
  const server = asking(era, 'elicitation/create', FORM)
  await using client = await connect(server)
  const call = client.callTool('register')
  if (era === 'modern') expect(await failure(call)).toMatchObject({ code: 'undeclared' })
  else expect((await server.told()).error).toMatchObject({ code: -32_601 })
  const said = JSON.stringify(server.received)
  for (const capability of ['"elicitation":', '"sampling":', '"roots":']) expect(said).not.toContain(capability)
})
