import { describe, expect, test } from 'bun:test'
import { SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { fakeClock, gate, microtasks, recordingLog } from '../../../test/kit.ts'
import { type AuthInfo, InvalidTokenError } from './auth-info.ts'
import { createAuthenticator } from './authenticator.ts'
import { NOW, RESOURCE, startIssuer } from './issuer.test.kit.ts'
import { jwtVerifier } from './jwt-verifier.ts'
import type { HttpAuthOptions } from './options.ts'

const ISSUER = 'https://login.example.com'
const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'

type Verify = (token: string) => Promise<AuthInfo>

const ada: AuthInfo = { principal: `${ISSUER}#ada`, scopes: ['mcp'] }

/** An authenticator on a clock of its own, with a verifier that counts. */
function world(verify: Verify = async () => ada, options: Partial<HttpAuthOptions> = {}) {
  const clock = fakeClock()
  const log = recordingLog()
  const tokens: string[] = []
  const verifier = {
    verify: (token: string) => {
      tokens.push(token)
      return verify(token)
    },
  }
  const given = { verifier, resource: RESOURCE, authorizationServers: [ISSUER], scopes: ['mcp'], ...options }
  const auth = createAuthenticator(given, { log, clock, now: () => NOW + clock.now() })
  return { auth, clock, log, tokens }
}

function post(authorization?: string, url: string = RESOURCE): Request {
  return new Request(url, { method: 'POST', headers: authorization === undefined ? {} : { authorization } })
}

/** The parts of a refusal; an acceptance fails the test. */
async function refused(answer: unknown): Promise<{ status: number; challenge: string | null; body: unknown }> {
  const response = await answer
  if (!(response instanceof Response)) throw new Error('the request was let in')
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() }
}

describe('a request without a token', () => {
  test('gets 401 and a challenge that leads to the metadata and names the scopes, without an error [MCP-258] [MCP-260]', async () => {
    const { auth } = world()
    expect(await refused(auth.authenticate(post()))).toEqual({
      status: 401,
      challenge: `Bearer resource_metadata="${METADATA}", scope="mcp"`,
      body: {
        jsonrpc: '2.0',
        error: { code: -32600, message: 'this server needs an access token: Authorization: Bearer <token>' },
      },
    })
  })

  test('is challenged without scopes where none are needed by all', async () => {
    const { auth } = world(undefined, { scopes: [] })
    const { challenge } = await refused(auth.authenticate(post('Basic dXNlcjpwYXNz')))
    expect(challenge).toBe(`Bearer resource_metadata="${METADATA}"`)
  })
})

test('credentials that cannot be read get 400 and never reach the verifier [MCP-285]', async () => {
  const { auth, tokens } = world()
  const requests = [post('Bearer a, Bearer b'), post('Bearer'), post('Bearer a', `${RESOURCE}?access_token=a`)]
  for (const request of requests) {
    const { status, challenge } = await refused(auth.authenticate(request))
    expect(status).toBe(400)
    expect(challenge).toStartWith('Bearer error="invalid_request", error_description="')
    // what the answer's own words say must not be lost on the way through a header
    expect(challenge).not.toContain('?')
  }
  expect(tokens).toEqual([])
})

test('a token that is too long is refused as a token without being looked at [MCP-285]', async () => {
  const { auth, tokens } = world()
  const { status, challenge } = await refused(auth.authenticate(post(`Bearer ${'a'.repeat(20_000)}`)))
  expect([status, tokens.length]).toEqual([401, 0])
  expect(challenge).toContain('error="invalid_token"')
  expect(challenge).toContain('MAX_TOKEN_LENGTH')
})

test('a token that is refused gets 401 with the words of the verifier, and nothing in them breaks out [MCP-285]', async () => {
  const nasty = 'bad "token"\\ of\r\nSet-Cookie: a=b é'
  const { auth } = world(() => Promise.reject(new InvalidTokenError(nasty)))
  const { status, challenge } = await refused(auth.authenticate(post('Bearer abc')))
  expect(status).toBe(401)
  expect(challenge).toBe(
    'Bearer error="invalid_token", error_description="bad \'token\'/ of??Set-Cookie: a=b ?", ' +
      `resource_metadata="${METADATA}", scope="mcp"`,
  )
})

test('a failure of the verifier is 503, and neither answer nor log holds the token [MCP-229]', async () => {
  // made here, because a runtime may print the lines around an error
  const secret = ['header', 'claims', 'signature'].map((part) => btoa(part.repeat(4))).join('.')
  const failure = Object.assign(new Error(`POST /introspect?token=${secret}`), { request: { body: secret } })
  const { auth, log } = world(() => Promise.reject(failure))
  const response = await auth.authenticate(post(`Bearer ${secret}`))
  if (!(response instanceof Response)) throw new Error('it was let in')
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(response.headers.get('www-authenticate')).toBeNull()
  expect(await response.text()).not.toContain('introspect')
  expect(log.lines.map(({ level }) => level)).toEqual(['error'])
  expect(Bun.inspect(log.lines)).toContain('introspect?token=[token]')
  expect(Bun.inspect(log.lines)).not.toContain(btoa('signature'.repeat(4)))
})

test('words of a refusal lose the token before they are told or logged', async () => {
  const { auth, log } = world((token) => Promise.reject(new InvalidTokenError(`what is ${token}?`)))
  const { challenge, body } = await refused(auth.authenticate(post('Bearer sesame-open-now')))
  expect(`${challenge} ${JSON.stringify(body)} ${Bun.inspect(log.lines)}`).not.toContain('sesame')
})

test('a verifier that never answers is given up, and the next request may try again', async () => {
  const { auth, clock, log, tokens } = world(() => new Promise(() => {}))
  const waiting = auth.authenticate(post('Bearer abc'))
  clock.advance(10_000)
  expect((await refused(waiting)).status).toBe(503)
  expect(Bun.inspect(log.lines)).toContain('verifyTimeoutMs')
  const again = auth.authenticate(post('Bearer abc'))
  clock.advance(10_000)
  await again
  expect(tokens).toHaveLength(2)
})

test.each([
  ['no principal', { principal: '', scopes: [] }],
  ['the token as principal', { principal: 'user of abc', scopes: [] }],
  ['an endless expiry', { ...ada, expiresAt: Number.NaN }],
])('a verifier that finds %s has failed', async (_, found) => {
  const { auth } = world(async () => found)
  expect((await refused(auth.authenticate(post('Bearer abc')))).status).toBe(503)
})

describe('a verified token', () => {
  test('is not verified again for a while, and answers without a promise then', async () => {
    const { auth, clock, tokens } = world()
    const first = await auth.authenticate(post('Bearer abc'))
    clock.advance(59_999)
    const second = auth.authenticate(post('Bearer abc'))
    expect(second).toBe(first)
    expect(second).toEqual(ada)
    expect(tokens).toHaveLength(1)
    clock.advance(1)
    await auth.authenticate(post('Bearer abc'))
    expect(tokens).toHaveLength(2)
  })

  test('is never accepted beyond its end, however long verdicts are kept [MCP-285]', async () => {
    const { auth, clock, tokens } = world(async () => ({ ...ada, expiresAt: NOW + 1000 }), { cacheTtlMs: 3_600_000 })
    expect(await auth.authenticate(post('Bearer abc'))).toMatchObject({ principal: ada.principal })
    clock.advance(999)
    expect(auth.authenticate(post('Bearer abc'))).toMatchObject({ principal: ada.principal })
    clock.advance(1)
    const { status, challenge } = await refused(auth.authenticate(post('Bearer abc')))
    expect(status).toBe(401)
    expect(challenge).toContain('error="invalid_token", error_description="the access token has expired"')
    // the verdict was gone, so the verifier was asked
    expect(tokens).toHaveLength(2)
  })

  test('is not accepted beyond its end when the wall clock was set forward', async () => {
    let skew = 0
    const verifier = { verify: async () => ({ ...ada, expiresAt: NOW + 30_000 }) }
    const options = { verifier, resource: RESOURCE, authorizationServers: [ISSUER] }
    const auth = createAuthenticator(options, { log: recordingLog(), clock: fakeClock(), now: () => NOW + skew })
    await auth.authenticate(post('Bearer abc'))
    skew = 60_000
    expect((await refused(auth.authenticate(post('Bearer abc')))).status).toBe(401)
  })

  test('is verified every time where verdicts are not kept', async () => {
    const { auth, tokens } = world(undefined, { cacheTtlMs: 0 })
    await auth.authenticate(post('Bearer abc'))
    await auth.authenticate(post('Bearer abc'))
    expect(tokens).toHaveLength(2)
  })

  test('is verified once for all who ask at the same time, and each refusal is a response of its own', async () => {
    const { auth, tokens } = world(() => Promise.reject(new InvalidTokenError('no')))
    const answers = await Promise.all(Array.from({ length: 5 }, () => refused(auth.authenticate(post('Bearer abc')))))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    expect(tokens).toHaveLength(1)
    await auth.authenticate(post('Bearer abc'))
    expect(tokens).toHaveLength(2)
  })

  test('belongs to one caller only', async () => {
    const { auth } = world(async (token) => ({ ...ada, principal: `${ISSUER}#${token === 'one' ? 'ada' : 'eve'}` }))
    const [one, two] = await Promise.all([auth.authenticate(post('Bearer one')), auth.authenticate(post('Bearer two'))])
    expect([one, two]).toMatchObject([{ principal: `${ISSUER}#ada` }, { principal: `${ISSUER}#eve` }])
  })

  test('is shared by many requests, so nothing of it can be changed', async () => {
    const claims = { roles: [{ name: 'a' }] }
    const { auth } = world(async () => ({ ...ada, claims }))
    const found = await auth.authenticate(post('Bearer abc'))
    if (found instanceof Response) throw new Error('it was refused')
    expect(() => Object.assign(found, { principal: 'eve' })).toThrow(TypeError)
    expect(() => (found.claims as typeof claims).roles.push({ name: 'b' })).toThrow(TypeError)
    expect(() => Object.assign((found.claims as typeof claims).roles[0] ?? {}, { name: 'b' })).toThrow(TypeError)
    expect(Object.isFrozen(claims)).toBe(false)
  })
})

describe('scopes', () => {
  const ladder: Record<string, string[]> = { admin: ['mcp', 'files:write'], 'files:write': ['files:read'] }
  const implies = (scope: string): string[] => ladder[scope] ?? []

  test('a token that lacks what every request needs gets 403 with all of it [MCP-281] [MCP-282]', async () => {
    const { auth } = world(async () => ({ ...ada, scopes: ['mcp'] }), { scopes: ['mcp', 'tools'] })
    expect(await refused(auth.authenticate(post('Bearer abc')))).toEqual({
      status: 403,
      challenge:
        'Bearer error="insufficient_scope", error_description="the access token lacks: tools", ' +
        `resource_metadata="${METADATA}", scope="mcp tools"`,
      body: {
        jsonrpc: '2.0',
        error: {
          code: -31998,
          message: 'this needs an access token with the scopes: mcp tools',
          data: { scopes: ['mcp', 'tools'] },
        },
      },
    })
    expect((await refused(auth.authenticate(post('Bearer abc')))).status).toBe(403)
  })

  test('a scope that implies others grants them [MCP-281]', async () => {
    const { auth } = world(async () => ({ ...ada, scopes: ['admin'] }), { implies })
    const found = await auth.authenticate(post('Bearer abc'))
    if (found instanceof Response) throw new Error('it was refused')
    expect(auth.grants(found, ['files:read', 'mcp', 'admin'])).toBe(true)
    expect(auth.grants(found, ['files:delete'])).toBe(false)
    expect(auth.grants({ ...ada, scopes: ['files:write'] }, ['admin'])).toBe(false)
  })

  test('the challenge of an operation names all its scopes at once, with those of every request [MCP-281]', async () => {
    const { auth } = world(undefined, { implies })
    const { status, challenge } = await refused(auth.insufficient(ada, ['files:read', 'files:write', 'mcp']))
    expect(status).toBe(403)
    expect(challenge).toContain('error_description="the access token lacks: files:read files:write"')
    expect(challenge).toEndWith('scope="mcp files:read files:write"')
  })

  test('a scope that is none cannot break out of the challenge', async () => {
    const { auth } = world()
    const { challenge } = await refused(auth.insufficient(ada, ['a", realm="x', 'b\r\nc', 'fine']))
    expect(challenge).toEndWith('scope="mcp fine"')
    expect(challenge).not.toContain('realm')
  })
})

test('a real token is let in, and one for another server is not, over the whole road [MCP-286]', async () => {
  await using issuer = await startIssuer()
  const clock = fakeClock()
  const log = recordingLog()
  const now = (): number => NOW + clock.now()
  const verifier = jwtVerifier({ issuer: issuer.url, clock, now })
  const options = { verifier, resource: RESOURCE, authorizationServers: [issuer.url], scopes: ['mcp'] }
  const auth = createAuthenticator(options, { log, clock, now })
  const token = await issuer.sign({ scope: 'mcp' })
  expect(await auth.authenticate(post(`Bearer ${token}`))).toMatchObject({ principal: `${issuer.url}#ada` })
  const stray = await issuer.sign({ scope: 'mcp', aud: 'https://other.example/mcp' })
  expect((await refused(auth.authenticate(post(`Bearer ${stray}`)))).status).toBe(401)
  clock.advance(305_000)
  expect((await refused(auth.authenticate(post(`Bearer ${token}`)))).challenge).toContain('has expired')
  expect(Bun.inspect(log.lines)).not.toContain(token.split('.')[1] ?? '')
})

describe('more tokens than are verified at once', () => {
  test('are told when to come back, while known tokens and those under way are answered', async () => {
    const held = gate()
    let isHeld = false
    const { auth, log, tokens } = world(
      async () => {
        if (isHeld) await held.opened
        return ada
      },
      { maxVerifying: 2 },
    )
    await auth.authenticate(post('Bearer known'))
    isHeld = true
    const running = ['one', 'two', 'one'].map((token) => auth.authenticate(post(`Bearer ${token}`)))
    const refusal = await auth.authenticate(post('Bearer three'))
    if (!(refusal instanceof Response)) throw new Error('the request was let in')
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refusal.json()).toEqual({
      jsonrpc: '2.0',
      error: {
        code: SERVER_BUSY,
        message: 'the server is busy: 2 access tokens are being checked, which is the limit (maxVerifying)',
      },
    })
    expect(auth.authenticate(post('Bearer known'))).toEqual(ada)
    held.open()
    expect(await Promise.all(running)).toEqual([ada, ada, ada])
    expect(await auth.authenticate(post('Bearer three'))).toEqual(ada)
    expect(tokens).toEqual(['known', 'one', 'two', 'three'])
    expect(log.lines).toEqual([])
  })

  test('cannot be less than one', () => {
    expect(() => world(undefined, { maxVerifying: 0 })).toThrow('auth.maxVerifying must be at least 1, got 0')
  })
})

test('a verifier that cannot work is named in the log before any request comes', async () => {
  const clock = fakeClock()
  const log = recordingLog()
  const missing = new Error('jwtVerifier needs the package jose')
  const verifier = { verify: async () => ada, prepare: () => Promise.reject(missing) }
  createAuthenticator({ verifier, resource: RESOURCE, authorizationServers: [ISSUER] }, { log, clock })
  await microtasks()
  expect(log.lines).toEqual([{ level: 'error', message: 'no access token can be checked', cause: missing }])
})
