import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { digestOf, fromBase64Url, toBase64Url } from './digest.ts'

test('base64url brings any bytes back, without padding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = toBase64Url(bytes)
      expect(text).toMatch(/^[\w-]*$/)
      expect([...fromBase64Url(text)]).toEqual([...bytes])
    }),
  )
})

test('a digest is the same whatever the order of members, and another for another value', async () => {
  expect(await digestOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(await digestOf({ b: { d: null, c: [1, 2] }, a: 1 }))
  const values = [
    {},
    [],
    null,
    '',
    0,
    false,
    { a: 1 },
    { a: '1' },
    { a: [1] },
    { a: { b: 1 } },
    { 'a.b': 1 },
    [1, 2],
    [2, 1],
  ]
  const digests = await Promise.all(values.map(digestOf))
  expect(new Set(digests).size).toBe(values.length)
})
