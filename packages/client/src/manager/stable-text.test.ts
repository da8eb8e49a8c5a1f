import { expect, test } from 'bun:test'
import { stableText } from './stable-text.ts'

test('equal values have the same text whatever the order of their keys', () => {
  expect(stableText({ a: 1, b: { c: [1], d: undefined } })).toBe(stableText({ b: { d: undefined, c: [1] }, a: 1 }))
  expect(stableText({ a: 1 })).not.toBe(stableText({ a: '1' }))
})

test('what has behaviour equals itself alone', () => {
  const one = (): number => 1
  const made = { headers: () => ({}) }
  expect(stableText({ one })).toBe(stableText({ one }))
  expect(stableText({ one })).not.toBe(stableText({ one: () => 1 }))
  expect(stableText({ made })).toBe(stableText({ made }))
  expect(stableText({ made })).toBe(stableText({ made: { ...made } }))
  expect(stableText({ made })).not.toBe(stableText({ made: { headers: () => ({}) } }))
  expect(stableText(new Map([[1, 2]]))).not.toBe(stableText(new Map([[1, 2]])))
})
