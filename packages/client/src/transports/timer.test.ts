import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { comesWithin } from './timer.ts'

test('an event in time is told at once, and leaves no timer', async () => {
  const clock = createFakeClock()
  expect(await comesWithin(Promise.resolve(), 1000, clock)).toBe(true)
  expect(await comesWithin(Promise.reject(new Error('any end will do')), 1000, clock)).toBe(true)
  expect(clock.timers).toBe(0)
})

test('an event that does not come is given up', async () => {
  const clock = createFakeClock()
  const waiting = comesWithin(new Promise(() => {}), 1000, clock)
  await clock.advance(1000)
  expect(await waiting).toBe(false)
  expect(clock.timers).toBe(0)
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
  await settle()
  expect(due).toEqual([])
  expect(await waiting).toBe(true)
})
