import { describe, expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { bearer } from '../auth/authorizer.ts'
import { readAnswer, readRefusal } from './answer.ts'
import type { HttpClientOptions } from './options.ts'
import { createWire } from './wire.ts'

const limits = { maxMessageBytes: 10_000_000, streamIdleTimeoutMs: Number.POSITIVE_INFINITY, clock: createFakeClock() }
const URL_WITH_QUERY = new URL('http://server.test/mcp?key=s3cret-query')

/** What is told of a server that answers like this. */
async function told(response: Response, options: HttpClientOptions): Promise<string> {
  const wire = createWire(URL_WITH_QUERY, { ...options, fetch: async () => response })
  const { signal } = new AbortController()
  const headers = { 'mcp-session-id': 's3cret-session', accept: 'application/json' }
  const sent = await wire.send({ method: 'POST', headers, signal, what: 'a test' })
  try {
    if (!sent.response.ok) return String(await readRefusal({ method: 'tools/call' }, sent.response, limits))
    const request = { jsonrpc: '2.0', id: 1, method: 'tools/call' } as const
    const ending = await readAnswer(request, sent.response, { message() {} }, limits)
    return ending.kind === 'failed' ? String(ending.error) : ending.kind
  } finally {
    sent.release()
  }
}

const auth = bearer('s3cret-token')

describe('credentials that a server echoes are not shown', () => {
  test.each([
    ['a token in a refusal', 'bad header Authorization: Bearer s3cret-token', { auth }, 500],
    ['the token alone', 'unknown token s3cret-token', { auth }, 400],
    ['a header of the options', 'unknown key s3cret-key!', { headers: { 'x-api-key': 's3cret-key' } }, 500],
    ['a header of a function', 'unknown key s3cret-key!', { headers: () => ({ 'x-api-key': 's3cret-key' }) }, 500],
    ['a cookie', 'unknown cookie s3cret-b', { headers: { cookie: 'first=s3cret-a; second=s3cret-b' } }, 500],
    ['the session', 'session s3cret-session is odd', {}, 400],
    ['a page', '<p>s3cret-token</p>', { auth }, 200],
    ['one at the end of what is shown', `${'x'.repeat(195)}s3cret-token`, { auth }, 500],
    ['one that begins far behind', `${'s3cret-token'.repeat(1000)}`, { auth }, 500],
    [
      'an error',
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no user has s3cret-token"}}',
      { auth },
      400,
    ],
  ])('%s', async (_, text, options: HttpClientOptions, status) => {
    const words = await told(new Response(text, { status }), options)
    expect(words).not.toContain('s3c')
    expect(words).toContain('[hid')
  })
})

test('what is too short to be a secret is left as it is', async () => {
  expect(await told(new Response('a gate is shut', { status: 500 }), { headers: { 'x-gate': 'a' } })).toContain(
    'a gate is shut',
  )
})

test('a refusal names the URL without its query', async () => {
  const words = await told(new Response('no', { status: 500 }), {})
  expect(words).toContain('(http://server.test/mcp)')
  expect(words).not.toContain('s3cret-query')
})

test('a 401 says what option is missing', async () => {
  expect(await told(new Response('no', { status: 401 }), {})).toContain(
    'hand in the option auth, such as bearer() or oauth()',
  )
})
