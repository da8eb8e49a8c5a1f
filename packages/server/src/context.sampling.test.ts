import { expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type Run, serverWith } from '../test/ask-kit.ts'
import { ALL_CAPABILITIES, eachEra, textOf } from '../test/kit.ts'

const user = (...content: JsonObject[]): JsonObject => ({ role: 'user', content })
const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'u1', name: 'weather', input: {} }] }
const result = { type: 'tool_result', toolUseId: 'u1', content: [] }
const text = { type: 'text', text: 'hi' }
const weather = { name: 'weather', inputSchema: { type: 'object' } }

/** A tool that samples with whatever params a test gives it, and says what came of it. */
function sampling(params: JsonObject): ReturnType<typeof serverWith> {
  const run: Run = async (_args, { ask }) => {
    // proof: what a handler in plain JavaScript asks is what the tests are about
    const { model } = await ask('s', { method: 'sampling/createMessage', params: params as never })
    return model
  }
  return serverWith(run, {}, { exposeErrors: true })
}

const answer = (): JsonObject => ({ role: 'assistant', content: text, model: 'm' })

eachEra((era, open) => {
  test('tools are offered where sampling.tools was declared, and nowhere else [MCP-234]', async () => {
    for (const more of [{ tools: [weather] }, { toolChoice: { mode: 'auto' } }]) {
      const server = sampling({ messages: [user(text)], maxTokens: 1, ...more })
      await using able = await open(server, { answer })
      expect(textOf(await able.call('it'))).toBe('m')
      await using plain = await open(server, { answer, capabilities: { ...ALL_CAPABILITIES, sampling: {} } })
      const refused = await plain.call('it').catch((error: unknown) => error)
      if (era === 'modern') expect(refused).toMatchObject({ code: -32_021 })
      else expect(refused).toMatchObject({ isError: true })
      expect(plain.questions).toEqual([])
    }
  })

  test('tool uses that are answered one by one are sent on, with their metadata [MCP-236, MCP-237]', async () => {
    const _meta = { 'com.example/trace': 7 }
    const messages = [
      user(text),
      { role: 'assistant', content: [{ ...use.content[0], _meta }] },
      user({ ...result, _meta }),
    ]
    await using pair = await open(sampling({ messages, maxTokens: 1 }), { answer })
    expect(textOf(await pair.call('it'))).toBe('m')
    expect(pair.questions[0]?.params?.messages).toEqual(messages)
  })

  test.each<[string, JsonObject[], string]>([
    ['other content beside tool results [MCP-235]', [use, user(result, text)], 'other content beside tool results'],
    ['an open tool use [MCP-236]', [use, user(text)], 'does not answer the tool use "u1"'],
  ])('messages with %s are a mistake of the handler, and are not sent', async (_, messages, why) => {
    await using pair = await open(sampling({ messages, maxTokens: 1 }), { answer })
    expect(textOf(await pair.call('it'))).toContain(why)
    expect(pair.questions).toEqual([])
  })
})
