import { describe, expect, test } from 'bun:test'
import { inPrelude } from './preludes.ts'
import { alike } from './run-page.ts'
import { readSnippets } from './snippets.ts'

const block = (comment: string, language = 'ts') => `${comment}\n\`\`\`${language}\ncode()\n\`\`\`\n`

describe('a block', () => {
  test('is read with its line and what the comment says', () => {
    const text = `# Page\n\n${block('<!-- run client.ts in client on bun\n{ sum: 3 }\n-->')}`
    expect(readSnippets('page.md', text)).toEqual([
      {
        page: 'page.md',
        line: 7,
        language: 'ts',
        code: 'code()\n',
        marker: {
          verb: 'run',
          name: 'client.ts',
          prelude: 'client',
          bunOnly: true,
          reason: undefined,
          prints: '{ sum: 3 }\n',
        },
      },
    ])
  })

  test('of TypeScript without a comment is an error that names its place', () => {
    expect(() => readSnippets('page.md', `text\n${block('')}`)).toThrow('page.md:4: nothing says')
  })

  test('without a language is an error, since it could be code', () => {
    expect(() => readSnippets('page.md', block('', ''))).toThrow('page.md:3: a block needs a language')
  })

  test('of another language needs none', () => {
    expect(readSnippets('page.md', block('', 'sh') + block('', 'json'))).toEqual([])
  })

  test('is taken when a comment makes it a file, whatever its language', () => {
    expect(readSnippets('page.md', block('<!-- file skills/a/SKILL.md -->', 'md'))[0]?.marker.name).toBe(
      'skills/a/SKILL.md',
    )
  })

  test.each([
    ['<!-- check -->', 'exactly a block that is only checked needs a reason'],
    ['<!-- run: because -->', 'exactly a block that is only checked needs a reason'],
    ['<!-- serve -->', 'serve needs a name'],
    ['<!-- run client -->', 'not understood'],
    ['<!-- file a.ts\nprinted\n-->', 'only what is run prints'],
  ])('with the comment %j is an error', (comment, message) => {
    expect(() => readSnippets('page.md', block(comment))).toThrow(message)
  })
})

describe('a prelude', () => {
  test('stands around a block, whose imports go to the top', async () => {
    const { text, linesBefore } = await inPrelude('urls-tool', "import { x } from 'y'\nrun: x,\n")
    expect(text).toStartWith("import { x } from 'y'\n")
    expect(text.split('\n')[linesBefore + 1]).toBe('run: x,')
  })

  test('that does not exist is an error', async () => {
    await expect(inPrelude('nothing', '')).rejects.toThrow('preludes.md has no prelude "nothing"')
  })
})

test('what Bun and Node print of one value is alike', () => {
  expect(alike('{\n  text: "hi",\n  list: [ 1 ],\n}\n')).toBe(alike("{ text: 'hi', list: [ 1 ] }\n"))
  expect(alike('{ sum: 3 }')).not.toBe(alike('{ sum: 4 }'))
})
