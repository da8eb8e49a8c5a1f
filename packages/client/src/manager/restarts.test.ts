import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { createRestarts } from './restarts.ts'

test('pauses lie anywhere below a ceiling that doubles up to the longest', () => {
  for (const random of [0, 0.25, 0.999]) {
    const restarts = createRestarts(createFakeClock(), () => random, { max: 10, firstMs: 100, longestMs: 1_000 })
    const pauses = Array.from({ length: 6 }, () => restarts.next())
    expect(pauses).toEqual([100, 200, 400, 800, 1_000, 1_000].map((ceiling) => ceiling * random))
  }
})

test('the budget is spent within a window, and comes back with time or by a reset', async () => {
  const clock = createFakeClock()
  const restarts = createRestarts(clock, () => 0)
  for (let nth = 0; nth < 5; nth++) {
    expect(restarts.next()).toBe(0)
    await clock.advance(10_000)
  }
  expect(restarts.next()).toBeUndefined()
  await clock.advance(10_000)
  expect(restarts.next()).toBe(0)
  expect(restarts.next()).toBeUndefined()
  restarts.reset()
  expect([restarts.next(), restarts.total]).toEqual([0, 7])
})
