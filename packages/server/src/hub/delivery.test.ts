import { expect, test } from 'bun:test'
import { microtasks } from '../../test/kit.ts'
import { createDelivery } from './delivery.ts'

test('hands over in order, never from within a push', async () => {
  const seen: number[] = []
  let depth = 0
  const delivery = createDelivery<number>((item) => {
    expect(depth++).toBe(0)
    seen.push(item)
    if (item < 3) delivery.push(item + 10)
    depth--
  })
  for (const item of [1, 2, 3]) delivery.push(item)
  expect(seen).toEqual([])
  await microtasks()
  expect(seen).toEqual([1, 2, 3, 11, 12])
})

test('hands over nothing once it is stopped, not even what waits', async () => {
  const seen: number[] = []
  const delivery = createDelivery<number>((item) => {
    seen.push(item)
    delivery.stop()
  })
  for (const item of [1, 2]) delivery.push(item)
  await microtasks()
  delivery.push(3)
  await microtasks()
  expect(seen).toEqual([1])
})
