import { expect, test } from 'bun:test'
import { createFakeClock, type FakeClock } from '@bao-mcp/protocol/testing'
import { type Breaker, createBreaker } from './breaker.ts'

interface Rig {
  readonly breaker: Breaker
  readonly clock: FakeClock
  readonly told: string[]
  /** Begins a call and lets it fail. */
  fail(): void
}

function make(failures = 2): Rig {
  const clock = createFakeClock()
  const told: string[] = []
  const breaker = createBreaker({
    clock,
    failures,
    cooldownMs: 100,
    changed: (state) => void told.push(state),
    suspected: () => void told.push('suspected'),
  })
  return { breaker, clock, told, fail: () => breaker.fail(breaker.begin()) }
}

test('failures in a row open it; an answer in between does not let them add up', () => {
  const { breaker, told, fail } = make()
  fail()
  breaker.succeed()
  fail()
  expect([breaker.state, breaker.retryAfterMs, told]).toEqual(['closed', undefined, []])
  fail()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 100])
  expect(told).toContain('open')
})

test('calls that were under way together fail once', () => {
  const { breaker, fail } = make()
  const together = Array.from({ length: 8 }, () => breaker.begin())
  for (const begun of together) breaker.fail(begun)
  expect(breaker.state).toBe('closed')
  fail()
  expect(breaker.state).toBe('open')
})

test('a call that began behind a failure counts, whoever began before it fails first', () => {
  const { breaker, fail } = make()
  const early = breaker.begin()
  fail()
  const late = breaker.begin()
  breaker.fail(early)
  expect(breaker.state).toBe('closed')
  breaker.fail(late)
  expect(breaker.state).toBe('open')
})

test('failures that count once are suspicious all the same, once until a sign of life', () => {
  const { breaker, told } = make(3)
  const together = Array.from({ length: 12 }, () => breaker.begin())
  for (const begun of together.slice(0, 2)) breaker.fail(begun)
  expect(told).toEqual([])
  for (const begun of together.slice(2, 6)) breaker.fail(begun)
  expect(told).toEqual(['suspected'])
  breaker.alive()
  for (const begun of together.slice(6, 9)) breaker.fail(begun)
  expect(told).toEqual(['suspected', 'suspected'])
})

test('after the pause one probe decides, and only one', async () => {
  const { breaker, clock, told, fail } = make()
  fail()
  fail()
  await clock.advance(99)
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1])
  await clock.advance(1)
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', undefined])
  const probe = breaker.begin()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', 100])
  breaker.fail(probe)
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 100])
  await clock.advance(100)
  breaker.begin()
  breaker.succeed()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['closed', undefined])
  expect(told.filter((one) => one !== 'suspected')).toEqual(['open', 'closed'])
})

test('a sign of life ends the pause, and the probe still decides', () => {
  const { breaker, fail } = make()
  fail()
  fail()
  breaker.alive()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', undefined])
  fail()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 100])
})

test('a sign of life is no answer to a call: failures go on adding up', () => {
  const { breaker, fail } = make()
  fail()
  breaker.alive()
  expect(breaker.state).toBe('closed')
  fail()
  expect(breaker.state).toBe('open')
})

test('an answer to a call from before it opened ends the pause', () => {
  const { breaker, fail } = make()
  fail()
  fail()
  breaker.succeed()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', undefined])
})

test('how calls from before it opened end says nothing of the probe', async () => {
  const { breaker, clock, fail } = make()
  const [one, two] = [breaker.begin(), breaker.begin()]
  fail()
  fail()
  await clock.advance(100)
  const probe = breaker.begin()
  breaker.fail(one)
  breaker.abandon(two)
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', 100])
  breaker.fail(probe)
  expect(breaker.state).toBe('open')
})

test('a server that was replaced is called again, and its first failure opens it', () => {
  const { breaker, told, fail } = make()
  const old = breaker.begin()
  fail()
  fail()
  breaker.renew()
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['closed', undefined])
  breaker.fail(old)
  expect(breaker.state).toBe('closed')
  fail()
  expect(breaker.state).toBe('open')
  expect(told.filter((one) => one !== 'suspected')).toEqual(['open', 'closed', 'open'])
})

test('a server that was replaced answers for nothing that its predecessor was asked', () => {
  const { breaker, fail } = make()
  const old = breaker.begin()
  breaker.renew()
  breaker.fail(old)
  fail()
  expect(breaker.state).toBe('closed')
})

test('a probe that was given up leaves the place to another', async () => {
  const { breaker, clock, fail } = make()
  fail()
  fail()
  await clock.advance(100)
  breaker.abandon(breaker.begin())
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', undefined])
})
