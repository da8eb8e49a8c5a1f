import { describe, expect, test } from 'bun:test'
import { callWriter, ERAS, faultOf, makeTexts, opening, REVISION } from './wire.ts'

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'

describe('requests', () => {
  test('are one line of JSON each, with their id', () => {
    for (const era of ERAS) {
      for (const line of [opening(era, 7), callWriter(era, ['a "quoted" text'])(7)]) {
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0', id: 7 })
      }
    }
  })

  test('carry their metadata in modern and none in legacy', () => {
    expect(JSON.parse(callWriter('modern', ['x'])(1)).params._meta[VERSION_KEY]).toBe(REVISION.modern)
    expect(JSON.parse(callWriter('legacy', ['x'])(1)).params).toEqual({ name: 'echo', arguments: { text: 'x' } })
  })

  test('pick the text by id', () => {
    const write = callWriter('legacy', ['zero', 'one'])
    expect(JSON.parse(write(3)).params.arguments.text).toBe('one')
  })
})

describe('makeTexts', () => {
  test('makes different texts of the exact size', () => {
    const texts = makeTexts(256, 64)
    expect(new Set(texts).size).toBe(256)
    expect(texts.every((text) => Buffer.byteLength(text) === 64)).toBe(true)
  })
})

describe('faultOf', () => {
  const result = (structured: unknown, block: unknown) => ({
    structuredContent: structured,
    content: [{ type: 'text', text: block }],
  })

  test('accepts the output as JSON, spaced JSON or bare text in the block', () => {
    for (const block of ['{"text":"hi"}', '{\n  "text": "hi"\n}', 'hi']) {
      expect(faultOf(result({ text: 'hi' }, block), 'hi')).toBeUndefined()
    }
  })

  test('finds a missing or foreign structured output', () => {
    expect(faultOf(result(undefined, 'hi'), 'hi')).toContain('structuredContent')
    expect(faultOf(result({ text: 'ho' }, 'hi'), 'hi')).toContain('structuredContent')
    expect(faultOf(undefined, 'hi')).toContain('structuredContent')
  })

  test('finds a missing or foreign text block', () => {
    expect(faultOf({ structuredContent: { text: 'hi' } }, 'hi')).toContain('content[0]')
    expect(faultOf(result({ text: 'hi' }, 'ho'), 'hi')).toContain('content[0]')
    expect(faultOf(result({ text: 'hi' }, '{"text":"ho"}'), 'hi')).toContain('content[0]')
  })
})
