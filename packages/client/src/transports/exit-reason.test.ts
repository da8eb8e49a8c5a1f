import { expect, test } from 'bun:test'
import { exitReason } from './exit-reason.ts'

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

test('an error is passed on', () => {
  const error = new Error('EPIPE')
  expect(exitReason({ kind: 'failed', message: 'no stdin', error }, undefined, [])).toEqual({
    kind: 'failed',
    message: 'no stdin',
    error,
  })
})
