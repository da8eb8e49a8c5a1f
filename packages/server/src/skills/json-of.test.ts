import { expect, test } from 'bun:test'
import { jsonOf } from './json-of.ts'

test('few values that stand for very many are refused', () => {
  let value: unknown = 'x'
  for (let level = 0; level < 9; level++) value = Array(10).fill(value)
  expect(() => jsonOf(value, 'it')).toThrow('it holds more than 10000 values')
})

test('what is copied shares nothing with the original', () => {
  const original = { list: [{ a: 1 }] }
  const copy = jsonOf(original, 'it')
  expect(copy).toEqual(original)
  expect(copy).not.toBe(original)
})

test.each([
  [{ a: [1, new Date(0)] }, '$.a[1] is no JSON value'],
  [{ a: undefined }, '$.a is no JSON value'],
  [{ a: 1n }, '$.a is no JSON value'],
  [{ a: Number.POSITIVE_INFINITY }, '$.a is the number Infinity'],
  ['\uD800', '$ is no well-formed Unicode'],
])('what is no JSON is refused by its place', (value, message) => {
  expect(() => jsonOf(value, 'it')).toThrow(`it: ${message}`)
})
