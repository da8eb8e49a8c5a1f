import { expect, test } from 'bun:test'
import { mismatch, parsePattern } from './pattern.ts'

test.each([
  ['*', null],
  ['{"a":*}', { a: [1] }],
  ['{"a":1, ...}', { a: 1, b: 2 }],
  ['{...}', {}],
  ['[1, ...]', [1, 2]],
  ['[...]', []],
  ['[*, 2]', ['x', 2]],
  ['"... and *"', '... and *'],
  ['{"a\\"...":1}', { 'a"...': 1 }],
])('%s matches %j', (pattern, value) => {
  expect(mismatch(parsePattern(pattern), value)).toBeUndefined()
})

test.each([
  ['{"a":{"b":[1,2]}}', { a: { b: [1, 3] } }, 'at a.b[1]: expected 2, got 3'],
  ['{"a":1}', { a: 1, b: 2 }, 'did not expect "b"'],
  ['{"a":1, ...}', { b: 1 }, 'at a: expected 1, got nothing'],
  ['[1, ...]', [], 'expected at least 1 elements, got 0: []'],
  ['[]', [1], 'expected 0 elements, got 1: [1]'],
  ['[]', {}, 'expected an array, got {}'],
  ['{"a":{}}', { a: null }, 'at a: expected an object, got null'],
  ['{"constructor":1, ...}', {}, 'at constructor: expected 1, got nothing'],
])('%s differs from %j', (pattern, value, words) => {
  expect(mismatch(parsePattern(pattern), value)).toBe(words)
})
