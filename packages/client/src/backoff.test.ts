import { expect, test } from 'bun:test'
import { createRandom } from '@bao-mcp/protocol/testing'
import { backoffMs } from './backoff.ts'

const limits = { firstMs: 100, longestMs: 1000 }
const failures = [1, 2, 3, 4, 5, 6, 60]

test('the longest possible pause doubles from failure to failure up to the cap, and stays there', () => {
  expect(failures.map((count) => backoffMs(count, () => 1, limits))).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
})

test('the shortest possible pause grows as well', () => {
  expect(failures.map((count) => backoffMs(count, () => 0, limits))).toEqual([50, 100, 200, 400, 500, 500, 500])
})

test('the pauses of many clients are spread evenly between the two', () => {
  const random = createRandom(1)
  const pauses = Array.from({ length: 400 }, () => backoffMs(4, random.next, limits))
  expect(pauses.every((ms) => ms >= 400 && ms < 800)).toBe(true)
  const quarters = [0, 1, 2, 3].map((n) => pauses.filter((ms) => Math.floor((ms - 400) / 100) === n).length)
  for (const count of quarters) expect(count).toBeGreaterThan(50)
})
