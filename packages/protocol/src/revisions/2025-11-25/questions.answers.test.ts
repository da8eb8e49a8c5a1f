import { expect, test } from 'bun:test'
import type { JsonObject } from '../../jsonrpc/message.ts'
import { handshakeRevisions } from './index.ts'

const SAMPLE = 'sampling/createMessage'
const text = (words: string): JsonObject => ({ type: 'text', text: words })
const image = { type: 'image', data: 'AQ==', mimeType: 'image/png' }
const sampled = (content: unknown): JsonObject => ({ role: 'assistant', model: 'm', content })

function encode(version: string, method: string, result: JsonObject): JsonObject {
  const revision = handshakeRevisions.find((one) => one.version === version)
  if (revision === undefined) throw new TypeError(`there is no revision ${version}`)
  return revision.encodeAnswer(method, result)
}

test.each(['2024-11-05', '2025-03-26', '2025-06-18'])('a sampled message of %s is one block [MCP-241]', (version) => {
  expect(encode(version, SAMPLE, sampled(text('a')))).toEqual(sampled(text('a')))
  expect(encode(version, SAMPLE, sampled([image]))).toEqual(sampled(image))
  expect(encode(version, SAMPLE, sampled([text('a'), text('b')]))).toEqual(sampled(text('a\nb')))
  expect(encode(version, SAMPLE, sampled([]))).toEqual(sampled(text('')))
  expect(() => encode(version, SAMPLE, sampled([text('a'), image]))).toThrow('takes one block of content, not several')
})

test('later, and where nothing was sampled, an answer stays as it is', () => {
  expect(encode('2025-11-25', SAMPLE, sampled([text('a'), image]))).toEqual(sampled([text('a'), image]))
  expect(encode('2025-06-18', 'elicitation/create', { content: ['a'] })).toEqual({ content: ['a'] })
})
