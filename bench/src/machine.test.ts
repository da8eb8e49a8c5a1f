import { expect, test } from 'bun:test'
import { lastCore } from './machine.ts'

test('finds the highest core of a kernel list', () => {
  expect(['0', '0-1', '0-3,8', '2,4-15\n'].map(lastCore)).toEqual([0, 1, 8, 15])
})
