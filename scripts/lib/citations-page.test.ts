import { expect, test } from 'bun:test'
import type { Requirement } from '../../tests/requirements.ts'
import { coveragePage } from './citations-page.ts'

const rule = (number: number, more: Partial<Requirement> = {}): Requirement => ({
  rule: number,
  revisions: 'all',
  role: 'B',
  level: 'MUST',
  text: `text ${number}`,
  status: 'implemented',
  reason: '',
  ...more,
})

const page = coveragePage(
  {
    'MCP-001': rule(1),
    'MCP-024': rule(24, { status: 'cannot apply', reason: 'There is nothing.' }),
    'MCP-027': rule(27, { level: 'SHOULD', status: 'not kept', reason: 'It costs too much.' }),
  },
  new Map([
    [
      'MCP-001',
      [
        { place: 'b.test.ts:1', path: 'b.test.ts', name: 'says <it> | *so*' },
        { place: 'a.test.ts:7', path: 'a.test.ts', name: 'twice' },
        { place: 'a.test.ts:9', path: 'a.test.ts', name: 'twice' },
      ],
    ],
  ]),
)

test('every rule stands in its part, with its tests by file or the reason why there are none', () => {
  expect(page).toContain(
    [
      '## Messages, ids, errors',
      '',
      '- **MCP-001** MUST `all` `B`: text 1. *kept*',
      '  - `b.test.ts`: says \\<it\\> \\| \\*so\\*',
      '  - `a.test.ts`: twice',
      '',
      '## Standard input and output',
      '',
      '- **MCP-024** MUST `all` `B`: text 24. *cannot apply*: There is nothing.',
      '- **MCP-027** SHOULD `all` `B`: text 27. ***not kept***: It costs too much.',
    ].join('\n'),
  )
})

test('the counts stand at the top', () => {
  expect(page.split('\n').filter((line) => /^\| (?:MUST|SHOULD)/.test(line))).toEqual([
    '| MUST | 1 | 1 | 0 | 0 | 2 |',
    '| SHOULD | 0 | 0 | 1 | 0 | 1 |',
  ])
})
