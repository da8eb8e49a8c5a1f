import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { decodeCursor, encodeCursor } from './cursor.ts'

test('a cursor brings back the place it was made of', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999_999_999 }),
      (place) => decodeCursor(encodeCursor(place)) === place,
    ),
  )
})

test('whatever else comes as a cursor stands for no place [MCP-166]', () => {
  const others = [
    '',
    ' ',
    'after:1',
    '1',
    btoa('after:'),
    btoa('after:0'),
    btoa('after:01'),
    btoa('after:-1'),
    btoa('x'),
    '€',
  ]
  for (const other of [...others, 1, true, null, {}, [], undefined]) expect(decodeCursor(other)).toBeUndefined()
  fc.assert(fc.property(fc.string(), (text) => decodeCursor(btoa(encodeURIComponent(`x${text}`))) === undefined))
})
