import { expect, test } from 'bun:test'
import { maskArgument, maskText, SECRET_NAME } from './secrets.ts'

test.each([
  ['JIRA_API_TOKEN=abc def', 'JIRA_API_TOKEN=*** def'],
  ['https://me:pw@h.test/?api_key=1&v=2', 'https://me:***@h.test/?api_key=***&v=2'],
  ['https://tok@h.test', 'https://***@h.test'],
  ['Authorization: Bearer abcdefghijk', 'Authorization: Bearer ***'],
  ['got ghp_abcdefghijkl and eyJhbGciOi.J9', 'got *** and ***'],
  ['set JIRA_API_TOKEN: it is missing', 'set JIRA_API_TOKEN: it is missing'],
])('in text %j becomes %j', (text, masked) => {
  expect(maskText(text)).toBe(masked)
})

test('an argument may be a header, whose whole value is hidden', () => {
  expect(maskArgument('X-Api-Key: a b c')).toBe('X-Api-Key: ***')
})

test.each(['apiKey', 'client_secret', 'Authorization', 'x-access-key'])('%s sounds like a secret', (name) => {
  expect(SECRET_NAME.test(name)).toBe(true)
})
