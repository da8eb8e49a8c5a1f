import { expect, test } from 'bun:test'
import { guarded } from './listeners.ts'

test('what a listener throws is reported and does not reach who calls it', () => {
  const thrown = new Error('the display is broken')
  const reported: unknown[] = []
  const heard: number[] = []
  const listener = guarded(
    (n: number) => {
      heard.push(n)
      throw thrown
    },
    (error) => reported.push(error),
  )
  listener(1)
  listener(2)
  expect(heard).toEqual([1, 2])
  expect(reported).toEqual([thrown, thrown])
})

test('nobody need listen', () => {
  expect(guarded(undefined)()).toBeUndefined()
})
