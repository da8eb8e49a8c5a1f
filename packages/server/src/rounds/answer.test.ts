import { expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { isAnswerTo } from './answer.ts'

const ANSWERS: Readonly<Record<string, readonly JsonObject[]>> = {
  'elicitation/create': [
    { action: 'accept', content: { a: 1 } },
    { action: 'accept' },
    { action: 'decline' },
    { action: 'cancel' },
  ],
  'sampling/createMessage': [
    { role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm' },
    { role: 'assistant', content: [], model: 'm' },
  ],
  'roots/list': [{ roots: [] }, { roots: [{ uri: 'file:///a' }] }],
}

test('each question is answered by results of its own kind, and by no others', () => {
  for (const asked of Object.keys(ANSWERS)) {
    for (const [answered, results] of Object.entries(ANSWERS)) {
      for (const result of results) expect(isAnswerTo(asked, result)).toBe(asked === answered)
    }
  }
})

test('what has not the shape of a result answers nothing', () => {
  const malformed: JsonObject[] = [
    {},
    { action: 'maybe' },
    { action: 'accept', content: 'yes' },
    { role: 'assistant' },
    { role: 1, content: {} },
    { role: 'assistant', content: 'text' },
    { roots: {} },
    { roots: ['file:///a'] },
    { roots: [{ name: 'a' }] },
  ]
  for (const method of Object.keys(ANSWERS))
    for (const result of malformed) expect(isAnswerTo(method, result)).toBe(false)
})

test('nothing answers what no client can be asked', () => {
  for (const method of ['tools/list', '', 'constructor']) expect(isAnswerTo(method, { action: 'accept' })).toBe(false)
})
