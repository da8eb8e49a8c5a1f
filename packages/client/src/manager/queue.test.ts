import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import { createQueue } from './queue.ts'

test('no more than maxInFlight run at a time, in the order they came, whatever becomes of each', async () => {
  const clock = createFakeClock()
  const queue = createQueue('one', { maxInFlight: 3, maxQueued: 100, queueTimeoutMs: 1_000 }, clock)
  const order: number[] = []
  let running = 0
  let most = 0
  const act = async (nth: number): Promise<void> => {
    order.push(nth)
    most = Math.max(most, ++running)
    for (let hops = 0; hops < nth % 5; hops++) await Promise.resolve()
    running--
    if (nth % 7 === 0) throw new Error('its own failure')
  }
  const runs = Array.from({ length: 50 }, (_, nth) => queue.run(() => act(nth)))
  await Promise.allSettled(runs)
  expect(most).toBe(3)
  expect(order).toEqual(Array.from({ length: 50 }, (_, nth) => nth))
  expect([queue.inFlight, queue.waiting, clock.timers]).toEqual([0, 0, 1])
})

test('who waits too long, or gives up, is told so and is never run', async () => {
  const clock = createFakeClock()
  const queue = createQueue('one', { maxInFlight: 1, maxQueued: 2, queueTimeoutMs: 1_000 }, clock)
  const gate = Promise.withResolvers<void>()
  const first = queue.run(() => gate.promise)
  let ran = 0
  const act = async (): Promise<number> => ++ran
  const late = failure(queue.run(act))
  const giveUp = new AbortController()
  const gone = failure(queue.run(act, giveUp.signal))
  expect(await failure(queue.run(act))).toMatchObject({ code: 'queue_full' })
  giveUp.abort('enough')
  expect(await gone).toBe('enough')
  await clock.advance(1_000)
  expect(await late).toMatchObject({ code: 'queue_timeout', message: expect.stringContaining('queueTimeoutMs') })
  gate.resolve()
  await first
  await settle()
  expect([ran, queue.inFlight, queue.waiting]).toEqual([0, 0, 0])
  expect(await failure(queue.run(act, giveUp.signal))).toBe('enough')
})
