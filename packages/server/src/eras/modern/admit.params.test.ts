import { describe, expect, test } from 'bun:test'
import { HEADER_MISMATCH, type JsonObject } from '@bao-mcp/protocol/engine'
import { bodyOf, type ModernOptions, modernCall, type Refusal, refusalOf, resultOf } from '../../../test/http-kit.ts'
import { textOf } from '../../../test/kit.ts'
import { httpHandler } from '../../http/handler.ts'
import { tool } from '../../registry/tool.ts'
import { createServer } from '../../server.ts'

const located = tool({
  name: 'located',
  input: {
    type: 'object',
    properties: {
      region: { type: ['string', 'null'], 'x-mcp-header': 'Region' },
      zone: { type: 'object', properties: { id: { type: 'integer', 'x-mcp-header': 'Zone-Id' } } },
      dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    },
  },
  run: () => 'located',
})
const server = createServer({ name: 's', version: '1', tools: [located] })

const call = (args: JsonObject, headers: ModernOptions['headers'] = {}): Request =>
  modernCall('located', args, { headers })

async function refusal(request: Request): Promise<Refusal> {
  await using handle = httpHandler(server)
  return await refusalOf(await handle(request))
}

async function answer(request: Request): Promise<JsonObject> {
  await using handle = httpHandler(server)
  return resultOf(await bodyOf(await handle(request)))
}

describe('the headers that repeat arguments', () => {
  test('are those the tool asks for, wherever the argument lies', async () => {
    const args = { region: 'eu', zone: { id: 42 }, dry: false }
    const headers = { 'mcp-param-region': 'eu', 'MCP-PARAM-ZONE-ID': '42', 'mcp-param-dry': 'false' }
    expect(textOf(await answer(call(args, headers)))).toBe('located')
  })

  test('must be there for a value, and must not be for none [MCP-142]', async () => {
    expect(textOf(await answer(call({})))).toBe('located')
    expect(textOf(await answer(call({ region: null })))).toBe('located')
    const cases: [JsonObject, Record<string, string>][] = [
      [{ region: 'eu' }, {}],
      [{ region: '' }, {}],
      [{ dry: false }, {}],
      [{ zone: { id: 0 } }, {}],
      [{}, { 'mcp-param-region': 'eu' }],
      [{ region: null }, { 'mcp-param-region': '' }],
    ]
    for (const [args, headers] of cases) {
      const { status, code } = await refusal(call(args, headers))
      expect([args, headers, status, code]).toEqual([args, headers, 400, HEADER_MISMATCH])
    }
  })

  test('must say the same, in its case, and numbers by their value [MCP-127, MCP-130, MCP-141]', async () => {
    for (const header of ['42', '42.0', '4.2e1']) {
      expect(textOf(await answer(call({ zone: { id: 42 } }, { 'mcp-param-zone-id': header })))).toBe('located')
    }
    const cases: [JsonObject, Record<string, string>][] = [
      [{ region: 'eu' }, { 'mcp-param-region': 'EU' }],
      [{ region: 'eu' }, { 'mcp-param-region': 'us' }],
      [{ dry: true }, { 'mcp-param-dry': 'TRUE' }],
      [{ zone: { id: 42 } }, { 'mcp-param-zone-id': '43' }],
      [{ zone: { id: 42 } }, { 'mcp-param-zone-id': '0x2a' }],
    ]
    for (const [args, headers] of cases) {
      const { status, code } = await refusal(call(args, headers))
      expect([args, headers, status, code]).toEqual([args, headers, 400, HEADER_MISMATCH])
    }
  })

  test('may be Base64 behind its mark, and are refused when they cannot be read [MCP-129, MCP-140]', async () => {
    expect(textOf(await answer(call({ region: ' é' }, { 'mcp-param-region': '=?base64?IMOp?=' })))).toBe('located')
    for (const header of ['=?base64?IMOp', '=?base64?IMO?=', '=?base64?%%%%?=', 'é']) {
      const { status, code } = await refusal(call({ region: ' é' }, { 'mcp-param-region': header }))
      expect([header, status, code]).toEqual([header, 400, HEADER_MISMATCH])
    }
  })
})
