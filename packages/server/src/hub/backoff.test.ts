import { expect, test } from 'bun:test'
import { backoffMs } from './backoff.ts'

test('the first attempt waits for nothing, later ones twice as long each, up to a second', () => {
  const waits = Array.from({ length: 10 }, (_, failures) => backoffMs(failures, () => 1))
  expect(waits).toEqual([0, 25, 50, 100, 200, 400, 800, 1000, 1000, 1000])
  expect(backoffMs(1e9, () => 1)).toBe(1000)
})

test('waits are spread over their second half', () => {
  expect([0, 0.5, 1].map((random) => backoffMs(4, () => random))).toEqual([100, 150, 200])
})
