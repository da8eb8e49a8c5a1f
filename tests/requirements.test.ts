import { expect, test } from 'bun:test'
import { citingFiles, contradictions, findCitations } from '../scripts/lib/citations.ts'
import { readAll } from '../scripts/lib/files.ts'
import { requirements } from './requirements.ts'

test('each requirement has an id of its own, a rule and a text', () => {
  const all = Object.entries(requirements)
  expect(all.length).toBe(318)
  expect(all.filter(([, { level }]) => level === 'MUST').length).toBe(229)
  expect(new Set(all.map(([, { text }]) => text)).size).toBe(all.length)
  for (const [id, { rule, text }] of all) {
    expect(id).toBe(`MCP-${String(rule).padStart(3, '0')}`)
    expect(text).not.toBe('')
  }
})

test('what is implemented is cited by a test, what is not is not, and every cited id exists', async () => {
  expect(contradictions(requirements, findCitations(await readAll(citingFiles)))).toEqual([])
})
