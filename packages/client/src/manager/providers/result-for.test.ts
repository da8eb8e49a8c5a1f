import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { resultFor } from './result-for.ts'
import type { Provider } from './rules.ts'

const PROVIDERS: readonly Provider[] = ['openai', 'anthropic', 'gemini', 'ai-sdk']
const text = (words: string) => ({ type: 'text', text: words })
const pixel = { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo=' }

describe('a result for a model', () => {
  test('is plain text where there is nothing else', () => {
    const result = { content: [text('one'), text('two')] }
    expect(resultFor('openai', result)).toBe('one\ntwo')
    expect(resultFor('anthropic', result)).toEqual({
      content: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
    })
    expect(resultFor('gemini', result)).toEqual({ response: { output: 'one\ntwo' } })
    expect(resultFor('ai-sdk', result)).toEqual({ type: 'text', value: 'one\ntwo' })
  })

  test('says structured output once, the order of members and the spaces aside', () => {
    const result = { content: [text('{ "b": [1], "a": "x" }')], structuredContent: { a: 'x', b: [1] } }
    expect(resultFor('openai', result)).toBe('{ "b": [1], "a": "x" }')
    expect(resultFor('gemini', result)).toEqual({ response: { output: { a: 'x', b: [1] } } })
    expect(resultFor('ai-sdk', result)).toEqual({ type: 'json', value: { a: 'x', b: [1] } })
  })

  test('has structured output beside text that says something else', () => {
    const result = { content: [text('It is warm.')], structuredContent: { celsius: 26 } }
    expect(resultFor('openai', result)).toBe('It is warm.\n{"celsius":26}')
    expect(resultFor('gemini', { content: [], structuredContent: null })).toEqual({ response: { output: 'null' } })
  })

  test('that is a failure is marked as each provider marks it [MCP-210]', () => {
    const result = { content: [text('no such city')], isError: true }
    expect(resultFor('openai', result)).toBe('Error: no such city')
    expect(resultFor('anthropic', result)).toMatchObject({ is_error: true })
    expect(resultFor('gemini', result)).toEqual({ response: { error: 'no such city' } })
    expect(resultFor('ai-sdk', result)).toEqual({ type: 'error-text', value: 'no such city' })
    expect(resultFor('ai-sdk', { content: [pixel], isError: true })).toMatchObject({
      type: 'content',
      value: [{ text: 'Error:' }, { type: 'media' }],
    })
  })

  test('brings pictures where they are taken, and words about them elsewhere', () => {
    const result = { content: [text('a dot'), pixel] }
    expect(resultFor('openai', result)).toEqual([
      { type: 'input_text', text: 'a dot' },
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
    ])
    expect(resultFor('anthropic', result).content[1]).toMatchObject({
      type: 'image',
      source: { media_type: 'image/png' },
    })
    expect(resultFor('gemini', result).parts).toEqual([{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }])
    expect(resultFor('ai-sdk', result)).toMatchObject({
      type: 'content',
      value: [{}, { type: 'media', mediaType: 'image/png' }],
    })
    expect(resultFor('openai', result, { api: 'chat' })).toBe(
      'a dot\n[image, image/png: 12 characters of base64 the model cannot take]',
    )
  })

  test('has words for sound, for bytes that are no base64 and for a type that is none', () => {
    const content = [
      { type: 'audio', mimeType: 'audio/wav', data: 'AAAA' },
      { ...pixel, data: 'no base64!!!' },
      { ...pixel, mimeType: 'image/png;"x' },
    ]
    expect(String(resultFor('openai', { content })).split('\n')).toEqual([
      '[audio, audio/wav: 4 characters of base64 the model cannot take]',
      '[image, image/png: its data is no base64]',
      '[image, of unknown type: 12 characters of base64 the model cannot take]',
    ])
  })

  test('names resources, with their text or as links', () => {
    const content = [
      { type: 'resource', resource: { uri: 'file:///a.txt', mimeType: 'text/plain', text: 'hello' } },
      { type: 'resource_link', uri: 'file:///b', name: 'b', size: 3 },
      { type: 'resource', resource: { uri: 'file:///c.pdf', mimeType: 'application/pdf', blob: 'JVBE' } },
    ]
    expect(resultFor('openai', { content })).toEqual([
      { type: 'input_text', text: '[resource file:///a.txt, text/plain]\nhello\n[resource b, file:///b, 3 bytes]' },
      { type: 'input_file', filename: 'result.pdf', file_data: 'data:application/pdf;base64,JVBE' },
    ])
  })

  test('keeps content of a type nobody knows readable, without its bytes', () => {
    const block = { type: 'hologram', title: 'x', payload: 'A'.repeat(400) }
    expect(resultFor('openai', { content: [block] })).toBe(
      '[content of unknown type "hologram"] {"type":"hologram","title":"x","payload":"(400 characters of base64)"}',
    )
  })

  test('that is too long is cut between characters, and says where the rest is', () => {
    const result = { content: [text(`${'a'.repeat(9)}🥟${'b'.repeat(100)}`)] }
    const cut = resultFor('openai', result, { maxCharacters: 10, whole: { uri: 'bao://results/1', name: 'log' } })
    expect(cut).toBe(`${'a'.repeat(9)}\n[truncated: 10 of 111 characters are shown. All of it: log bao://results/1]`)
    expect(resultFor('openai', result, { maxCharacters: 10 })).toContain('Ask for less')
  })

  test('that is too long names the resources it came with', () => {
    const content = [{ type: 'resource', resource: { uri: 'file:///big', text: 'x'.repeat(200) } }]
    expect(resultFor('ai-sdk', { content }, { maxCharacters: 50 })).toMatchObject({
      type: 'text',
      value: expect.stringContaining('All of it: file:///big]'),
    })
  })

  test('is not built with a limit that is none', () => {
    expect(() => resultFor('openai', { content: [] }, { maxCharacters: 0 })).toThrow(
      'maxCharacters is 0; expected a positive integer',
    )
  })
})

test('whatever a server answers, something that can be sent comes out, of a bounded size', () => {
  const block = fc.oneof(
    fc.record(
      { type: fc.constantFrom('text', 'image', 'audio', 'resource', 'resource_link', 'x') },
      { requiredKeys: [] },
    ),
    fc.record({ type: fc.constant('text'), text: fc.string({ unit: 'binary', maxLength: 300 }) }),
    fc.jsonValue(),
  )
  const result = fc.record(
    { content: fc.oneof(fc.array(block), fc.jsonValue()), structuredContent: fc.jsonValue(), isError: fc.boolean() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(result, fc.constantFrom(...PROVIDERS), (answer, provider) => {
      const out = JSON.stringify(resultFor(provider, answer, { maxCharacters: 100 }))
      // each character may be written as six, and the mark has a length of its own
      expect(out.length).toBeLessThan(100 * 6 + 5_000)
    }),
  )
})
