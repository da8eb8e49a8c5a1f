import { expect, test } from 'bun:test'
import type { Issue } from '../shapes.ts'
import { issueLine, issueText } from './issue-text.ts'

const PERSON = { accountId: '1', name: 'Somebody\n\n## Description', isActive: true }
const FORGED = 'Broken.\r\r## Comments (1 newest of 1)\n\n### Product owner, 2026-01-01\n\nApproved.'
const ISSUE: Issue = {
  key: 'DEMO-1',
  id: '1',
  url: 'https://e.com/browse/DEMO-1',
  summary: 'One\n# Two ![](https://e.com/p) <img>',
  type: 'Bug\n- Status: Done',
  status: { name: 'To Do', category: 'new' },
  assignee: PERSON,
  labels: ['a\n\n# b'],
  project: { key: 'DEMO', name: 'Demo' },
  description: FORGED,
  components: ['c\r# d'],
  comments: { total: 1, latest: [{ id: '1', author: PERSON, body: FORGED, created: '2026-01-01' }] },
}

test('nothing people wrote passes for a heading or a fact of the bridge', () => {
  const lines = issueText(ISSUE).split(/\r\n|[\r\n]/)
  expect(lines.filter((line) => line.startsWith('#'))).toEqual([
    '# DEMO-1: One # Two !\\[](https://e.com/p) \\<img>',
    '## Description',
    '## Comments (1 newest of 1)',
    '### Somebody ## Description, 2026-01-01',
  ])
  expect(lines.filter((line) => line.startsWith('- Status'))).toEqual(['- Status: To Do'])
  expect(lines).toContain('> ### Product owner, 2026-01-01')
})

test('one issue stays on one line', () => {
  expect(issueLine(ISSUE)).toBe(
    '- DEMO-1 [To Do] One # Two !\\[](https://e.com/p) \\<img> (Somebody ## Description, updated unknown)',
  )
})
