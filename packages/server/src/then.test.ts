import { expect, test } from 'bun:test'
import { chain, isThenable } from './then.ts'

test('chain goes on at once with what is there, and waits for what is not', async () => {
  expect(chain(1, (n) => n + 1)).toBe(2)
  const later = chain(Promise.resolve(1), (n) => n + 1)
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toBe(2)
})

test('what is thenable is told by its member alone', () => {
  const withThen = (then: unknown): object => Object.fromEntries([['then', then]])
  const settle = (): undefined => undefined
  for (const value of [Promise.resolve(), withThen(settle), Object.assign(() => 1, withThen(settle))]) {
    expect(isThenable<unknown>(value)).toBe(true)
  }
  for (const value of [undefined, null, 1, 'then', {}, withThen(1), () => 1]) {
    expect(isThenable<unknown>(value)).toBe(false)
  }
})
