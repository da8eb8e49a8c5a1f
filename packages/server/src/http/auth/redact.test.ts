import { expect, test } from 'bun:test'
import { loggable, withoutToken } from './redact.ts'

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ=='

test('a text loses the token, its parts, and both as they are written in a URL', () => {
  const text = `a ${token} b ${encodeURIComponent(token)} c ${token.split('.')[2]} d`
  expect(withoutToken(text, token)).toBe('a [token] b [token] c [token] d')
})

test('an error loses the token in message, stack and causes, and its members altogether', () => {
  const inner = new Error(`inner ${token}`)
  const thrown = Object.assign(new TypeError(`outer ${token}`, { cause: inner }), { headers: { authorization: token } })
  const clean = loggable(thrown, token)
  const { cause } = clean
  expect([clean.name, clean.message]).toEqual(['TypeError', 'outer [token]'])
  expect(cause instanceof Error && cause.message).toBe('inner [token]')
  expect(Bun.inspect(clean)).not.toContain(token)
  expect(clean.stack).toContain('redact.test')
})

test('what is thrown and is no error is not looked into', () => {
  expect(loggable({ token }, token).message).toBe('something that is no error was thrown: object')
})
