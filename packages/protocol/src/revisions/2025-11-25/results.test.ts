import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../jsonrpc/message.ts'
import { complete } from '../../outcome.ts'
import type { Tool } from '../../shapes/tools.ts'
import type { Revision } from '../revision.ts'
import { handshakeRevisions } from './index.ts'

const identity = { info: { name: 's', version: '1' } }

function revisionOf(version: string): Revision {
  const revision = handshakeRevisions.find((one) => one.version === version)
  if (revision === undefined) throw new TypeError(`there is no revision ${version}`)
  return revision
}

const encode = (version: string, method: string, value: JsonObject): JsonObject =>
  revisionOf(version).encode(method, complete(value), identity)

describe('a tool as it is listed', () => {
  const inputSchema = {
    type: 'object',
    properties: { a: { $ref: '#/$defs/a' } },
    $defs: { a: {} },
    'x-own': 1,
  } as const
  const full: Tool = {
    name: 't',
    description: 'd',
    inputSchema,
    annotations: { readOnlyHint: true },
    title: 'T',
    outputSchema: { type: 'object' },
    _meta: { a: 1 },
    icons: [{ src: 'data:,' }],
    execution: { taskSupport: 'optional' },
    'x-unknown': 1,
  }
  const always = { name: 't', description: 'd', inputSchema, 'x-unknown': 1 }
  const annotations = { readOnlyHint: true }
  const middle = { ...always, annotations, title: 'T', outputSchema: { type: 'object' }, _meta: { a: 1 } }

  test.each<[string, JsonObject]>([
    ['2024-11-05', always],
    ['2025-03-26', { ...always, annotations }],
    ['2025-06-18', middle],
    ['2025-11-25', { ...middle, icons: [{ src: 'data:,' }], execution: { taskSupport: 'optional' } }],
  ])('has the members that %s knows, and unknown ones', (version, expected) => {
    const before = structuredClone(full)
    expect<unknown>(revisionOf(version).encodeTool(full)).toEqual(expected)
    expect(full).toEqual(before)
  })
})

describe('the result of a call', () => {
  const text = { type: 'text', text: 't' }
  const audio = { type: 'audio', data: 'AA==', mimeType: 'audio/wav' }
  const link = { type: 'resource_link', uri: 'file:///a', name: 'a' }
  const image = { type: 'image', data: 'AA==', mimeType: 'image/png' }
  const audioText = { type: 'text', text: '[audio content (audio/wav), which this protocol version cannot carry]' }
  const linkText = { type: 'text', text: 'a: file:///a' }
  const rest = { isError: false, _meta: { a: 1 }, extra: 2 }
  const structuredContent = { a: 1 }
  const value = { content: [text, audio, link, image], structuredContent, ...rest }

  test.each<[string, JsonObject]>([
    ['2024-11-05', { content: [text, audioText, linkText, image], ...rest }],
    ['2025-03-26', { content: [text, audio, linkText, image], ...rest }],
    ['2025-06-18', value],
    ['2025-11-25', value],
  ])('has the content that %s can carry, the rest as text', (version, expected) => {
    const before = structuredClone(value)
    expect(encode(version, 'tools/call', value)).toEqual(expected)
    expect(value).toEqual(before)
  })

  test.each([[null], [0], [''], [[1]], [false]])('wraps structured content that is %j', (structured) => {
    const given = { content: [text], structuredContent: structured }
    const wrapped = { content: [text], structuredContent: { result: structured } }
    for (const version of ['2025-06-18', '2025-11-25']) expect(encode(version, 'tools/call', given)).toEqual(wrapped)
    for (const version of ['2024-11-05', '2025-03-26']) {
      expect(encode(version, 'tools/call', given)).toEqual({ content: [text] })
    }
  })

  test('has no resultType and no cache hints', () => {
    for (const { version } of handshakeRevisions) {
      const encoded = encode(version, 'tools/list', { tools: [] })
      expect(encoded).toEqual({ tools: [] })
    }
  })

  test('of a prompt is adapted like that of a call', () => {
    const message = (content: unknown): JsonObject => ({ role: 'user', content })
    const prompt = { description: 'd', messages: [message(text), message(audio), message(link)] }
    expect(encode('2024-11-05', 'prompts/get', prompt)).toEqual({
      description: 'd',
      messages: [message(text), message(audioText), message(linkText)],
    })
    expect(encode('2025-03-26', 'prompts/get', prompt)).toEqual({
      description: 'd',
      messages: [message(text), message(audio), message(linkText)],
    })
    for (const version of ['2025-06-18', '2025-11-25']) expect(encode(version, 'prompts/get', prompt)).toBe(prompt)
  })

  test('may be of an odd shape and is then left alone', () => {
    for (const odd of [{ content: 'x' }, { content: [null, 'x', {}] }, {}]) {
      expect(encode('2024-11-05', 'tools/call', odd)).toEqual(odd)
    }
    for (const odd of [{ messages: 'x' }, { messages: [null, 'x'] }, {}]) {
      expect(encode('2024-11-05', 'prompts/get', odd)).toEqual(odd)
    }
  })
})

test('a question that reaches the wire is an internal error: the conversation should have asked it', () => {
  for (const revision of handshakeRevisions) {
    const question = { kind: 'input_required', requests: {}, state: 's' } as const
    expect(() => revision.encode('tools/call', question, identity)).toThrow(expect.objectContaining({ code: -32603 }))
    expect(() => revision.resume({}, { responses: {}, state: undefined })).toThrow(
      expect.objectContaining({ code: -32601, message: `${revision.version} has no input rounds` }),
    )
    expect(revision.round({ inputResponses: {}, requestState: 's' })).toBeUndefined()
  }
})

test('every result is complete, whatever its resultType says', () => {
  for (const revision of handshakeRevisions) {
    const result = { resultType: 'input_required', a: 1 }
    expect(revision.decode('tools/call', result)).toEqual({ kind: 'complete', value: result })
  }
})

test('requests add nothing but what they were given, and bring at most their progress token', () => {
  for (const revision of handshakeRevisions) {
    const params = { a: 1 }
    const who = { info: { name: 'c', version: '1' }, capabilities: {} }
    expect(revision.attach(params, who)).toBe(params)
    expect(revision.attach(undefined, who)).toBeUndefined()
    const remembered = {
      revision,
      clientCapabilities: {},
      clientInfo: undefined,
      logLevel: undefined,
      progressToken: undefined,
    }
    for (const token of ['t', 0, 7]) {
      const facts = revision.lift({ _meta: { progressToken: token } }, remembered)
      expect(facts).toEqual({ ...remembered, progressToken: token })
    }
    for (const _meta of [undefined, {}, 'x', { progressToken: 1.5 }, { progressToken: null }]) {
      expect(revision.lift({ _meta }, remembered)).toBe(remembered)
    }
    expect(revision.lift(undefined, remembered)).toBe(remembered)
    expect(() => revision.lift({}, undefined)).toThrow(expect.objectContaining({ code: -32603 }))
  }
})
