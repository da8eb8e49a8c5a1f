import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../jsonrpc/message.ts'
import { handshakeRevisions } from './index.ts'

function encode(version: string, method: string, params?: JsonObject): JsonObject | undefined {
  const revision = handshakeRevisions.find((one) => one.version === version)
  if (revision === undefined) throw new TypeError(`there is no revision ${version}`)
  return revision.encodeInput({ method, ...(params !== undefined && { params }) }, 'unique').params
}

const ELICIT = 'elicitation/create'
const SAMPLE = 'sampling/createMessage'
const formOf = (field: JsonObject): JsonObject => ({
  mode: 'form',
  message: 'm',
  requestedSchema: { type: 'object', properties: { field } },
})

describe('an elicitation', () => {
  test('of a page is named in 2025-11-25, unless it has a name', () => {
    const page = { mode: 'url', message: 'm', url: 'https://example.com' }
    expect(encode('2025-11-25', ELICIT, page)).toEqual({ ...page, elicitationId: 'unique' })
    expect(encode('2025-11-25', ELICIT, { ...page, elicitationId: 'own' })).toEqual({ ...page, elicitationId: 'own' })
    expect(() => encode('2025-06-18', ELICIT, page)).toThrow('cannot word elicitation in the mode "url"')
  })

  test('by a form stays as it is in 2025-11-25', () => {
    const form = formOf({ type: 'string', default: 'd' })
    expect(encode('2025-11-25', ELICIT, form)).toEqual(form)
  })

  test('by a form has no mode and simpler fields in 2025-06-18', () => {
    const fields: [JsonObject, JsonObject][] = [
      [
        { type: 'string', title: 'T', default: 'd' },
        { type: 'string', title: 'T' },
      ],
      [
        { type: 'boolean', default: true },
        { type: 'boolean', default: true },
      ],
      [
        { type: 'string', oneOf: [{ const: 'a', title: 'A' }], default: 'a' },
        { type: 'string', enum: ['a'], enumNames: ['A'] },
      ],
    ]
    for (const [field, expected] of fields) {
      expect(encode('2025-06-18', ELICIT, formOf(field))).toEqual({
        message: 'm',
        requestedSchema: { type: 'object', properties: { field: expected } },
      })
    }
    const several = formOf({ type: 'array', items: { type: 'string', enum: ['a'] } })
    expect(() => encode('2025-06-18', ELICIT, several)).toThrow('cannot word a form field with several choices')
  })
})

describe('a sampling', () => {
  const text = { type: 'text', text: 't' }
  const audio = { type: 'audio', data: '', mimeType: 'audio/wav' }
  const params = { maxTokens: 1, messages: [{ role: 'user', content: [text, audio] }] }

  test('has one block in each message before 2025-11-25', () => {
    expect(encode('2025-11-25', SAMPLE, params)).toEqual(params)
    expect(encode('2025-06-18', SAMPLE, params)?.messages).toEqual([
      { role: 'user', content: text },
      { role: 'user', content: audio },
    ])
  })

  test('has no sound in 2024-11-05', () => {
    expect(encode('2024-11-05', SAMPLE, params)?.messages).toEqual([
      { role: 'user', content: text },
      { role: 'user', content: { type: 'text', text: expect.stringContaining('audio/wav') } },
    ])
  })
})

test('other questions stay as they are', () => {
  expect(encode('2024-11-05', 'roots/list')).toBeUndefined()
  expect(encode('2024-11-05', 'roots/list', { a: 1 })).toEqual({ a: 1 })
})
