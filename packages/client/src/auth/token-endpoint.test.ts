import { describe, expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import { failure } from '../testing/failure.test.kit.ts'
import type { AuthHttp } from './ask-json.ts'
import { secretAuthentication } from './client-authentication.ts'
import { someServer } from './some-server.test.kit.ts'
import { type GrantRequest, postGrant, requestToken } from './token-endpoint.ts'
import type { TokenProof } from './token-proof.ts'

const SECRETS = { client: 'client/secret', refresh: 'refresh+token', verifier: 'verifier-text' }

/** A request to an endpoint that gives these answers in turn. */
function asking(answers: readonly Response[], members: Partial<GrantRequest> = {}) {
  const sent: Parameters<AuthHttp['fetch']>[] = []
  const fetch: AuthHttp['fetch'] = async (url, init) => {
    sent.push([url, init])
    return answers[sent.length - 1] ?? new Response(null, { status: 500 })
  }
  const request: GrantRequest = {
    server: someServer(),
    params: {
      grant_type: 'refresh_token',
      refresh_token: SECRETS.refresh,
      code_verifier: SECRETS.verifier,
      scope: undefined,
    },
    client: secretAuthentication({ clientId: 'me', clientSecret: SECRETS.client }),
    http: { fetch, clock: systemClock, timeoutMs: 5000, maxBytes: 500_000 },
    ...members,
  }
  return { request, sent }
}

const token = { access_token: 'abc', token_type: 'Bearer' }

describe('a token request', () => {
  test('is a form with the proof of the client, and gives the token', async () => {
    const answer = { ...token, expires_in: 60, refresh_token: 'next', scope: 'a b' }
    const { request, sent } = asking([Response.json(answer)])
    expect(await requestToken(request)).toEqual({
      accessToken: 'abc',
      tokenType: 'bearer',
      expiresInMs: 60_000,
      refreshToken: 'next',
      scopes: ['a', 'b'],
    })
    const [url, init] = sent[0] ?? []
    expect(url).toBe('https://login.example.com/token')
    expect(init).toMatchObject({ method: 'POST', redirect: 'manual' })
    expect(init?.body).toBe('grant_type=refresh_token&refresh_token=refresh%2Btoken&code_verifier=verifier-text')
    expect(init?.headers.authorization).toStartWith('Basic ')
  })

  test('takes nothing for granted but the token and its kind [MCP-287]', async () => {
    const { request } = asking([Response.json({ ...token, expires_in: 'soon', refresh_token: null, scope: 7 })])
    const { expiresInMs, refreshToken, scopes } = await requestToken(request)
    expect([expiresInMs, refreshToken, scopes]).toEqual([undefined, undefined, undefined])
  })

  test.each([
    [{ ...token, access_token: 'a b' }, 'no word'],
    [{ ...token, access_token: 'a\r\nx-evil: 1' }, 'no word'],
    [{ token_type: 'Bearer' }, 'no word'],
    [{ ...token, access_token: 'a'.repeat(70_000) }, 'longer than'],
    [{ ...token, refresh_token: 7 }, 'refresh_token'],
    [{ ...token, token_type: 'mac' }, 'token_type is "mac", expected bearer'],
    [{ access_token: 'abc' }, 'token_type is none'],
  ])('does not take what it cannot use (%#)', async (answer, words) => {
    const error = await failure(requestToken(asking([Response.json(answer)]).request))
    expect(error).toMatchObject({ code: 'unsupported_token', message: expect.stringContaining(words) })
  })

  test('that is refused says why and what to do, and nothing secret that the answer repeats [MCP-287]', async () => {
    const description = `not ${SECRETS.refresh} nor ${encodeURIComponent(SECRETS.client)}\u001b[2J nor ${SECRETS.verifier}`
    const body = { error: 'invalid_client', error_description: description }
    const error = await failure(requestToken(asking([Response.json(body, { status: 401 })]).request))
    expect(error).toMatchObject({
      code: 'token_refused',
      oauthError: 'invalid_client',
      status: 401,
      issuer: 'https://login.example.com',
    })
    expect(String(error)).toContain('not [secret] nor [secret] [2J nor [secret]')
    expect(String(error)).toContain('check the client id')
    for (const secret of Object.values(SECRETS)) expect(Bun.inspect(error, { depth: 9 })).not.toContain(secret)
  })

  test.each([
    new Response('<html>', { status: 502 }),
    new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
    Response.json({ error: 'x"y' }, { status: 400 }),
    new Response('fine'),
  ])('that gets no answer of OAuth may be tried later (%#)', async (answer) => {
    const { request, sent } = asking([answer])
    expect(await failure(requestToken(request))).toMatchObject({ code: 'unreachable', status: answer.status })
    expect(sent).toHaveLength(1)
  })

  test('needs an endpoint', async () => {
    const { request } = asking([], { server: someServer({ tokenEndpoint: undefined }) })
    expect(await failure(requestToken(request))).toMatchObject({ code: 'no_metadata' })
  })

  test('can be read by whoever sent it, for exchanges that give something else', async () => {
    const { request } = asking([Response.json({ issued_token_type: 'urn:x', access_token: 'é' })])
    expect(await postGrant(request)).toEqual({ issued_token_type: 'urn:x', access_token: 'é' })
  })
})

describe('a proof of possession', () => {
  function nonceProof(): TokenProof {
    let nonce = 'none'
    return {
      scheme: 'DPoP',
      headers: ({ method, url }) => ({ dpop: `${method} ${url.href} ${nonce}` }),
      learn({ headers, error }) {
        const next = headers.get('dpop-nonce')
        if (error !== 'use_dpop_nonce' || next === null || next === nonce) return false
        nonce = next
        return true
      },
    }
  }
  const again = (): Response =>
    Response.json({ error: 'use_dpop_nonce' }, { status: 400, headers: { 'dpop-nonce': 'n1' } })

  test('is sent, and made once more when the server asks for that', async () => {
    const { request, sent } = asking([again(), Response.json({ ...token, token_type: 'DPoP' })], {
      proof: nonceProof(),
    })
    expect((await requestToken(request)).tokenType).toBe('dpop')
    expect(sent.map(([, { headers }]) => headers.dpop)).toEqual([
      'POST https://login.example.com/token none',
      'POST https://login.example.com/token n1',
    ])
  })

  test('is not made a third time', async () => {
    const { request, sent } = asking([again(), again(), again()], { proof: nonceProof() })
    expect(await failure(requestToken(request))).toMatchObject({ oauthError: 'use_dpop_nonce' })
    expect(sent).toHaveLength(2)
  })

  test('is needed for tokens of its kind', async () => {
    const { request } = asking([Response.json({ ...token, token_type: 'DPoP' })])
    expect(await failure(requestToken(request))).toMatchObject({ code: 'unsupported_token' })
  })
})
