import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { citingFiles, contradictions, findCitations } from '../scripts/lib/citations.ts'
import { coveragePage } from '../scripts/lib/citations-page.ts'
import { root } from '../scripts/lib/commands.ts'
import { readAll } from '../scripts/lib/files.ts'
import { exceptions, remarks } from './requirements.exceptions.ts'
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

test('no rule is left open, and one that is not cited has a reason in a sentence', () => {
  const open = Object.entries(requirements).filter(([, { status }]) => status === 'later')
  expect(open.map(([id]) => id)).toEqual([])
  for (const [rule, { reason }] of exceptions)
    expect([rule, reason]).toEqual([rule, expect.stringMatching(/^[A-Z].+\.$/)])
})

test('what is said of a rule beside its tests is a sentence, and what is said against a rule no test contradicts', () => {
  for (const [rule, remark] of remarks) expect([rule, remark]).toEqual([rule, expect.stringMatching(/^[A-Z].+\.$/)])
  const said = [...remarks.keys(), ...exceptions.keys()]
  expect(new Set(said).size).toBe(said.length)
  const cited = Object.values(requirements).filter(({ status }) => status === 'implemented')
  expect(cited.filter(({ rule }) => exceptions.has(rule))).toEqual([])
})

test('no MUST is broken', () => {
  const broken = Object.entries(requirements).filter(
    ([, { level, status }]) => level === 'MUST' && status === 'not kept',
  )
  expect(broken.map(([id]) => id)).toEqual([])
})

test('the page of coverage is that of the tests: bun scripts/requirements.ts --page', async () => {
  const page = await Bun.file(join(root, 'docs/coverage.md')).text()
  expect(page === coveragePage(requirements, findCitations(await readAll(citingFiles)))).toBe(true)
})
