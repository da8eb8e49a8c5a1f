import { expect, test } from 'bun:test'
import { exitReason, lastWords } from './exit-reason.ts'

test('code 0 is the other side closing, anything else is a failure', () => {
  expect(exitReason(undefined, { exitCode: 0, signal: null }, [])).toEqual({
    kind: 'remote',
    message: 'the server exited with code 0',
    exitCode: 0,
  })
  expect(exitReason(undefined, { exitCode: 3, signal: null }, ['a', 'boom'])).toEqual({
    kind: 'failed',
    message: 'the server exited with code 3; last stderr: boom',
    exitCode: 3,
    stderrTail: ['a', 'boom'],
  })
  expect(exitReason(undefined, { exitCode: null, signal: 'SIGSEGV' }, [])).toEqual({
    kind: 'failed',
    message: 'the server was ended by SIGSEGV',
    signal: 'SIGSEGV',
  })
})

test('what this side decided comes first, and how the process took it is told', () => {
  const verdict = { kind: 'local', message: 'closed by this side' } as const
  expect(exitReason(verdict, { exitCode: 1, signal: null }, ['bye'])).toEqual({
    kind: 'local',
    message: 'closed by this side; the server exited with code 1',
    exitCode: 1,
    stderrTail: ['bye'],
  })
})

test.each([
  [
    ['a.js:1', "throw new Error('no key')", '^', 'Error: no key', '    at a.js:1:7', 'Node.js v22.23.3'],
    'Error: no key',
  ],
  [['1 | x', 'TypeError [ERR_X]: bad', '  code: 1', '}', 'Node.js v24.0.0'], 'TypeError [ERR_X]: bad'],
  [['error: no key', '      at a.ts:1:7', 'Bun v1.4.5 (Linux x64)'], 'error: no key'],
  [['odd', 'Node.js v22.23.3'], 'odd'],
  [['Bun v1.4.5 (Linux x64)'], 'Bun v1.4.5 (Linux x64)'],
  [['Error: old', 'ready'], 'ready'],
])('of %j the line that says most is %j', (tail, words) => {
  expect(lastWords(tail)).toBe(words)
})

test('an error is passed on', () => {
  const error = new Error('EPIPE')
  expect(exitReason({ kind: 'failed', message: 'no stdin', error }, undefined, [])).toEqual({
    kind: 'failed',
    message: 'no stdin',
    error,
  })
})
