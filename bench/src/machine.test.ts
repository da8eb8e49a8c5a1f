import { expect, test } from 'bun:test'
import { coresAtTheEnds } from './machine.ts'

test('finds the lowest and the highest core of a kernel list', () => {
  const ends = ['0', '0-1', '0-3,8', '2,4-15\n'].map(coresAtTheEnds)
  expect(ends).toEqual([
    [0, 0],
    [0, 1],
    [0, 8],
    [2, 15],
  ])
})
