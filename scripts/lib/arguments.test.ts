import { expect, test } from 'bun:test'
import { readTestArguments } from './arguments.ts'

test('runs everything when nothing is asked for', () => {
  expect(readTestArguments([])).toEqual({ json: false, groups: [], extra: [] })
})

test('takes its own flags and leaves all others to bun test', () => {
  const read = readTestArguments(['--json', '--leg', 'unit', '--leg=node', '-t', 'a name'])
  expect(read).toEqual({ json: true, groups: ['unit', 'node'], extra: ['-t', 'a name'] })
})

test('leaves everything behind -- to bun test, also what looks like ours', () => {
  expect(readTestArguments(['--', '--json', 'peer']).extra).toEqual(['--json', 'peer'])
  expect(readTestArguments(['--', '--json', 'peer']).json).toBe(false)
})

test('runs only the legs that understand a filter, unless legs are named', () => {
  expect(readTestArguments(['peer']).groups).toEqual(['unit'])
  expect(readTestArguments(['peer', '--leg', 'node']).groups).toEqual(['node'])
})

test.each([[['--leg', 'nodes']], [['--leg']], [['--leg=']]])('refuses %j', (argv) => {
  expect(() => readTestArguments(argv)).toThrow(TypeError)
})
