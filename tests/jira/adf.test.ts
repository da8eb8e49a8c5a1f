import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { Ajv, type ValidateFunction } from 'ajv'
import fc from 'fast-check'
import { adfToMarkdown, markdownToAdf } from '../../apps/jira-bridge/src/jira/markdown.ts'

const SCHEMA = fileURLToPath(import.meta.resolve('@atlaskit/adf-schema/json-schema/v1/full.json'))

/** Atlassian's own description of a document, written for an older draft that differs in nothing it uses. */
async function compiledSchema(): Promise<ValidateFunction> {
  const { $schema: _, ...schema } = await Bun.file(SCHEMA).json()
  return new Ajv({ strict: false, allErrors: false }).compile(schema)
}

const isDocument = await compiledSchema()

function expectDocument(markdown: string): void {
  const document = markdownToAdf(markdown)
  const isValid = isDocument(document)
  expect({ markdown, document: isValid ? 'valid' : document }).toEqual({ markdown, document: 'valid' })
}

const word = fc.stringMatching(/^[a-zäß日0-9]{1,8}$/)
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((all) => all.join(' '))
const inline = fc.oneof(
  words,
  words.map((text) => `**${text}**`),
  words.map((text) => `*${text}*`),
  words.map((text) => `~~${text}~~`),
  words.map((text) => `\`${text}\``),
  words.map((text) => `[${text}](https://e.com/${text.length})`),
  words.map((text) => `![${text}](https://e.com/${text.length}.png)`),
  words.map((text) => `<b>${text}</b>`),
)
const line = fc.array(inline, { minLength: 1, maxLength: 4 }).map((all) => all.join(' '))
const block: fc.Arbitrary<string> = fc.letrec<{ block: string }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    line,
    fc.tuple(fc.integer({ min: 1, max: 6 }), line).map(([depth, text]) => `${'#'.repeat(depth)} ${text}`),
    words.map((text) => `\`\`\`js\n${text}\n\`\`\``),
    fc.tuple(line, line).map(([a, b]) => `| ${a} | ${b} |\n| - | - |\n| ${b} | ${a} |`),
    fc.constant('---'),
    fc.array(tie('block'), { minLength: 1, maxLength: 3 }).map((all) => all.map((one) => within(one, '- ')).join('\n')),
    fc
      .array(tie('block'), { minLength: 1, maxLength: 3 })
      .map((all) => all.map((one) => within(one, '1. ')).join('\n')),
    fc.array(line, { minLength: 1, maxLength: 3 }).map((all) => all.map((one) => `- [x] ${one}`).join('\n')),
    fc.array(tie('block'), { minLength: 1, maxLength: 2 }).map((all) => quoted(all.join('\n\n'))),
  ),
})).block
const markdowns = fc.array(block, { maxLength: 5 }).map((all) => all.join('\n\n'))

function within(text: string, marker: string): string {
  return text.replace(/^/gm, ' '.repeat(marker.length)).replace(/^ +/, marker)
}

function quoted(text: string): string {
  return text.replace(/^/gm, '> ')
}

/** Every word in order, without what surrounds it. */
function wordsOf(markdown: string): string[] {
  return (
    markdown
      // addresses, the language of a block, and numbers of lists belong to the form
      .replace(/\]\(<?https:[^)]*\)/g, '] ')
      .replace(/```js/g, '')
      .replace(/<\/?b>|\\<\/?b>/g, ' ')
      .replace(/(^|[\s>-])\d+[.)](?=\s|$)/gm, '$1')
      .replace(/\[[ x]\]/g, ' ')
      .match(/[a-zäß日0-9]+/g) ?? []
  )
}

test('every Markdown becomes a document by the schema of Atlassian', () => {
  fc.assert(
    fc.property(markdowns, (markdown) => expectDocument(markdown)),
    { numRuns: 400 },
  )
})

test('any text at all becomes a document by the schema of Atlassian', () => {
  const marks = fc.string({ unit: fc.constantFrom(...'ab *_~`[]()<>!#-+|\\\n\t&;:/1.'), maxLength: 60 })
  fc.assert(
    fc.property(fc.oneof(marks, fc.string({ unit: 'binary' })), (text) => expectDocument(text)),
    { numRuns: 1_500 },
  )
})

test('no word is lost on the way to Jira and back', () => {
  fc.assert(
    fc.property(markdowns, (markdown) => {
      expect(wordsOf(adfToMarkdown(markdownToAdf(markdown)))).toEqual(wordsOf(markdown))
    }),
    { numRuns: 400 },
  )
})

test('what came back once comes back the same', () => {
  fc.assert(
    fc.property(markdowns, (markdown) => {
      const once = adfToMarkdown(markdownToAdf(markdown))
      expect(adfToMarkdown(markdownToAdf(once))).toBe(once)
    }),
    { numRuns: 200 },
  )
})
