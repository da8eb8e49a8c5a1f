import { expect, test } from 'bun:test'
import { readJunit } from './junit.ts'
import { writeJunit } from './write-junit.ts'

test('a report reads back as what was written, whatever stands in names and problems', () => {
  const cases = [
    { name: 'a > b & "c" <d>', problem: undefined },
    { name: 'e', problem: 'it <failed>\nat "f" & g' },
  ]
  expect(readJunit(writeJunit(cases, 'x/y.ts'))).toEqual([
    { name: 'a > b & "c" <d>', file: 'x/y.ts', outcome: 'passed' },
    { name: 'e', file: 'x/y.ts', outcome: 'failed', message: 'it <failed> at "f" & g' },
  ])
})
