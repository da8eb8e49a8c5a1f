import { describe, expect, test } from 'bun:test'
import { adfToText, doc, paragraph, readAdf, text, textToAdf } from './adf.ts'
import { durationSeconds, jiraTime, showDuration } from './timestamps.ts'

describe('a document', () => {
  test.each([
    'plain',
    null,
    {},
    { type: 'doc', version: 2, content: [] },
    { type: 'doc', version: 1 },
    { type: 'doc', version: 1, content: [{ type: 'text', text: 'not a block' }] },
    doc(paragraph(text(''))),
    { type: 'doc', version: 1, content: [{ type: 'paragraph', content: 'x' }] },
  ])('is not %j', (value) => {
    expect(readAdf(value)).toBeUndefined()
  })

  test('is not nested without end', () => {
    let node = paragraph(text('deep'))
    for (let depth = 0; depth < 200; depth++) node = { type: 'blockquote', content: [node] }
    expect(readAdf(doc(node))).toBeUndefined()
  })

  test('made of text gives the same text back', () => {
    for (const value of ['a', 'a\nb', 'a\n\nb', '\n\n\na\n', '', 'x\n\n\n\ny']) {
      expect(adfToText(textToAdf(value))).toBe(value)
      expect(readAdf(textToAdf(value))).toBeDefined()
    }
  })
})

test('times and durations are written the way Jira does', () => {
  expect(jiraTime(0)).toBe('1970-01-01T00:00:00.000+0000')
  expect(['1h 30m', '1d', '1w', '2.5h', '', '5', '1x', '-1h'].map(durationSeconds)).toEqual([
    5_400,
    28_800,
    144_000,
    9_000,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect([5_400, 32_400, 0].map(showDuration)).toEqual(['1h 30m', '1d 1h', '0m'])
})
