import { describe, expect, test } from 'bun:test'
import { INSUFFICIENT_SCOPE, type JsonObject, LOG_MESSAGE, META } from '@bao-mcp/protocol/engine'
import {
  bodyOf,
  ENDPOINT,
  errorOf,
  events,
  legacySession,
  type ModernOptions,
  modern,
  modernCall,
  resultOf,
} from '../../test/http-kit.ts'
import { microtasks, recordingLog, textOf } from '../../test/kit.ts'
import type { Middleware } from '../middleware.ts'
import { tool } from '../registry/tool.ts'
import { createServer, type Server } from '../server.ts'
import { InvalidTokenError } from './auth/auth-info.ts'
import { InsufficientScopeError } from './auth/scopes.ts'
import { httpHandler } from './handler.ts'
import type { HttpOptions } from './options.ts'

/** Tokens by what they are worth. */
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  plain: ['mcp'],
  reader: ['mcp', 'files:read'],
  writer: ['mcp', 'files:read', 'files:write'],
  admin: ['mcp', 'admin'],
}

const auth: NonNullable<HttpOptions['auth']> = {
  resource: ENDPOINT,
  authorizationServers: ['https://issuer.example.com'],
  scopes: ['mcp'],
  implies: (scope) => (scope === 'admin' ? ['files'] : scope === 'files' ? ['files:read', 'files:write'] : []),
  verifier: {
    async verify(token) {
      const scopes = TOKENS[token]
      if (scopes === undefined) throw new InvalidTokenError('unknown token')
      return { principal: token.toUpperCase(), scopes }
    },
  },
}

const ran: string[] = []

function noted(name: string): string {
  ran.push(name)
  return 'done'
}

function define(middleware: Middleware[] = []): Server {
  const scopes = ['files:read', 'files:write']
  return createServer({
    name: 's',
    version: '1',
    middleware,
    tools: [
      tool({ name: 'now', scopes, run: () => noted('now') }),
      tool({ name: 'later', scopes, run: () => microtasks().then(() => noted('later')) }),
      tool({ name: 'who', run: (_args, { auth: who }) => JSON.stringify([who?.principal, who?.scopes]) }),
      tool({
        name: 'decides',
        async run(_args, { auth: who }) {
          await microtasks()
          if (who?.scopes.includes('files:write') !== true) throw new InsufficientScopeError(['files:write'])
          return 'done'
        },
      }),
    ],
  })
}

const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
})
const challengeOf = ({ headers }: Response): string => headers.get('www-authenticate') ?? ''
const resourceMetadata = 'resource_metadata="http://localhost:8080/.well-known/oauth-protected-resource/mcp"'

/** Sends one call, in the conversation that is tested. */
type Call = (name: string, token: string) => Promise<Response>

async function inEach(
  body: (call: Call) => Promise<void>,
  server = define(),
  options: HttpOptions = {},
): Promise<void> {
  {
    await using handle = httpHandler(server, { auth, ...options })
    await body((name, token) => handle(modernCall(name, {}, bearer(token))))
  }
  await using handle = httpHandler(server, { auth, ...options })
  await body(async (name, token) => {
    const session = await legacySession(handle, bearer(token))
    return handle(session.request('tools/call', { name }))
  })
}

describe('a tool that needs scopes', () => {
  test('is refused without them, with a challenge that names all of them, alone and in sessions [MCP-212]', async () => {
    ran.length = 0
    await inEach(async (call) => {
      for (const name of ['now', 'later']) {
        for (const token of ['plain', 'reader']) {
          const response = await call(name, token)
          const missing = token === 'plain' ? 'files:read files:write' : 'files:write'
          expect([name, token, response.status]).toEqual([name, token, 403])
          expect(challengeOf(response)).toBe(
            `Bearer error="insufficient_scope", error_description="the access token lacks: ${missing}", ` +
              `${resourceMetadata}, scope="mcp files:read files:write"`,
          )
          expect(errorOf(await bodyOf(response))).toMatchObject({
            code: INSUFFICIENT_SCOPE,
            data: { scopes: ['files:read', 'files:write'] },
          })
        }
      }
    })
    expect(ran).toEqual([])
  })

  test('runs for a token that was granted them, or something that implies them', async () => {
    ran.length = 0
    await inEach(async (call) => {
      for (const name of ['now', 'later']) {
        for (const token of ['writer', 'admin']) {
          const response = await call(name, token)
          expect([name, token, response.status, challengeOf(response)]).toEqual([name, token, 200, ''])
          expect(textOf(resultOf(await bodyOf(response)))).toBe('done')
        }
      }
    })
    expect(ran).toEqual(['now', 'now', 'later', 'later', 'now', 'now', 'later', 'later'])
  })

  test('may decide while it runs, and its refusal is a challenge as well', async () => {
    await inEach(async (call) => {
      const response = await call('decides', 'reader')
      expect(response.status).toBe(403)
      expect(challengeOf(response)).toContain('scope="mcp files:write"')
      expect(textOf(resultOf(await bodyOf(await call('decides', 'writer'))))).toBe('done')
    })
  })

  test('is refused in band where a stream is open already', async () => {
    const chatty: Middleware = (request, next, exchange) => {
      void exchange.notify(LOG_MESSAGE, { level: 'info', data: 'before' })
      return next(request)
    }
    await using handle = httpHandler(define([chatty]), { auth })
    for (const name of ['now', 'later', 'decides']) {
      const response = await handle(modernCall(name, {}, bearer('plain')))
      expect([response.status, challengeOf(response)]).toEqual([200, ''])
      const [notice, refusal] = await events(response).messages()
      expect(notice?.method).toBe(LOG_MESSAGE)
      expect(errorOf(refusal ?? {}).code).toBe(INSUFFICIENT_SCOPE)
    }
  })

  test('asks nothing of anybody where nobody is authenticated', async () => {
    await using handle = httpHandler(define())
    expect((await handle(modernCall('now'))).status).toBe(200)
  })
})

describe('who calls', () => {
  test('is told to the handler, and only of its own call', async () => {
    await inEach(async (call) => {
      const answers = await Promise.all(['plain', 'admin', 'plain'].map((token) => call('who', token)))
      const texts = await Promise.all(answers.map(async (one) => textOf(resultOf(await bodyOf(one)))))
      const plain = '["PLAIN",["mcp"]]'
      expect(texts).toEqual([plain, '["ADMIN",["mcp","admin"]]', plain])
    })
  })

  test('is nobody where nobody is authenticated, whatever token comes', async () => {
    await using handle = httpHandler(define())
    expect(textOf(resultOf(await bodyOf(await handle(modernCall('who', {}, bearer('admin'))))))).toBe('[null,null]')
  })

  test('has to say so with every request, and nothing of the token is told or logged [MCP-229]', async () => {
    const log = recordingLog()
    await using handle = httpHandler(define(), { auth, log })
    const requests: [string, ModernOptions][] = [
      ['none', {}],
      ['unknown', bearer('the-secret-token')],
      ['basic', { headers: { authorization: 'Basic the-secret-token' } }],
    ]
    for (const [kind, options] of requests) {
      const response = await handle(modern('tools/list', {}, options))
      expect([kind, response.status]).toEqual([kind, 401])
      expect(challengeOf(response)).toContain(resourceMetadata)
      expect((await response.text()) + JSON.stringify([...response.headers])).not.toContain('secret')
    }
    expect(JSON.stringify(log.lines)).not.toContain('secret')
  })

  test('is refused before the body is read', async () => {
    await using handle = httpHandler(define(), { auth })
    const request = modernCall('now')
    expect((await handle(request)).status).toBe(401)
    expect(request.bodyUsed).toBe(false)
  })
})

test('where tokens come from is told to everybody, whatever page or host asks', async () => {
  await using handle = httpHandler(define(), { auth })
  const url = 'http://evil.com/.well-known/oauth-protected-resource/mcp'
  const response = await handle(new Request(url, { headers: { origin: 'http://evil.com' } }))
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
  expect(await bodyOf(response)).toMatchObject({ resource: ENDPOINT, scopes_supported: ['mcp'] })
})

test('a request that tells no host at all is refused like any other', async () => {
  await using handle = httpHandler(define(), { auth })
  const request = modern('tools/list')
  // as a server makes it of HTTP/1.0
  Object.defineProperty(request, 'url', { value: '/.well-known/oauth-protected-resource' })
  const { status, headers } = await handle(request)
  expect([status >= 400, headers.get('content-type')]).toEqual([true, 'application/json'])
})

test('a session belongs to who opened it', async () => {
  await using handle = httpHandler(define(), { auth })
  const session = await legacySession(handle, bearer('plain'))
  const asked: JsonObject = { name: 'who' }
  expect((await handle(session.request('tools/call', asked))).status).toBe(200)
  expect((await handle(session.request('tools/call', asked, bearer('admin')))).status).toBe(404)
  expect((await handle(session.delete(bearer('admin').headers))).status).toBe(404)
  expect((await handle(session.request('tools/call', asked))).status).toBe(200)
})

test('metadata of a request never says who calls', async () => {
  await using handle = httpHandler(define(), { auth })
  const meta = { [META.clientInfo]: { name: 'ADMIN', version: '1' }, auth: { principal: 'ADMIN' } }
  const response = await handle(modernCall('who', {}, { ...bearer('plain'), meta }))
  expect(textOf(resultOf(await bodyOf(response)))).toBe('["PLAIN",["mcp"]]')
})
