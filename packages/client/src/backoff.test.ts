import { expect, test } from 'bun:test'
import { backoffMs } from './backoff.ts'

test('[MCP-155] pauses double up to a limit, and half of each is chance', () => {
  const limits = { firstMs: 100, longestMs: 1_000 }
  expect([1, 2, 3, 4, 5, 50].map((failures) => backoffMs(failures, () => 0, limits))).toEqual([
    50, 100, 200, 400, 500, 500,
  ])
  expect(backoffMs(2, () => 0.5, limits)).toBe(150)
  expect(backoffMs(2, () => 1, limits)).toBe(200)
})
