import { expect, test } from 'bun:test'
import { blank } from './blank.ts'

/** The bare text with its blanks squeezed, which is all that matters here. */
const bare = (text: string): string => blank(text).bare.replace(/\s+/g, ' ').trim()
const code = (text: string): string => blank(text).code.replace(/\s+/g, ' ').trim()

test('keeps every place where it was', () => {
  const text = "a // b\nconst c = 'd' /* e\n f */ + `g${h}i`\n"
  const { code, bare } = blank(text)
  expect([code.length, bare.length]).toEqual([text.length, text.length])
  expect(bare.split('\n').length).toBe(text.split('\n').length)
  expect(bare.indexOf('h')).toBe(text.indexOf('h'))
})

test.each([
  ['comments of both kinds', 'a // b\n/* c */ d /** e */', 'a d'],
  ['strings, not their quotes', `x('a', "b")`, `x(' ', " ")`],
  ['escaped quotes', String.raw`x('a\'b') + y`, `x(' ') + y`],
  ['comment marks in strings', `x('// no', "/* no") + y`, `x(' ', " ") + y`],
  ['quotes in comments', "a // don't\nb", 'a b'],
  ['templates, keeping what is in their holes', 'x = `a ${b + `c ${d}`} e` + f', 'x = ` ${b + ` ${d}`} ` + f'],
  ['braces inside holes', 'x = `a ${{ b: 1 }.b} c` + d', 'x = ` ${{ b: 1 }.b} ` + d'],
  ['regular expressions', `x = /it's [/] "a/g.test(y)`, 'x = / /g.test(y)'],
  ['regular expressions after a keyword', `return /'/.test(y)`, 'return / /.test(y)'],
  ['nothing after a word that only ends like a keyword', "a = theReturn / b / 'c'", "a = theReturn / b / ' '"],
  ['a first line for the shell', '#!/usr/bin/env bun\na', 'a'],
])('blanks %s', (_, text, expected) => {
  expect(bare(text)).toBe(expected)
})

test('a division begins no regular expression', () => {
  expect(bare("a / b / 'c' / (d) / e[0] / f")).toBe("a / b / ' ' / (d) / e[0] / f")
})

test('code keeps strings', () => {
  expect(code("a('b') // c")).toBe("a('b')")
})

test('an unfinished text ends the blanking and nothing else', () => {
  for (const text of ["'a", '`a ${', '/* a', 'x = /a']) expect(blank(text).bare.length).toBe(text.length)
})
