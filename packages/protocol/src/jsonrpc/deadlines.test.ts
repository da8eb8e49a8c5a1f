import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createFakeClock } from '../testing/fake-clock.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { createDeadlines, type Deadline } from './deadlines.ts'

interface Timed extends Deadline {
  name: number
}

type Command =
  | { kind: 'add'; inMs: number }
  | { kind: 'remove'; which: number }
  | { kind: 'move'; which: number; inMs: number }
  | { kind: 'advance'; ms: number }
  | { kind: 'clear' }

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), inMs: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), which: fc.nat(20), inMs: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
)

/** A clock whose timers fire on the spot when time moves, so that a property needs no promises. */
function stepClock(): Clock & { step(ms: number): void; readonly timers: number } {
  let now = 0
  const timers = new Set<{ at: number; fn: () => void }>()
  return {
    now: () => now,
    get timers() {
      return timers.size
    },
    after(ms, fn) {
      const timer = { at: now + ms, fn }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    step(ms) {
      for (const until = now + ms; now < until; now++) {
        for (const timer of [...timers]) {
          if (timer.at > now || !timers.delete(timer)) continue
          timer.fn()
        }
      }
      for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.fn()
    },
  }
}

test('behaves as a sorted list does, with one timer', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const clock = stepClock()
      const deadlines = createDeadlines(clock)
      const expired: string[] = []
      const expected: string[] = []
      const known: Timed[] = []
      let model: Timed[] = []
      for (const one of commands) {
        switch (one.kind) {
          case 'add': {
            const name = known.length
            const deadline: Timed = {
              name,
              dueAt: clock.now() + one.inMs,
              heapIndex: -1,
              expire: () => void expired.push(`${name} due at ${deadline.dueAt}`),
            }
            known.push(deadline)
            model.push(deadline)
            deadlines.add(deadline)
            break
          }
          case 'remove': {
            const deadline = known[one.which]
            if (deadline === undefined) break
            deadlines.remove(deadline)
            model = model.filter((other) => other !== deadline)
            break
          }
          case 'move': {
            const deadline = known[one.which]
            if (deadline === undefined) break
            deadlines.move(deadline, clock.now() + one.inMs)
            break
          }
          case 'advance': {
            clock.step(one.ms)
            const due = model.filter((deadline) => deadline.dueAt <= clock.now())
            model = model.filter((deadline) => deadline.dueAt > clock.now())
            expected.push(...due.map((deadline) => `${deadline.name} due at ${deadline.dueAt}`))
            break
          }
          case 'clear':
            deadlines.clear()
            model = []
            expect(clock.timers).toBe(0)
            break
          default:
            one satisfies never
        }
        expect(clock.timers).toBeLessThanOrEqual(1)
        if (model.length > 0) expect(clock.timers).toBe(1)
        for (const deadline of known) expect(deadline.heapIndex >= 0).toBe(model.includes(deadline))
      }
      expect([...expired].sort()).toEqual([...expected].sort())
    }),
    { numRuns: 1000 },
  )
})

test('expires in the order of time what was not removed, however it was added', async () => {
  const timed = fc.record({ dueAt: fc.nat(1000), removed: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(timed, { maxLength: 60 }), async (plans) => {
      const clock = createFakeClock()
      const deadlines = createDeadlines(clock)
      const expired: number[] = []
      const added = plans.map(({ dueAt, removed }) => {
        const deadline: Deadline = { dueAt, heapIndex: -1, expire: () => void expired.push(dueAt) }
        deadlines.add(deadline)
        return { deadline, removed }
      })
      for (const { deadline, removed } of added) if (removed) deadlines.remove(deadline)
      await clock.advance(1000)
      const left = plans.filter(({ removed }) => !removed).map(({ dueAt }) => dueAt)
      expect(expired).toEqual(left.toSorted((one, other) => one - other))
      expect(clock.timers).toBe(0)
    }),
    { numRuns: 1000 },
  )
})

test('what expires may add and remove others', async () => {
  const clock = createFakeClock()
  const deadlines = createDeadlines(clock)
  const expired: string[] = []
  const victim: Deadline = { dueAt: 10, heapIndex: -1, expire: () => void expired.push('victim') }
  const again: Deadline = { dueAt: 10, heapIndex: -1, expire: () => void expired.push(`again at ${clock.now()}`) }
  const first: Deadline = {
    dueAt: 5,
    heapIndex: -1,
    expire() {
      expired.push('first')
      deadlines.remove(victim)
      again.dueAt = 20
      deadlines.add(again)
    },
  }
  for (const deadline of [victim, first]) deadlines.add(deadline)
  await clock.advance(100)
  expect(expired).toEqual(['first', 'again at 20'])
})

test('a timer that fires too early changes nothing', async () => {
  const clock = createFakeClock()
  const early: Clock = { now: clock.now, after: (ms, fn) => clock.after(Math.ceil(ms / 2), fn) }
  const expired: number[] = []
  createDeadlines(early).add({ dueAt: 100, heapIndex: -1, expire: () => void expired.push(clock.now()) })
  await clock.advance(99)
  expect(expired).toEqual([])
  await clock.advance(10)
  expect(expired).toEqual([100])
})

test('the system clock goes forward and can stop its timers', async () => {
  const before = systemClock.now()
  const fired = Promise.withResolvers<string>()
  const stop = systemClock.after(0, () => fired.resolve('stopped'))
  stop()
  systemClock.after(0, () => fired.resolve('fired'))
  expect(await fired.promise).toBe('fired')
  expect(systemClock.now()).toBeGreaterThanOrEqual(before)
})
