import { expect, test } from 'bun:test'
import { microtasks } from '../../test/kit.ts'
import { coalescing } from './coalesce.ts'

test('everything is sent while there is room', () => {
  const sent: [string, number][] = []
  const tell = coalescing<number>((key, value) => void sent.push([key, value]))
  tell('a', 1)
  tell('a', 2)
  expect(sent).toEqual([
    ['a', 1],
    ['a', 2],
  ])
})

test('what comes while nobody reads is told once of each kind, the latest of it, when there is room', async () => {
  const sent: [string, number][] = []
  let room = Promise.withResolvers<void>()
  const tell = coalescing<number>((key, value) => {
    sent.push([key, value])
    return room.promise
  })
  tell('a', 1)
  for (let i = 0; i < 100; i++) {
    tell('a', i)
    tell('b', i)
  }
  expect(sent).toEqual([['a', 1]])
  const first = room
  room = Promise.withResolvers<void>()
  first.resolve()
  await microtasks()
  expect(sent).toEqual([
    ['a', 1],
    ['a', 99],
  ])
  room.resolve()
  await microtasks()
  expect(sent).toEqual([
    ['a', 1],
    ['a', 99],
    ['b', 99],
  ])
})
