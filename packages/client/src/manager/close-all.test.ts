import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { closeAll } from './close-all.ts'

test('each waits for the one before, but not longer than its share, and all together not longer than allowed', async () => {
  const clock = createFakeClock()
  const begun: [string, number][] = []
  const end = (name: string, ms: number) => (): Promise<void> => {
    begun.push([name, clock.now()])
    return new Promise((resolve) => void clock.after(ms, resolve))
  }
  let overAt = -1
  const all = closeAll([end('quick', 10), end('stuck', 1e9), end('slow', 300), end('last', 5)], { clock, totalMs: 910 })
  void all.then(() => {
    overAt = clock.now()
  })
  await clock.advance(2_000)
  expect(begun).toEqual([
    ['quick', 0],
    ['stuck', 10],
    ['slow', 310],
    ['last', 610],
  ])
  expect(overAt).toBe(910)
})
