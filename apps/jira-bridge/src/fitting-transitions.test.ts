import { expect, test } from 'bun:test'
import { fittingTransitions } from './fitting-transitions.ts'

const one = (id: string, name: string, to: string) => ({
  id,
  name,
  to: { name: to, category: 'undefined' as const },
  requiredFields: [],
})
const ALL = [one('1', 'Start', 'Done'), one('2', 'Done', '3'), one('3', 'Close', 'Done'), one('4', 'start ', 'To Do')]

test.each([
  ['3', ['3']],
  [' DONE ', ['2']],
  ['to do', ['4']],
  ['start', ['1']],
  ['Fly', []],
])('%j means the transitions %j: an id before a name, a name before a status', (wanted, ids) => {
  expect(fittingTransitions(ALL, wanted).map(({ id }) => id)).toEqual(ids)
})

test('all that fit alike are given', () => {
  expect(fittingTransitions([one('1', 'a', 'b'), one('2', 'c', 'B')], 'b')).toHaveLength(2)
})
