import { expect, test } from 'bun:test'
import { createFakeClock, settle } from './fake-clock.ts'

test('the fake clock runs timers by their times, those set on the way as well', async () => {
  const clock = createFakeClock(100)
  const ran: string[] = []
  const note = (name: string) => (): void => void ran.push(`${name} at ${clock.now()}`)
  clock.after(30, note('late'))
  clock.after(10, note('first'))
  clock.after(10, () => {
    note('second')()
    void Promise.resolve().then(() => clock.after(5, note('set on the way')))
  })
  const stop = clock.after(20, note('stopped'))
  stop()
  await clock.advance(30)
  expect(ran).toEqual(['first at 110', 'second at 110', 'set on the way at 115', 'late at 130'])
  expect([clock.now(), clock.timers]).toEqual([130, 0])
})

test('a timer that throws fails the advance', async () => {
  const clock = createFakeClock()
  clock.after(1, () => {
    throw new Error('boom')
  })
  await expect(clock.advance(1)).rejects.toThrow('boom')
})

test('settling waits for chains of microtasks of any length', async () => {
  let hops = 0
  void (async () => {
    while (hops < 10_000) hops = await Promise.resolve(hops + 1)
  })()
  await settle()
  expect(hops).toBe(10_000)
})
