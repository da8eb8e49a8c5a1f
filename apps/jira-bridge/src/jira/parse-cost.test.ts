import { expect, test } from 'bun:test'
import { isCostly } from './parse-cost.ts'

test.each([
  ['links that never close', '[a]('.repeat(2_000)],
  ['images that never close', '![]('.repeat(2_000)],
  ['links to angle brackets', '[a](<'.repeat(1_600)],
  ['links with open titles', '[a]("'.repeat(1_600)],
  ['links far from each other', `[a](${'x'.repeat(1_000)}`.repeat(100)],
  ['links behind brackets', '(+[a]([a](-'.repeat(800)],
  ['brackets within a link', `[a](${'('.repeat(20_000)}`],
  ['white space within a link', `[a](${' '.repeat(20_000)}"`],
  ['code of several backticks within a link', `[${'``a'.repeat(60)}`],
  ['code behind a bracket within a link', `[[x] ${'``a'.repeat(60)}`],
  ['code behind an escaped bracket', `[\\] ${'``a'.repeat(60)}`],
  ['code of all lengths within links', '[``` ```` `'.repeat(20)],
  ['code before a link', `[\`a]${'``b'.repeat(60)}`],
  ['one run of underscores', '_'.repeat(30_000)],
  ['underscores that open only', '_é-->'.repeat(6_000)],
  ['marks between punctuation', '~~(*'.repeat(8_000)],
  ['marks within what may be an address', '!'.repeat(200_000)],
  ['lines of one item', `- a\n${'words of a log\n'.repeat(2_000)}`],
  ['lines of one item in a quote', `> 1. a\n${'> b\n'.repeat(10_000)}`],
  ['marks behind a fence of a list, which ends there', `- \`\`\`\n  x\n  \`\`\`\n${'*a '.repeat(20_000)}\n\`\`\``],
])('%s cost the parser more than they are worth', (_, markdown) => {
  expect(isCostly(markdown)).toBe(true)
})

test.each([
  ['links', '[a link](https://e.com/a_(b)?c="d") and ![a picture](https://e.com/p.png "A title"), '.repeat(400)],
  ['links without a space between', '[a](https://e.com/1)'.repeat(200)],
  ['code with many brackets', `\`\`\`ts\n${'const a = b[c](d)("e")\n'.repeat(800)}\`\`\``],
  ['code of several backticks', 'words ``a`b`` [x](y) '.repeat(1_000)],
  ['a list', '- [ ] one *item* with `code` in [it](https://e.com)\n'.repeat(600)],
  [
    'a list of names in bold',
    '- **`name`**: what it *does*, "so to say", and ~~why~~ how to use it then.\n'.repeat(450),
  ],
  ['a list with some lines', `- a\n${'  b\n'.repeat(1_000)}`],
  ['names with underscores', 'snake_case_names '.repeat(1_900)],
  ['a log', '2026-01-01T00:00:00Z INFO [main](worker) request_id=1 "done"\n'.repeat(540)],
  ['a table', `| a | b |\n| - | - |\n${'| **c** | [d](https://e.com) |\n'.repeat(1_000)}`],
])('%s of the length Jira takes are no burden', (_, markdown) => {
  expect(isCostly(markdown)).toBe(false)
})
