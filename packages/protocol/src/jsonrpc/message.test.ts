import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { JsonRpcErrorResponse, JsonRpcNotification, JsonRpcRequest, JsonRpcResultResponse } from '../shapes/envelope.ts'
import { classify, encodeMessage, excerptOf, explainInvalid, type MessageKind, SerialisedResult } from './message.ts'

const schemas = [
  ['request', JsonRpcRequest],
  ['notification', JsonRpcNotification],
  ['result', JsonRpcResultResponse],
  ['error', JsonRpcErrorResponse],
] as const

function kindBySchema(value: unknown): MessageKind {
  if (Array.isArray(value)) return 'batch'
  return schemas.find(([, schema]) => schema.safeParse(value).success)?.[0] ?? 'invalid'
}

const member = fc.oneof(
  fc.constantFrom<unknown>('2.0', '1.0', 2, 0, 1, -1, 1.5, 2 ** 53, -(2 ** 53), null, true, '', 'x', [], {}),
  fc.constantFrom<unknown>({ code: 1, message: 'm' }, { code: '1', message: 'm' }, { code: 1 }, { message: 'm' }),
  fc.jsonValue(),
)
const key = fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'result', 'error', 'extra', '__proto__', 'constructor')

/** Well-formed messages, before anything happens to them. */
const sound = fc.oneof(
  fc.record(
    { jsonrpc: fc.constant('2.0'), id: fc.oneof(fc.string(), fc.integer()), method: fc.string(), params: fc.object() },
    { requiredKeys: ['jsonrpc', 'method'] },
  ),
  fc.record({ jsonrpc: fc.constant('2.0'), id: fc.oneof(fc.string(), fc.integer()), result: fc.object() }),
  fc.record(
    {
      jsonrpc: fc.constant('2.0'),
      id: fc.oneof(fc.string(), fc.integer()),
      error: fc.record(
        { code: fc.integer(), message: fc.string(), data: fc.jsonValue() },
        { requiredKeys: ['code', 'message'] },
      ),
    },
    { requiredKeys: ['jsonrpc', 'error'] },
  ),
)

/** What a wire can carry: mutated by replaced, added and missing members, and read back from JSON text. */
const wireValue = fc
  .oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(sound, fc.array(fc.tuple(key, fc.option(member, { nil: undefined })), { maxLength: 3 })),
    },
    { weight: 2, arbitrary: fc.tuple(fc.dictionary(key, member), fc.constant([])) },
  )
  .map(([message, changes]) => {
    const entries = new Map<string, unknown>([...Object.entries(message), ...changes])
    const text = [...entries].flatMap(([name, value]) =>
      value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`],
    )
    return JSON.parse(`{${text.join(',')}}`) as { id?: unknown; error?: { code?: unknown } }
  })

/** Where the classifier is more tolerant than the published schemas, on purpose. */
function isLeniency(value: { id?: unknown; error?: { code?: unknown } }): boolean {
  return value.id === null || !Number.isInteger(value.error?.code)
}

describe('classify', () => {
  test('agrees with the published schemas [MCP-001, MCP-002, MCP-006, MCP-007]', () => {
    const seen = new Set<MessageKind>()
    fc.assert(
      fc.property(wireValue, (value) => {
        const kind = classify(value)
        const published = kindBySchema(value)
        seen.add(kind)
        if (kind === 'error' && published === 'invalid') expect(isLeniency(value)).toBe(true)
        else expect(kind).toBe(published)
      }),
      { numRuns: 5000 },
    )
    expect(seen).toEqual(new Set<MessageKind>(['request', 'notification', 'result', 'error', 'invalid']))
  })

  test('agrees with them on values that are no objects, and on params that are there but undefined', () => {
    for (const value of [null, undefined, true, 0, '', 'x', [], [1]]) expect(classify(value)).toBe(kindBySchema(value))
    const message = { jsonrpc: '2.0', id: 1, method: 'm', params: undefined }
    expect([classify(message), kindBySchema(message)]).toEqual(['request', 'request'])
  })

  test.each([
    [{ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'm' } }],
    [{ jsonrpc: '2.0', error: { code: -32700, message: 'm' } }],
    [{ jsonrpc: '2.0', id: 1, error: { code: -32700.5, message: 'm' } }],
  ])('takes %j for the error it is meant to be', (value) => {
    expect(classify(value)).toBe('error')
  })

  test('refuses ids that cannot be echoed exactly [MCP-002]', () => {
    for (const id of [null, true, 1.5, 2 ** 53, [], {}]) {
      expect(classify({ jsonrpc: '2.0', id, method: 'm' })).toBe('invalid')
    }
    for (const id of ['', '1', 0, -1, 2 ** 53 - 1])
      expect(classify({ jsonrpc: '2.0', id, method: 'm' })).toBe('request')
  })
})

describe('explainInvalid', () => {
  test('never throws, and finds every id that can be read', () => {
    fc.assert(
      fc.property(fc.oneof(wireValue, fc.jsonValue(), fc.anything()), (value) => {
        const { reason, id, isResponse } = explainInvalid(value)
        expect(reason).not.toBe('')
        const given = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
        const readable = typeof given === 'string' || Number.isSafeInteger(given)
        expect<unknown>(id).toEqual(readable && !Array.isArray(value) ? given : undefined)
        if (isResponse) expect(value).not.toHaveProperty('method')
      }),
      { numRuns: 3000 },
    )
  })

  test('survives what is nested too deeply to be written', () => {
    const deep: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000))
    expect(explainInvalid({ jsonrpc: deep, id: 1, method: 'm' })).toMatchObject({ id: 1, isResponse: false })
    expect(explainInvalid({ jsonrpc: '2.0', id: deep, method: 'm' }).reason).toContain('id must be')
    expect(excerptOf(deep)).toBe('(cannot be shown as JSON)')
  })

  test.each([
    [[], 'a message must be a JSON object, got an array'],
    [null, 'a message must be a JSON object, got null'],
    ['x', 'a message must be a JSON object, got a string'],
    [{ id: 1 }, 'jsonrpc must be "2.0", got nothing'],
    [{ jsonrpc: '1.0' }, 'jsonrpc must be "2.0", got "1.0"'],
    [{ jsonrpc: '2.0', id: 1.5, method: 'm' }, 'id must be a string or an integer, got 1.5'],
    [{ jsonrpc: '2.0', id: 1 }, 'a message needs a method, a result or an error'],
    [{ jsonrpc: '2.0', id: 1, result: {}, error: {} }, 'a response has either a result or an error'],
    [{ jsonrpc: '2.0', result: {} }, 'a result needs an id'],
    [{ jsonrpc: '2.0', id: 1, error: 'x' }, 'error must be an object with a numeric code and a message'],
    [{ jsonrpc: '2.0', id: 1, result: [] }, 'result must be an object, got an array'],
    [{ jsonrpc: '2.0', method: 5 }, 'method must be a string, got a number'],
    [{ jsonrpc: '2.0', method: 'm', params: [] }, 'params must be an object, got an array'],
    [{ jsonrpc: '2.0', method: 'm', result: {} }, 'a request cannot carry a result or an error'],
  ])('says what is wrong with %j', (value, reason) => {
    expect(explainInvalid(value).reason).toBe(reason)
  })
})

describe('encodeMessage', () => {
  test('writes every message as one line that reads back as it was [MCP-024]', () => {
    fc.assert(
      fc.property(sound, (message) => {
        const text = encodeMessage(message as Parameters<typeof encodeMessage>[0])
        expect(text).not.toMatch(/[\n\r]/)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(message)))
      }),
      { numRuns: 1000 },
    )
  })

  test('uses the text of a result that has one', () => {
    const result = new SerialisedResult('{"tools":[]}')
    expect(encodeMessage({ jsonrpc: '2.0', id: 'a"b', result })).toBe(
      '{"jsonrpc":"2.0","id":"a\\"b","result":{"tools":[]}}',
    )
    expect(JSON.stringify({ result })).toBe('{"result":{"tools":[]}}')
  })

  test.each([
    ['a BigInt', { n: 1n }],
    ['a toJSON that leaves nothing', { toJSON: () => undefined }],
  ])('refuses %s', (_, result) => {
    expect(() => encodeMessage({ jsonrpc: '2.0', id: 1, result })).toThrow(TypeError)
  })
})
