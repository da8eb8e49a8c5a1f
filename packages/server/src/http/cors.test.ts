import { describe, expect, test } from 'bun:test'
import { serverWith } from '../../test/ask-kit.ts'
import { bare, ENDPOINT, modern, modernCall, post } from '../../test/http-kit.ts'
import { InvalidTokenError } from './auth/auth-info.ts'
import { httpHandler } from './handler.ts'
import type { HttpOptions } from './options.ts'

const PAGE = 'http://localhost:3000'
const server = serverWith(() => 'done', { scopes: ['tools:run'] })

const auth: NonNullable<HttpOptions['auth']> = {
  resource: ENDPOINT,
  authorizationServers: ['https://issuer.example.com'],
  verifier: {
    verify: (token) =>
      token === 'good'
        ? Promise.resolve({ principal: 'ada', scopes: [] })
        : Promise.reject(new InvalidTokenError('unknown token')),
  },
}

async function ask(request: Request, origin: string | undefined = PAGE, options: HttpOptions = {}): Promise<Response> {
  await using handle = httpHandler(server, options)
  if (origin !== undefined) request.headers.set('origin', origin)
  return await handle(request)
}

function options(headers: Record<string, string> = {}): Request {
  return new Request(ENDPOINT, { method: 'OPTIONS', headers })
}

describe('a page that is let in', () => {
  test('may read every answer, whatever it is', async () => {
    const bearer = { authorization: 'Bearer good' }
    const cases: [number, Request, HttpOptions][] = [
      [200, modern('tools/list'), {}],
      [400, post('no JSON'), {}],
      [401, modern('tools/list'), { auth }],
      [401, modern('tools/list', {}, { headers: { authorization: 'Bearer bad' } }), { auth }],
      [403, modernCall('it', {}, { headers: bearer }), { auth }],
      [404, modern('no/such'), {}],
      [405, bare('PUT'), {}],
      [405, bare('GET'), {}],
      [406, modern('tools/list', {}, { headers: { accept: 'text/html' } }), {}],
      [413, modern('tools/list'), { maxBodyBytes: 1 }],
      [415, modern('tools/list', {}, { headers: { 'content-type': 'text/plain' } }), {}],
      [431, post({}, { headers: { 'mcp-session-id': 'xx' } }), { maxHeaderLength: 1 }],
    ]
    for (const [status, request, more] of cases) {
      const response = await ask(request, PAGE, more)
      const { headers } = response
      expect([status, headers.get('access-control-allow-origin')]).toEqual([response.status, PAGE])
      expect(headers.get('access-control-expose-headers')).toBe('mcp-session-id, www-authenticate, retry-after')
      expect(headers.get('vary')).toBe('origin')
      if (status === 401) expect(headers.get('www-authenticate')).toStartWith('Bearer ')
    }
  })

  test('is never told that it may send cookies', async () => {
    for (const request of [modern('tools/list'), options()]) {
      expect((await ask(request)).headers.has('access-control-allow-credentials')).toBe(false)
    }
  })
})

describe('a page that is not let in', () => {
  test('may read nothing, not even why [MCP-109]', async () => {
    for (const request of [modern('tools/list'), options(), bare('GET'), bare('DELETE')]) {
      const { status, headers } = await ask(request, 'http://evil.com')
      expect([status, headers.get('access-control-allow-origin')]).toEqual([403, null])
    }
  })

  test('is refused before anything else is looked at', async () => {
    expect((await ask(post('no JSON'), 'http://evil.com', { auth })).status).toBe(403)
    expect((await ask(bare('PUT'), 'null', { auth })).status).toBe(403)
  })
})

test('who is no page is told nothing about pages', async () => {
  const { headers } = await httpHandler(server)(modern('tools/list'))
  expect([...headers.keys()].filter((name) => name.startsWith('access-control') || name === 'vary')).toEqual([])
})

describe('a browser that asks first', () => {
  test('is told what the page may send, without any token', async () => {
    const response = await ask(options({ 'access-control-request-method': 'POST' }), PAGE, { auth })
    expect([response.status, await response.text()]).toEqual([204, ''])
    const { headers } = response
    expect(headers.get('access-control-allow-origin')).toBe(PAGE)
    expect(headers.get('access-control-allow-methods')).toBe('POST, GET, DELETE, OPTIONS')
    expect(headers.get('access-control-max-age')).toBe('600')
    const allowed = headers.get('access-control-allow-headers')?.split(', ')
    for (const name of [
      'authorization',
      'content-type',
      'mcp-protocol-version',
      'mcp-method',
      'mcp-name',
      'mcp-session-id',
    ]) {
      expect(allowed).toContain(name)
    }
  })

  test('is allowed the headers it names, which may be those of arguments', async () => {
    const asked = "content-type, mcp-method, mcp-param-region,mcp-param-a.b!#$%&'*+^`|~"
    const { headers } = await ask(options({ 'access-control-request-headers': asked }))
    expect(headers.get('access-control-allow-headers')).toBe(asked)
  })

  test('is not repeated what is no list of headers', async () => {
    for (const asked of ['a: b', 'a"b', 'a;b', 'x'.repeat(8193)]) {
      const { headers } = await ask(options({ 'access-control-request-headers': asked }))
      expect(headers.get('access-control-allow-headers')).toStartWith('authorization, content-type')
    }
  })
})
