import { describe, expect, test } from 'bun:test'
import { InvalidResultError, type JsonObject } from '@bao-mcp/protocol/engine'
import { z } from 'zod'
import { connect } from './connect.ts'
import { createKnownTools } from './known-tools.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, type ScriptedTransport, scripted } from './testing/scripted-server.test.kit.ts'

const SUM = { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] }

/** A server with one tool, listed with a schema, that always answers the same. */
function adder(era: 'legacy' | 'modern', outputSchema: JsonObject, result: JsonObject): ScriptedTransport {
  return scripted(
    ofEra(era, (call, wire) => {
      if (call.method !== 'tools/list') return wire.answer(call, result)
      wire.answer(call, { tools: [{ name: 'add', inputSchema: { type: 'object' }, outputSchema }] })
    }),
  )
}

describe.each([...ERAS])('a tool that was listed with an output schema (%s)', (era) => {
  test('[MCP-207] has its structured output checked against it', async () => {
    await using good = await connect(adder(era, SUM, { content: [], structuredContent: { sum: 3 } }))
    await good.listTools()
    expect((await good.callTool('add')).structured).toEqual({ sum: 3 })

    await using bad = await connect(adder(era, SUM, { content: [], structuredContent: { sum: 'three' } }))
    expect((await bad.callTool('add')).structured).toEqual({ sum: 'three' })
    await bad.listTools()
    const error = await failure(bad.callTool('add'))
    if (!(error instanceof InvalidResultError)) throw error
    expect(error.issues).toEqual([expect.stringMatching(/^sum: /)])
  })

  test('must have structured output, unless it failed', async () => {
    await using none = await connect(adder(era, SUM, { content: [] }))
    await none.listTools()
    expect(await failure(none.callTool('add'))).toBeInstanceOf(InvalidResultError)

    await using broken = await connect(adder(era, SUM, { content: [], isError: true }))
    await broken.listTools()
    expect((await broken.callTool('add')).isError).toBe(true)
  })

  test('is not checked where the caller has a schema, or wants no check', async () => {
    await using client = await connect(adder(era, SUM, { content: [], structuredContent: { sum: 'three' } }))
    await client.listTools()
    expect((await client.callTool('add', {}, { output: z.object({ sum: z.string() }) })).structured).toEqual({
      sum: 'three',
    })
    expect((await client.callTool('add', {}, { output: false })).structured).toEqual({ sum: 'three' })
  })

  test.each<[string, JsonObject, string]>([
    ['[MCP-199] of an unknown dialect', { $schema: 'http://example.com/x' }, 'http://example.com/x'],
    [
      '[MCP-200] [MCP-201] that refers to another document',
      { properties: { x: { $ref: 'https://example.com/' } } },
      'example.com',
    ],
    ['with a reference that leads nowhere', { properties: { a: { $ref: '#/$defs/none' } } }, '#/$defs/none'],
    ['with a broken pattern', { properties: { sum: { pattern: '(' } } }, 'regular expression'],
    ['[MCP-203] with a pattern that may take for ever', { properties: { x: { pattern: '^(a+)+$' } } }, '(a+)+'],
    ['[MCP-203] that is very long', { description: 'x'.repeat(300_000) }, '262144'],
  ])('%s fails its calls, naming what is wrong', async (_, schema, expected) => {
    const server = adder(era, schema, { content: [], structuredContent: { a: 1, sum: 's' } })
    await using client = await connect(server)
    await client.listTools()
    const error = await failure(client.callTool('add'))
    if (!(error instanceof InvalidResultError)) throw error
    expect(error.message).toContain(expected)
    expect((await client.callTool('add', {}, { output: false })).structured).toEqual({ a: 1, sum: 's' })
  })
})

test('what is known of a tool is what was listed last', () => {
  const known = createKnownTools()
  const tool = { name: 't', inputSchema: { type: 'object' as const } }
  known.learn([{ ...tool, annotations: { readOnlyHint: true }, outputSchema: SUM }])
  expect(known.get('t')).toEqual({ outputSchema: SUM, isRepeatable: true })
  known.learn([{ ...tool, annotations: { idempotentHint: false } }])
  expect(known.get('t')).toEqual({ outputSchema: undefined, isRepeatable: false })
  known.keepOnly([])
  expect(known.get('t')).toBeUndefined()
})
