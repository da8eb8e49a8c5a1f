import { expect, test } from 'bun:test'
import { createRandom } from './seed.ts'

test('random numbers stay in their range and repeat by seed', () => {
  const [one, two] = [createRandom(42), createRandom(42)]
  const drawn = Array.from({ length: 1000 }, () => one.below(10))
  expect(drawn).toEqual(Array.from({ length: 1000 }, () => two.below(10)))
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  expect(() => one.pick([])).toThrow(RangeError)
})
