import { expect, test } from 'bun:test'
import { departure } from './fetch.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('a request that is alone leaves at once', () => {
  expect(departure(true)).toBeUndefined()
})

test('requests of one turn leave together behind it, in their order', async () => {
  const left: string[] = []
  for (const [name, isAlone] of [
    ['a', false],
    ['b', false],
    ['c', true],
  ] as const) {
    void departure(isAlone)?.then(() => left.push(name))
  }
  await Promise.resolve()
  expect(left).toEqual([])
  await turn()
  expect(left).toEqual(['a', 'b', 'c'])
})

test('those of the next turn wait for its end, and one that is alone in it does not', async () => {
  const first = departure(false)
  await first
  expect(departure(true)).toBeUndefined()
  const next = departure(false)
  expect(next).not.toBe(first)
  await next
})
