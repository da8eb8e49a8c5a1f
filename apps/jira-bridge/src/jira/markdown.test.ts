import { expect, test } from 'bun:test'
import type { AdfNode } from './adf.ts'
import { adfToMarkdown, markdownToAdf } from './markdown.ts'

const doc = (...content: AdfNode[]): AdfNode => ({ type: 'doc', version: 1, content })
const p = (...content: AdfNode[]): AdfNode => ({ type: 'paragraph', content })
const t = (text: string, ...marks: string[]): AdfNode => ({
  type: 'text',
  text,
  ...(marks.length > 0 && { marks: marks.map((type) => ({ type })) }),
})

test.each([
  ['headings and paragraphs', '# One\n\nTwo words.\n\n###### Six'],
  ['marks', '**bold** *em* ~~gone~~ `code` **bold _and em_**'],
  ['links', '[here](https://example.com/a_b?x=1) and <https://example.com>'],
  ['lists', '- a\n  - b\n    1. c\n    2. d\n- e'],
  ['a list that begins elsewhere', '3. a\n4. b'],
  ['tasks', '- [ ] open\n  - [x] inner\n- [x] done'],
  ['code with a language', '```ts\nconst a: Array<b> = [] // ![x](y) &amp; *z*\n```'],
  ['code without one', '```\n- no list\n```'],
  ['quotes', '> a\n>\n> b'],
  ['tables', '| a | b |\n| - | - |\n| 1 | `x` |\n| 2 |   |'],
  ['rules', 'a\n\n---\n\nb'],
  ['line breaks', 'a\\\nb'],
  ['characters of all planes', 'ünïcödé 日本語 🎉 عربى'],
  ['text that looks like marks', '1\\*2\\*3 a_b \\[x] \\`'],
])('%s stay as they are on the way to Jira and back', (_, markdown) => {
  expect(adfToMarkdown(markdownToAdf(markdown))).toBe(markdown)
})

test.each([
  ['HTML', 'a <b>bold</b> word\n\n<div>block</div>', 'a <b>bold</b> word'],
  ['a comment', '<!-- hidden -->', '<!-- hidden -->'],
  ['an escaped bracket', 'a \\<b> c', 'a <b> c'],
  ['references', 'AT&amp;T &lt;x&gt; &#x41; &copy;', 'AT&T <x> A &copy;'],
  ['an escaped reference', '\\&amp;', '&amp;'],
])('%s is text in Jira', (_, markdown, text) => {
  expect(markdownToAdf(markdown).content?.[0]).toEqual(p(t(text)))
})

test('a document within HTML stays text: nobody smuggles nodes in', () => {
  const adf = markdownToAdf('<adf>\n{"type":"extension"}\n</adf>')
  expect(JSON.stringify(adf)).not.toContain('"type":"extension"')
  expect(adfToMarkdown(adf)).toContain('{"type":"extension"}')
})

test('images become links, wherever they stand, so that no reader loads anything', () => {
  const markdown = '# ![a](https://e.com/a.png)\n\n- ![b](https://e.com/b.png)\n\n![](https://e.com/c.png) wow![x]'
  expect(adfToMarkdown(markdownToAdf(markdown))).toBe(
    '# [a](https://e.com/a.png)\n\n- [b](https://e.com/b.png)\n\n[image](https://e.com/c.png) wow!\\[x]',
  )
})

test('a link that would run something loses its target and keeps its text', () => {
  expect(markdownToAdf('[x](javascript:alert(1)) [y](data:text/html,z)').content).toEqual([p(t('x y'))])
})

test.each([
  ['a heading in a list', '- # a', 'a'],
  ['a quote in a list', '- > a', 'a'],
  ['a quote in a quote', '> > a', 'a'],
  ['a heading in a quote', '> # a', 'a'],
  ['a table in a list', '- x\n\n  | a | b |\n  | - | - |\n  | c | d |', 'a | b'],
  ['a rule in a quote', '> ---', '---'],
  ['tasks in a quote', '> - [x] a', '[x] a'],
  ['a list in a task', '- [ ] x\n  - a', 'a'],
  ['nothing in a list', '-', ''],
])('%s leaves its text where Jira allows it', (_, markdown, text) => {
  expect(adfToMarkdown(markdownToAdf(markdown)).replaceAll('\\', '')).toContain(text)
})

const NODES: [string, AdfNode[], string][] = [
  ['mentions', [p({ type: 'mention', attrs: { id: '1', text: '@Developer' } }, t(' hi'))], '@Developer hi'],
  ['a mention without a text', [p({ type: 'mention', attrs: { id: '1' } })], '@1'],
  ['emoji', [p({ type: 'emoji', attrs: { shortName: ':tada:', text: '🎉' } })], '🎉'],
  ['emoji without a text', [p({ type: 'emoji', attrs: { shortName: ':blobby:' } })], ':blobby:'],
  ['dates', [p({ type: 'date', attrs: { timestamp: '1767225600000' } })], '2026-01-01'],
  ['a status', [p({ type: 'status', attrs: { text: 'DONE', color: 'green' } })], '`DONE`'],
  ['cards', [p({ type: 'inlineCard', attrs: { url: 'https://e.com/1' } })], '<https://e.com/1>'],
  ['block cards', [{ type: 'blockCard', attrs: { url: 'https://e.com/1' } }], '<https://e.com/1>'],
  [
    'files',
    [{ type: 'mediaSingle', content: [{ type: 'media', attrs: { type: 'file', id: '7', alt: 'plan.png' } }] }],
    '*attachment: plan.png*',
  ],
  [
    'pictures from elsewhere',
    [
      {
        type: 'mediaSingle',
        content: [{ type: 'media', attrs: { type: 'external', url: 'https://e.com/p', alt: 'p' } }],
      },
    ],
    '[p](https://e.com/p)',
  ],
  ['panels', [{ type: 'panel', attrs: { panelType: 'warning' }, content: [p(t('Hot'))] }], '> **Warning:**\n>\n> Hot'],
  ['expands', [{ type: 'expand', attrs: { title: 'More' }, content: [p(t('x'))] }], '**More**\n\nx'],
  ['decisions', [{ type: 'decisionList', content: [{ type: 'decisionItem', content: [t('Go')] }] }], '- Go'],
  ['colours and underlines', [p(t('a', 'textColor', 'underline'))], 'a'],
  ['marks with white space at their ends', [p(t('a '), t(' b ', 'strong'), t('c'))], 'a  **b** c'],
  ['marks that meet', [p(t('a', 'strong'), t('b', 'strong', 'em'), t('c', 'strong'))], '**a*b*c**'],
  ['unknown blocks', [{ type: 'novelty', content: [p(t('kept'))] }], 'kept'],
  ['unknown nodes in a line', [p(t('a '), { type: 'novelty', attrs: { text: 'kept' } })], 'a kept'],
  ['layouts', [{ type: 'layoutSection', content: [{ type: 'layoutColumn', content: [p(t('kept'))] }] }], 'kept'],
  ['a break at the end', [p(t('a'), { type: 'hardBreak' })], 'a'],
  ['addresses in a text', [p(t('see https://e.com/x_y. or a@e.com'))], 'see <https://e.com/x_y>. or <a@e.com>'],
  ['prototype names', [{ type: 'constructor', content: [p(t('kept'))] }], 'kept'],
  [
    'cells with several blocks',
    [
      {
        type: 'table',
        content: [
          { type: 'tableRow', content: [{ type: 'tableHeader', content: [p(t('a')), p(t('b'))] }] },
          { type: 'tableRow', content: [{ type: 'tableCell', content: [p(t('c'), { type: 'hardBreak' }, t('d|e'))] }] },
        ],
      },
    ],
    '| a b |\n| - |\n| c d\\|e |',
  ],
]

test.each(NODES)('%s of Jira are readable Markdown', (_, content, markdown) => {
  expect(adfToMarkdown(doc(...content))).toBe(markdown)
})

test.each([[undefined], [null], [7], [[]], [{}], [{ type: 'doc' }], [{ type: 'doc', content: [null, 7, {}] }]])(
  'what is no document (%j) is no text',
  (value) => {
    expect(adfToMarkdown(value)).toBe('')
  },
)

const link = (href: string): AdfNode['marks'] => [{ type: 'link', attrs: { href } }]
const media = (attrs: Record<string, unknown>): AdfNode => ({ type: 'media', attrs: { type: 'external', ...attrs } })

test.each<[string, AdfNode, string]>([
  [
    'a picture in a line',
    p(t('see '), { type: 'mediaInline', attrs: { url: 'https://e.com/p' } }),
    'see <https://e.com/p>',
  ],
  [
    'a picture with a link',
    p({ ...media({ url: 'https://e.com/p', alt: 'p' }), type: 'mediaInline', marks: link('https://e.com') ?? [] }),
    '[p](https://e.com/p)',
  ],
  [
    'a picture in a cell',
    {
      type: 'table',
      content: [{ type: 'tableRow', content: [{ type: 'tableHeader', content: [media({ url: 'https://e.com/p' })] }] }],
    },
    '| <https://e.com/p> |\n| - |',
  ],
  ['a link that runs something', p({ ...t('Approve'), marks: link('javascript:alert(1)') ?? [] }), 'Approve'],
  [
    'a link with data',
    p({ ...t('x', 'strong'), marks: [{ type: 'strong' }, ...(link('DATA:text/html,z') ?? [])] }),
    '**x**',
  ],
  [
    'a link that hides its colon',
    p({ ...t('x'), marks: link('javascript&colon;alert(1)') ?? [] }),
    '[x](javascript\\&colon;alert\\(1\\))',
  ],
  ['a card that runs something', { type: 'blockCard', attrs: { url: 'javascript:alert(1)' } }, 'javascript:alert(1)'],
  ['a picture that runs something', media({ url: 'javascript:alert(1)', alt: 'p' }), 'p'],
  [
    'a language with more in it',
    { type: 'codeBlock', attrs: { language: 'js\n```\n# x' }, content: [t('a')] },
    '```js&#xA;&#x60;&#x60;&#x60;&#xA;#&#x20;x\na\n```',
  ],
])('%s of Jira loads and runs nothing', (_, content, markdown) => {
  expect(adfToMarkdown(doc(content))).toBe(markdown)
})

test('a document of thousands of levels, or with more than people write, is read as its text', () => {
  let deep = p(t('in'), { type: 'hardBreak' }, t('most'))
  for (let level = 0; level < 5_000; level++)
    deep = { type: 'bulletList', content: [{ type: 'listItem', content: [deep] }] }
  expect(adfToMarkdown(doc(p(t('first')), deep, p(t('![](last)'))))).toBe('```\nfirst\nin\nmost\n![](last)\n```')
  const cell: AdfNode = { type: 'tableCell', content: [p(t('a'))] }
  const row: AdfNode = { type: 'tableRow', content: Array.from({ length: 20 }, () => cell) }
  const table: AdfNode = { type: 'table', content: Array.from({ length: 10_000 }, () => row) }
  expect(adfToMarkdown(doc(table))).toBe(`\`\`\`\n${'a\n'.repeat(200_000)}\`\`\``)
})

test('what people write is read as it is, however it is nested', () => {
  let nested = p(t('in'))
  for (let level = 0; level < 90; level++)
    nested = { type: 'bulletList', content: [{ type: 'listItem', content: [nested] }] }
  expect(adfToMarkdown(doc(nested))).toBe(`${'- '.repeat(90)}in`)
})

test('200 KB go to Jira and come back whole', () => {
  const markdown = Array.from(
    { length: 4_000 },
    (_, n) => `Paragraph **${n}** with \`code\`, [a link](https://e.com/${n}) ü.`,
  )
  const whole = markdown.join('\n\n')
  expect(whole.length).toBeGreaterThan(200_000)
  expect(adfToMarkdown(markdownToAdf(whole))).toBe(whole)
})

test.each([
  ['marks that never close', '*a '.repeat(60_000)],
  ['underscores', '_a'.repeat(90_000)],
  ['quotes in quotes', '>'.repeat(100_000)],
  ['brackets', '['.repeat(100_000)],
  ['lists in lists', '- '.repeat(50_000)],
  ['angle brackets', '<a@'.repeat(50_000)],
])('%s without end are answered all the same', (_, markdown) => {
  const words = (text: string): string => text.replace(/[^a-z]/g, '')
  expect(words(adfToMarkdown(markdownToAdf(markdown)))).toBe(words(markdown))
})
