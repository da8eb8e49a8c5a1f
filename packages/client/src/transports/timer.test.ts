import { expect, test } from 'bun:test'
import { fakeClock } from '../testing/fake-clock.test.kit.ts'
import { settled } from './fake-child.test.kit.ts'
import { comesWithin } from './timer.ts'

test('an event in time is told at once, and leaves no timer', async () => {
  const clock = fakeClock()
  expect(await comesWithin(Promise.resolve(), 1000, clock)).toBe(true)
  expect(await comesWithin(Promise.reject(new Error('any end will do')), 1000, clock)).toBe(true)
  expect(clock.pending).toBe(0)
})

test('an event that does not come is given up', async () => {
  const clock = fakeClock()
  const waiting = comesWithin(new Promise(() => {}), 1000, clock)
  clock.advance(1000)
  expect(await waiting).toBe(false)
  expect(clock.pending).toBe(0)
})

test('a process that was busy when the time ran out still looks at its events once', async () => {
  const due: (() => void)[] = []
  const event = Promise.withResolvers<void>()
  const waiting = comesWithin(event.promise, 1000, {
    after(_, fn) {
      due.push(fn)
      return () => due.splice(0)
    },
  })
  due.shift()?.()
  event.resolve()
  await settled()
  expect(due).toEqual([])
  expect(await waiting).toBe(true)
})
