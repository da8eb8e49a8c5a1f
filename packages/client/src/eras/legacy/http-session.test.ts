import { expect, test } from 'bun:test'
import { MAX_SESSION_ID_LENGTH, readSessionId, sessionOf } from './http-session.ts'

const withId = (id: string): Headers => new Headers({ 'mcp-session-id': id })

test('an id of visible ASCII is taken as it is, up to the limit', () => {
  expect(readSessionId(new Headers())).toBeUndefined()
  expect(readSessionId(withId('!~abc'))).toBe('!~abc')
  const longest = 'x'.repeat(MAX_SESSION_ID_LENGTH)
  expect(readSessionId(withId(longest))).toBe(longest)
})

test.each(['', 'two words', 'caf\u00e9', `${'x'.repeat(MAX_SESSION_ID_LENGTH)}y`])('the id %j is refused', (id) => {
  expect(() => readSessionId(withId(id))).toThrow(/Mcp-Session-Id of \d+ characters/)
})

test.each([
  ['2025-11-25', { 'mcp-session-id': 's', 'MCP-Protocol-Version': '2025-11-25' }, true],
  ['2025-03-26', { 'mcp-session-id': 's' }, true],
  ['2024-11-05', { 'mcp-session-id': 's' }, false],
  ['1999-01-01', { 'mcp-session-id': 's' }, false],
])('what a session of %s sends along follows from its revision [MCP-085]', (protocolVersion, headers, resumes) => {
  expect(sessionOf({ protocolVersion }, 's')).toEqual({
    id: 's',
    version: protocolVersion,
    resumesStreams: resumes,
    headers,
  })
})

test('a result without a version opens no session', () => {
  expect(sessionOf({}, 's')).toBeUndefined()
  expect(sessionOf({ protocolVersion: 3 }, 's')).toBeUndefined()
  expect(sessionOf(undefined, 's')).toBeUndefined()
})
