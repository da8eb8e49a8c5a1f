import { expect, test } from 'bun:test'
import { microtasks } from '../test/kit.ts'
import { createChanges } from './changes.ts'

test('a listener that leaves while it is told does not keep the others from hearing', async () => {
  const changes = createChanges()
  const heard: string[] = []
  const stop = changes.subscribe(() => {
    heard.push('first')
    stop()
  })
  changes.subscribe(() => heard.push('second'))
  changes.mark('tools')
  changes.mark('tools')
  await microtasks()
  expect(heard).toEqual(['first', 'second'])
  changes.mark('tools')
  await microtasks()
  expect(heard).toEqual(['first', 'second', 'second'])
})

test('a change made by a listener is told in the tick after', async () => {
  const changes = createChanges()
  let told = 0
  changes.subscribe((kind) => {
    if (++told === 1) changes.mark(kind)
  })
  changes.mark('tools')
  await microtasks()
  expect(told).toBe(2)
})
