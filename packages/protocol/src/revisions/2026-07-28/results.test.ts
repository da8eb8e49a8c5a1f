import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../jsonrpc/message.ts'
import { complete, type Outcome } from '../../outcome.ts'
import { revision20260728 as revision } from './index.ts'

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo'
const info = { name: 's', version: '1' }
const _meta = { [SERVER_INFO]: info }
const cacheable = [
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'server/discover',
  'tools/list',
]

const encode = (method: string, outcome: Outcome): JsonObject => revision.encode(method, outcome, { info })
const refused = expect.objectContaining({ name: 'InvalidResultError', method: 'tools/call' })

describe('a complete result', () => {
  test('says so, and who answers [MCP-011]', () => {
    expect(encode('tools/call', complete({ content: [] }))).toEqual({ resultType: 'complete', content: [], _meta })
    expect(encode('tools/call', complete({ _meta: { a: 1 } }))).toEqual({
      resultType: 'complete',
      _meta: { ...(_meta as JsonObject), a: 1 },
    })
  })

  test('carries cache hints on the six cacheable methods and on no other [MCP-149, MCP-150]', () => {
    for (const method of revision.requests.keys()) {
      const hint = cacheable.includes(method) ? { ttlMs: 0, cacheScope: 'private' } : {}
      expect(encode(method, complete({}))).toEqual({ resultType: 'complete', ...hint, _meta })
    }
    const cache = { ttlMs: 5000, cacheScope: 'public' } as const
    expect(revision.encode('tools/list', complete({ tools: [] }), { info }, cache)).toEqual({
      resultType: 'complete',
      tools: [],
      ...cache,
      _meta,
    })
  })

  test('keeps structured content of any type, and null is not absent', () => {
    for (const structuredContent of [null, 0, '', [], false]) {
      expect(encode('tools/call', complete({ structuredContent }))).toHaveProperty(
        'structuredContent',
        structuredContent,
      )
    }
  })

  test('lists a tool as it is', () => {
    const tool = { name: 't', inputSchema: { type: 'object' as const }, outputSchema: { type: 'array' } }
    expect(revision.encodeTool(tool)).toBe(tool)
  })
})

describe('a result that requires input', () => {
  const requests = { a: { method: 'roots/list' } }

  test.each<[Outcome, JsonObject]>([
    [
      { kind: 'input_required', requests, state: 's' },
      { inputRequests: requests, requestState: 's' },
    ],
    [{ kind: 'input_required', requests }, { inputRequests: requests }],
    [{ kind: 'input_required', requests: {}, state: '' }, { requestState: '' }],
  ])('carries what there is of requests and state: %j [MCP-179]', (outcome, members) => {
    expect(encode('tools/call', outcome)).toEqual({ resultType: 'input_required', ...members, _meta })
  })

  test('is refused when it asks for nothing [MCP-179]', () => {
    const nothing = (): JsonObject => encode('tools/call', { kind: 'input_required', requests: {} })
    expect(nothing).toThrow(expect.objectContaining({ code: -32603 }))
  })

  test('answers calls, prompts and reads only [MCP-178]', () => {
    const question: Outcome = { kind: 'input_required', requests }
    const allowed = ['tools/call', 'prompts/get', 'resources/read']
    for (const method of revision.requests.keys()) {
      const asks = (): JsonObject => encode(method, question)
      if (allowed.includes(method)) expect(asks()).toMatchObject({ resultType: 'input_required' })
      else expect(asks).toThrow(expect.objectContaining({ code: -32603 }))
    }
  })
})

describe('decode', () => {
  test('reads back what encode wrote', () => {
    const outcome: Outcome = {
      kind: 'input_required',
      requests: { a: { method: 'roots/list', params: {} } },
      state: 's',
    }
    expect(revision.decode('prompts/get', encode('prompts/get', outcome))).toEqual(outcome)
    const result = encode('tools/list', complete({ tools: [] }))
    expect(revision.decode('tools/list', result)).toEqual(complete(result))
  })

  test('takes an absent resultType for complete [MCP-012]', () => {
    const result = { content: [], inputRequests: {} }
    expect(revision.decode('tools/call', result)).toEqual(complete(result))
  })

  test.each([['task'], ['Complete'], [''], [null], [1], [{}]])('refuses the resultType %j [MCP-013]', (resultType) => {
    expect(() => revision.decode('tools/call', { resultType, content: [] })).toThrow(refused)
  })

  test.each<[JsonObject]>([
    [{}],
    [{ inputRequests: {} }],
    [{ inputRequests: [] }],
    [{ inputRequests: { a: {} } }],
    [{ inputRequests: null, requestState: 's' }],
    [{ requestState: 5 }],
    [{ requestState: null }],
  ])('refuses input_required with %j', (members) => {
    expect(() => revision.decode('tools/call', { resultType: 'input_required', ...members })).toThrow(refused)
  })

  test('lets only calls, prompts and reads require input', () => {
    const result = { resultType: 'input_required', requestState: 's' }
    for (const [method, { asksForInput }] of revision.requests) {
      const decoded = (): Outcome => revision.decode(method, result)
      if (asksForInput) expect(decoded()).toEqual({ kind: 'input_required', requests: {}, state: 's' })
      else expect(decoded).toThrow(expect.objectContaining({ method, code: 'invalid_result' }))
    }
    expect(() => revision.decode('vendor/method', result)).toThrow(expect.objectContaining({ code: 'invalid_result' }))
  })
})
