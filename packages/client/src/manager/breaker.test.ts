import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { type Breaker, createBreaker } from './breaker.ts'

function make(): { breaker: Breaker; clock: ReturnType<typeof createFakeClock>; changes: string[] } {
  const clock = createFakeClock()
  const changes: string[] = []
  const changed = (state: string): void => void changes.push(state)
  return { breaker: createBreaker({ clock, failures: 2, cooldownMs: 100, changed }), clock, changes }
}

test('failures in a row open it; an answer in between does not let them add up', () => {
  const { breaker, changes } = make()
  breaker.fail()
  breaker.succeed()
  breaker.fail()
  expect(breaker.admit()).toBe('admitted')
  breaker.fail()
  expect([breaker.state, breaker.admit(), changes]).toEqual(['open', { retryAfterMs: 100 }, ['open']])
})

test('after the pause one probe decides, and only one', async () => {
  const { breaker, clock, changes } = make()
  breaker.fail()
  breaker.fail()
  await clock.advance(99)
  expect(breaker.admit()).toEqual({ retryAfterMs: 1 })
  await clock.advance(1)
  expect([breaker.admit(), breaker.state]).toEqual(['admitted', 'half-open'])
  expect(breaker.admit()).toEqual({ retryAfterMs: 100 })
  breaker.fail()
  expect([breaker.state, breaker.admit()]).toEqual(['open', { retryAfterMs: 100 }])
  await clock.advance(100)
  breaker.admit()
  breaker.succeed()
  expect([breaker.state, breaker.admit(), changes]).toEqual(['closed', 'admitted', ['open', 'closed']])
})

test('a server that was replaced is called again, and its first failure opens it', () => {
  const { breaker, changes } = make()
  breaker.fail()
  breaker.fail()
  breaker.renew()
  expect([breaker.admit(), changes]).toEqual(['admitted', ['open', 'closed']])
  breaker.fail()
  expect(breaker.state).toBe('open')
})

test('a probe that was given up leaves the place to another', async () => {
  const { breaker, clock } = make()
  breaker.fail()
  breaker.fail()
  await clock.advance(100)
  breaker.admit()
  breaker.abandon()
  expect(breaker.admit()).toBe('admitted')
})
