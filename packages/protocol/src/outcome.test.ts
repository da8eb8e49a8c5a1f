import { expect, test } from 'bun:test'
import { InvalidResultError, NegotiationError } from './errors.ts'
import { isLogLevel } from './names.ts'
import { complete, isInputRequests, isInputResponses } from './outcome.ts'

test.each<[unknown, boolean]>([
  [{}, true],
  [{ a: { method: 'roots/list' } }, true],
  [{ a: { method: 'roots/list', params: {} }, b: { method: 'x', more: 1 } }, true],
  [JSON.parse('{"__proto__":{"method":"roots/list"}}'), true],
  [JSON.parse('{"__proto__":{"method":5}}'), false],
  [{ a: { method: 1 } }, false],
  [{ a: null }, false],
  [{ a: 'roots/list' }, false],
  [[], false],
  [null, false],
  [undefined, false],
  ['x', false],
])('input requests: %j is %p', (value, expected) => {
  expect(isInputRequests(value)).toBe(expected)
})

test.each<[unknown, boolean]>([
  [{}, true],
  [{ a: {}, b: { action: 'accept' } }, true],
  [{ a: [] }, false],
  [{ a: null }, false],
  [{ a: 'x' }, false],
  [[{}], false],
  [null, false],
])('input responses: %j is %p', (value, expected) => {
  expect(isInputResponses(value)).toBe(expected)
})

test('a complete outcome holds the very value', () => {
  const value = { a: 1 }
  const outcome = complete(value)
  expect(outcome).toEqual({ kind: 'complete', value })
  expect(outcome.value).toBe(value)
})

test('log levels are the eight of syslog', () => {
  const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
  for (const level of levels) expect(isLogLevel(level)).toBe(true)
  for (const other of ['Info', 'warn', '', 0, null, undefined, ['info'], 'constructor'])
    expect(isLogLevel(other)).toBe(false)
})

test('local errors carry their evidence', () => {
  const invalid = new InvalidResultError('tools/call', 'no content', ['content: required'])
  expect(invalid).toMatchObject({
    name: 'InvalidResultError',
    code: 'invalid_result',
    message: 'tools/call answered something invalid: no content',
    issues: ['content: required'],
  })
  const cause = new Error('why')
  const negotiation = new NegotiationError('no version in common', ['b', 'a'], ['c'], { cause })
  expect(negotiation).toMatchObject({
    name: 'NegotiationError',
    code: 'no_common_version',
    ours: ['b', 'a'],
    theirs: ['c'],
  })
  expect(negotiation.cause).toBe(cause)
})
