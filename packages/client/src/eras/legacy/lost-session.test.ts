import { expect, test } from 'bun:test'
import { AnsweredError, ConnectionError } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { readRefusal } from '../../http/answer.ts'
import { isSessionLost } from './lost-session.ts'

const answered = (status: number, code: number, message: string): Error =>
  new AnsweredError(code, message, undefined, { status })
const limits = { maxMessageBytes: 10_000, streamIdleTimeoutMs: Number.POSITIVE_INFINITY, clock: createFakeClock() }
const refused = (status: number, text: string): Promise<Error> =>
  readRefusal({ method: 'tools/call' }, new Response(text, { status }), limits)

const LOST = await Promise.all([
  refused(404, ''),
  refused(404, '<h1>nginx</h1>'),
  answered(404, -32001, 'Session not found'),
  answered(404, -32600, 'Session not found'),
  answered(404, -32000, 'Not Found: Unknown Mcp-Session-Id header'),
  answered(400, -32000, 'Bad Request: Server not initialized'),
  answered(400, -32600, 'Bad Request: Server not initialized'),
  answered(400, -32000, 'Bad Request: No valid session ID provided'),
  answered(400, -32000, 'Bad Request: no valid session ID provided (send initialize first)'),
  answered(400, -32000, 'Bad Request: Invalid or expired session'),
  answered(400, -32001, 'Session not found'),
  answered(400, -32001, 'Session abc has expired'),
  refused(400, 'Bad Request: No valid session ID provided'),
  refused(400, 'session not found'),
  refused(400, 'Invalid or missing session ID\n'),
  refused(400, 'Missing/invalid session ID'),
  refused(400, 'Server not initialized'),
  refused(400, 'The session 8f2c-11 has expired.'),
  refused(400, '{"error":"Session not found"}'),
  refused(400, '{"error":{"message":"Unknown session"}}'),
])
test.each(LOST)('%p tells that the session is over [MCP-083]', (error) => {
  expect(isSessionLost(error, true)).toBe(true)
})

const OTHER = await Promise.all([
  answered(404, -32601, 'Method not found'),
  answered(400, -32000, 'Bad Request: Unsupported protocol version: 1'),
  answered(400, -32001, 'Request timed out'),
  answered(400, -32602, 'no valid arguments for the tool session'),
  answered(500, -32000, 'Session not found'),
  answered(200, -32001, 'Session not found'),
  refused(400, 'bad request'),
  refused(500, 'session not found'),
  refused(401, 'session expired'),
  new ConnectionError('dropped', 'session not found', { outcome: 'unknown' }),
  new TypeError('session not found'),
  refused(400, 'payment sent, but the receipt failed: upstream says your session has expired'),
  refused(400, 'your session has expired, and so has the card that 3 items were bought with'),
  refused(400, '{"error":"payment sent, session not found"}'),
  refused(400, '{"paid":true,"session":"session not found"}'),
])
test.each(OTHER)('%p tells nothing of the session', (error) => {
  expect(isSessionLost(error, true)).toBe(false)
})

test('a 404 to a request without a session id tells of no lost session', async () => {
  expect(isSessionLost(await refused(404, ''), false)).toBe(false)
  expect(isSessionLost(answered(404, -32001, 'Session not found'), false)).toBe(false)
})
