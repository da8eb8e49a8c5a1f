import { describe, expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import { failure } from '../testing/failure.test.kit.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { registerClient } from './register-client.ts'
import { someServer } from './some-server.test.kit.ts'

const REDIRECT = 'http://127.0.0.1:7000/callback'

/** A registration that is answered like this. */
function register(answer: Response, server: Partial<AuthorizationServer> = {}, redirectUri: string = REDIRECT) {
  const bodies: unknown[] = []
  const fetch = async (_url: string, { body = '' }: { body?: string }): Promise<Response> => {
    bodies.push(JSON.parse(body))
    return answer
  }
  const http = { fetch, clock: systemClock, timeoutMs: 5000, maxBytes: 10_000 }
  return { bodies, result: registerClient(someServer(server), { redirectUri, clientName: 'Notes', http }) }
}

const created = (body: object): Response => Response.json(body, { status: 201 })

describe('a registration', () => {
  test('says of what kind the client is [MCP-275]', async () => {
    const native = register(created({ client_id: 'a' }))
    const web = register(created({ client_id: 'a' }), {}, 'https://app.example.com/cb')
    await Promise.all([native.result, web.result])
    expect(native.bodies).toMatchObject([
      { application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] },
    ])
    expect(web.bodies).toMatchObject([{ application_type: 'web' }])
  })

  test('is kept with its issuer and the end of its secret [MCP-276]', async () => {
    const answer = {
      client_id: 'a',
      client_secret: 'b',
      client_secret_expires_at: 60,
      token_endpoint_auth_method: 'client_secret_post',
    }
    expect(await register(created(answer)).result).toEqual({
      issuer: 'https://login.example.com',
      clientId: 'a',
      clientSecret: 'b',
      authMethod: 'client_secret_post',
      redirectUris: [REDIRECT],
      secretExpiresAt: 60_000,
    })
    const endless = register(created({ ...answer, client_secret_expires_at: 0 }))
    expect((await endless.result).secretExpiresAt).toBeUndefined()
  })

  test.each<[string[] | undefined, string]>([
    [['client_secret_post', 'none'], 'none'],
    [['client_secret_post'], 'client_secret_post'],
    [undefined, 'client_secret_basic'],
    [['private_key_jwt'], 'none'],
  ])('asks with %p for %s', async (authMethods, method) => {
    const { bodies, result } = register(created({ client_id: 'a' }), { authMethods })
    expect((await result).authMethod).toBe('none')
    expect(bodies).toMatchObject([{ token_endpoint_auth_method: method }])
  })

  test('whose redirect URI is refused is explained [MCP-275]', async () => {
    const answer = Response.json({ error: 'invalid_redirect_uri', error_description: 'no loopback' }, { status: 400 })
    const error = await failure(register(answer).result)
    expect(error).toMatchObject({ code: 'registration_refused', oauthError: 'invalid_redirect_uri', status: 400 })
    expect(String(error)).toContain(
      `(no loopback); it does not take the redirect URI ${REDIRECT} of a native application`,
    )
  })

  test.each<[Response, string]>([
    [Response.json({ error: 'access_denied' }, { status: 403 }), 'with the option client'],
    [new Response('<html>', { status: 401 }), 'answered 401 without saying why'],
    [created({}), 'no client_id'],
    [created({ client_id: '' }), 'no client_id'],
    [created({ client_id: 'a'.repeat(5000) }), 'no client_id'],
    [created({ client_id: 'a', redirect_uris: ['https://other.example'] }), 'left out the redirect URI'],
    [created({ client_id: 'a', error: 'invalid_client_metadata' }), 'invalid_client_metadata'],
  ])('that is refused is explained (%#) [MCP-275]', async (answer, words) => {
    const error = await failure(register(answer).result)
    expect(error).toMatchObject({ code: 'registration_refused', message: expect.stringContaining(words) })
  })

  test('at an endpoint that was only guessed means that nobody gives tokens', async () => {
    const error = await failure(register(new Response(null, { status: 404 }), { found: 'guessed' }).result)
    expect(error).toMatchObject({ code: 'no_metadata', status: 404 })
  })

  test('may be tried later where the server is away', async () => {
    expect(await failure(register(new Response(null, { status: 503 })).result)).toMatchObject({ code: 'unreachable' })
  })
})
