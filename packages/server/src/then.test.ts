import { expect, test } from 'bun:test'
import { chain, isThenable } from './then.ts'

test('chain goes on at once with what is there, and waits for what is not', async () => {
  expect(chain(1, (n) => n + 1)).toBe(2)
  const later = chain(Promise.resolve(1), (n) => n + 1)
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toBe(2)
})

test('what is thenable is told by its member alone', () => {
  // biome-ignore lint/suspicious/noThenProperty: the thenable is what is tested
  for (const value of [
    Promise.resolve(),
    { then: () => undefined },
    Object.assign(() => 1, { then: () => undefined }),
  ]) {
    expect(isThenable(value)).toBe(true)
  }
  // biome-ignore lint/suspicious/noThenProperty: as above
  for (const value of [undefined, null, 1, 'then', {}, { then: 1 }, () => 1])
    expect(isThenable<unknown>(value)).toBe(false)
})
