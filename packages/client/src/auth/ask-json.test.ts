import { describe, expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { startSite } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { type AuthHttp, askJson } from './ask-json.ts'

const http: AuthHttp = { fetch: (url, init) => fetch(url, init), clock: systemClock, timeoutMs: 5000, maxBytes: 1000 }
const somewhere = new URL('https://login.example.com/token?secret=1')

describe('an answer', () => {
  test('is a status, headers and a JSON object', async () => {
    await using site = startSite({ '/a': () => Response.json({ b: 1 }, { status: 201, headers: { c: 'd' } }) })
    const { status, headers, body } = await askJson(new URL(`${site.url}/a`), {}, http)
    expect([status, headers.get('c'), body]).toEqual([201, 'd', { b: 1 }])
  })

  test.each(['[1]', 'null', '"a"', '<html>', '', '{"a":'])('%j is an answer without an object', async (text) => {
    await using site = startSite({ '/': () => new Response(text) })
    expect(await askJson(new URL(site.url), {}, http)).toMatchObject({ status: 200, body: undefined })
  })

  test('that redirects is not followed [MCP-290]', async () => {
    await using site = startSite({
      '/a': () => new Response(null, { status: 302, headers: { location: '/b' } }),
      '/file': () => new Response(null, { status: 302, headers: { location: 'file:///etc/passwd' } }),
    })
    expect(await askJson(new URL(`${site.url}/a`), {}, http)).toMatchObject({ status: 302, body: undefined })
    expect(await askJson(new URL(`${site.url}/file`), {}, http)).toMatchObject({ status: 302, body: undefined })
    expect(site.asked).toEqual(['GET /a', 'GET /file'])
  })

  test('that is too long is given up while it comes [MCP-290]', async () => {
    let cancelled = false
    const endless = new ReadableStream({
      pull: (stream) => stream.enqueue(new Uint8Array(400)),
      cancel: () => {
        cancelled = true
      },
    })
    const error = await failure(askJson(somewhere, {}, { ...http, fetch: async () => new Response(endless) }))
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('1000 bytes (maxBytes)') })
    expect(cancelled).toBe(true)
  })
})

describe('no answer', () => {
  test.each<[string, AuthHttp['fetch']]>([
    ['the head', () => new Promise(() => {})],
    ['the body', async () => new Response(new ReadableStream())],
  ])('within the time for %s is an error, even when fetch does not listen to its signal', async (_, fetch) => {
    const clock = createFakeClock()
    const waiting = failure(askJson(somewhere, {}, { ...http, fetch, clock }))
    await clock.advance(4999)
    expect(clock.timers).toBe(1)
    await clock.advance(1)
    expect(await waiting).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('5000 ms (timeoutMs)'),
    })
    expect(clock.timers).toBe(0)
  })

  test('is told without the query, the body and whatever fetch threw', async () => {
    const fetch: AuthHttp['fetch'] = (url, { body }) =>
      Promise.reject(Object.assign(new Error(`${url} ${body}`), { code: 'ECONNREFUSED', request: { body } }))
    const error = await failure(askJson(somewhere, { body: 'refresh_token=abc' }, { ...http, fetch }))
    expect(error).toMatchObject({ code: 'unreachable', url: 'https://login.example.com/token' })
    expect(Bun.inspect(error, { depth: 9 })).not.toMatch(/secret=1|refresh_token=abc/)
    expect(String(error)).toContain('ECONNREFUSED')
  })

  test('is awaited until the signal says otherwise, and its reason is passed on', async () => {
    const control = new AbortController()
    const never: AuthHttp['fetch'] = () => new Promise(() => {})
    const waiting = failure(askJson(somewhere, { signal: control.signal }, { ...http, fetch: never }))
    const reason = new Error('enough')
    control.abort(reason)
    expect(await waiting).toBe(reason)
    expect(await failure(askJson(somewhere, { signal: control.signal }, http))).toBe(reason)
  })
})
