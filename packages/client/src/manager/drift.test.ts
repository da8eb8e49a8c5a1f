import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { createDriftWatch, DRIFT_INTERVAL_MS, DRIFT_TOLERANCE_MS } from './drift.ts'

test('only a wall clock that ran ahead of the timers tells of a sleep, once', async () => {
  const clock = createFakeClock()
  let ahead = 0
  const slept: number[] = []
  const watch = createDriftWatch({ clock, wallClock: () => clock.now() + ahead, woke: (ms) => void slept.push(ms) })
  watch.start()
  watch.start()
  expect(clock.timers).toBe(1)
  await clock.advance(DRIFT_INTERVAL_MS * 10)
  ahead += DRIFT_TOLERANCE_MS - 1
  await clock.advance(DRIFT_INTERVAL_MS * 10)
  expect(slept).toEqual([])
  ahead += 60_000
  await clock.advance(DRIFT_INTERVAL_MS * 10)
  expect(slept).toEqual([60_000])
  watch.stop()
  expect(clock.timers).toBe(0)
})
