import { expect, test } from 'bun:test'
import { splitLines } from './lines.ts'

const text = 'first\nsecond line\n\nfourth\nrest'

test('yields the same lines wherever the text is cut', () => {
  for (let size = 1; size <= text.length; size++) {
    const split = splitLines()
    const lines: string[] = []
    for (let at = 0; at < text.length; at += size) split(text.slice(at, at + size), (line) => lines.push(line))
    expect(lines).toEqual(['first', 'second line', '', 'fourth'])
  }
})

test('keeps an unfinished line for the piece that ends it', () => {
  const split = splitLines()
  const lines: string[] = []
  split('{"a"', (line) => lines.push(line))
  expect(lines).toEqual([])
  split(':1}\n', (line) => lines.push(line))
  expect(lines).toEqual(['{"a":1}'])
})
