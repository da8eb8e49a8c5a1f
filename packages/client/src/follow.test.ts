import { expect, test } from 'bun:test'
import { follow } from './follow.ts'

test('it aborts with the first of its signals, and with its reason', () => {
  const [a, b] = [new AbortController(), new AbortController()]
  using both = follow(a.signal, undefined, b.signal)
  b.abort('enough')
  a.abort('late')
  expect(both.signal.reason).toBe('enough')
})

test('it is aborted from the start when one of its signals is', () => {
  using both = follow(new AbortController().signal, AbortSignal.abort('over'))
  expect(both.signal.reason).toBe('over')
})

test('it aborts by itself without touching what it follows', () => {
  const a = new AbortController()
  using one = follow(a.signal)
  one.controller.abort('mine')
  expect(one.signal.reason).toBe('mine')
  expect(a.signal.aborted).toBe(false)
})

test('once it was let go it follows no more', () => {
  const a = new AbortController()
  const one = follow(a.signal)
  one[Symbol.dispose]()
  a.abort()
  expect(one.signal.aborted).toBe(false)
})
