import { describe, expect, test } from 'bun:test'
import { median, rotate, summarise } from './stats.ts'

describe('median', () => {
  test('is the middle of an odd count, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  test('is the mean of the two middle values of an even count', () => {
    expect(median([4, 1, 2, 9])).toBe(3)
  })

  test('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError)
  })

  test('has as many values on either side and leaves its input alone', () => {
    for (const length of [1, 2, 7, 10]) {
      const values = Array.from({ length }, (_, index) => (index * 7919) % 101)
      const before = [...values]
      const middle = median(values)
      const below = values.filter((value) => value < middle).length
      const above = values.filter((value) => value > middle).length
      expect(Math.max(below, above)).toBeLessThanOrEqual(length / 2)
      expect(values).toEqual(before)
    }
  })
})

describe('summarise', () => {
  test('keeps the extremes beside the median', () => {
    expect(summarise([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 })
  })
})

describe('rotate', () => {
  test('puts every item first once in as many rounds as there are items', () => {
    const items = ['a', 'b', 'c']
    expect(items.map((_, round) => rotate(items, round).at(0))).toEqual(items)
    expect(rotate(items, 4)).toEqual(['b', 'c', 'a'])
  })

  test('of nothing is nothing', () => {
    expect(rotate([], 3)).toEqual([])
  })
})
