import { describe, expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { oauthHere, send, startAuthorizationServer, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'

describe('the answer to a login', () => {
  test.each([
    ['another issuer', (iss: string) => `${iss}x`],
    ['the issuer with a slash', (iss: string) => `${iss}/`],
    ['the issuer in capitals', (iss: string) => iss.toUpperCase()],
    ['an empty issuer', () => ''],
  ])('from %s is not used: its code goes nowhere [MCP-268] [MCP-269]', async (_, change) => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.answerLogin = (back) => {
      back.searchParams.set('iss', change(login.url))
      return back
    }
    expect(await failure(send(oauthHere(), server.mcp))).toMatchObject({ code: 'issuer_mismatch', issuer: login.url })
    expect(login.grants).toEqual([])
  })

  test('from nobody is refused where the authorization server always says who it is [MCP-270]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.answerLogin = (back) => {
      back.searchParams.delete('iss')
      return back
    }
    expect(await failure(send(oauthHere(), server.mcp))).toMatchObject({ code: 'issuer_mismatch' })
    expect(login.grants).toEqual([])
    login.metadata.authorization_response_iss_parameter_supported = undefined
    expect((await send(oauthHere(), server.mcp)).status).toBe(200)
  })

  test('from another one, although nobody promised an issuer, is refused as well [MCP-269]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.metadata.authorization_response_iss_parameter_supported = undefined
    login.answerLogin = (back) => {
      back.searchParams.set('iss', 'https://evil.example')
      return back
    }
    expect(await failure(send(oauthHere(), server.mcp))).toMatchObject({ code: 'issuer_mismatch' })
    expect(login.grants).toEqual([])
  })

  test.each(['iss', 'state'])('with another %s shows nothing of its error [MCP-271] [MCP-272]', async (name) => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.answerLogin = (back) => {
      back.searchParams.set(name, 'https://evil.example')
      back.searchParams.set('error', 'call_this_number')
      back.searchParams.set('error_description', 'Call 555-0100 to unlock')
      return back
    }
    const error = await failure(send(oauthHere(), server.mcp))
    expect(error).toMatchObject({ code: name === 'iss' ? 'issuer_mismatch' : 'redirect_failed', oauthError: undefined })
    expect(Bun.inspect(error, { depth: 9 })).not.toMatch(/call|555|evil/i)
  })

  test('that says no is told, in plain characters', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.answerLogin = (back) => {
      back.searchParams.set('error', 'access_denied')
      back.searchParams.set('error_description', 'not\u001b]0;you\u0007 today\nor ever')
      return back
    }
    const error = await failure(send(oauthHere(), server.mcp))
    expect(error).toMatchObject({ code: 'denied', oauthError: 'access_denied' })
    expect(String(error)).toContain('access_denied (not ]0;you  today or ever)')
    expect(login.grants).toEqual([])
  })

  test.each<[string, (back: URL) => URL]>([
    ['somewhere else', (back) => new URL(`https://evil.example/?${back.searchParams}`)],
    ['a file', () => new URL('file:///etc/passwd')],
    ['two states', (back) => new URL(`${back.href}&state=x`)],
    ['two codes', (back) => new URL(`${back.href}&code=x`)],
    ['no code', (back) => new URL(back.href.replace(/code=[^&]*/, ''))],
  ])('with %s is not used', async (_, change) => {
    await using world = startOAuthWorld()
    world.login.answerLogin = change
    expect(await failure(send(oauthHere(), world.server.mcp))).toMatchObject({ code: 'redirect_failed' })
    expect(world.login.grants).toEqual([])
  })
})

describe('a hostile server', () => {
  test('that mixes authorization servers up gets no code of the honest one [MCP-268] [MCP-269]', async () => {
    await using world = startOAuthWorld()
    await using evil = startAuthorizationServer()
    const { login, server } = world
    // it sends people to the honest server and wants the code for itself
    evil.metadata.authorization_endpoint = `${login.url}/authorize`
    server.metadata.authorization_servers = [evil.url]
    expect(await failure(send(oauthHere(), server.mcp))).toMatchObject({ code: 'issuer_mismatch' })
    expect(login.logins).toHaveLength(1)
    expect(evil.grants).toEqual([])
  })

  test('that names another resource gets no login [MCP-264]', async () => {
    await using world = startOAuthWorld()
    world.server.metadata.resource = 'https://bank.example/mcp'
    expect(await failure(send(oauthHere(), world.server.mcp))).toMatchObject({ code: 'resource_mismatch' })
    expect(world.login.asked).toEqual([])
  })

  test.each([
    ['nothing', undefined],
    ['no method', []],
    ['plain', ['plain']],
    ['no list', 'S256'],
  ])('that offers for PKCE %s gets neither client nor login [MCP-266]', async (_, methods) => {
    await using world = startOAuthWorld()
    world.login.metadata.code_challenge_methods_supported = methods
    const error = await failure(send(oauthHere(), world.server.mcp))
    expect(error).toMatchObject({ code: 'pkce_unsupported', message: expect.stringContaining('expected S256') })
    expect(world.login.asked).toEqual(['GET /.well-known/oauth-authorization-server'])
  })

  test.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'vbscript:x',
    'http://login.example.com/a',
  ])('that sends people to %s opens nothing [MCP-289]', async (endpoint) => {
    await using world = startOAuthWorld()
    world.login.metadata.authorization_endpoint = endpoint
    const redirect = (): never => expect.unreachable()
    const error = await failure(send(oauthHere({ redirect }), world.server.mcp))
    expect(error).toMatchObject({ code: 'unsafe_url' })
  })

  test('that never answers is given up [MCP-290]', async () => {
    await using world = startOAuthWorld()
    const clock = createFakeClock()
    const asked = Promise.withResolvers<void>()
    world.login.pages.set('/.well-known/oauth-authorization-server', () => {
      asked.resolve()
      return new Promise(() => {})
    })
    const waiting = failure(send(oauthHere({ clock, timeoutMs: 5000 }), world.server.mcp))
    await asked.promise
    await clock.advance(5000)
    expect(await waiting).toMatchObject({ code: 'unreachable', message: expect.stringContaining('timeoutMs') })
  })

  test('that answers a token with a redirect gets the code once', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.pages.set('/token', () => new Response(null, { status: 307, headers: { location: `${login.url}/steal` } }))
    expect(await failure(send(oauthHere(), server.mcp))).toMatchObject({ code: 'unreachable', status: 307 })
    expect(login.asked.slice(-1)).toEqual(['POST /token'])
  })
})

test('no error of any failure holds a token, a code, a secret, a state or a verifier [MCP-287] [MCP-288]', async () => {
  const secrets = new Set<string>()
  const failures: unknown[] = []
  const steps: ((world: ReturnType<typeof startOAuthWorld>) => unknown)[] = [
    ({ login }) =>
      login.pages.set('/token', async (request) =>
        Response.json({ error: 'invalid_grant', error_description: await request.text() }, { status: 400 }),
      ),
    ({ login }) =>
      login.pages.set('/token', async (request) => Response.json({ error: await request.text() }, { status: 400 })),
    ({ login }) => login.pages.set('/token', async (request) => new Response(await request.text(), { status: 500 })),
    ({ login }) => Object.assign(login.tokenAnswer, { token_type: 'mac' }),
    ({ login }) => Object.assign(login, { answerLogin: (back: URL) => new URL(`${back.href}&state=twice`) }),
    ({ server }) =>
      server.pages.set('/mcp', () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } })),
  ]
  for (const step of steps) {
    await using world = startOAuthWorld()
    const { login, server } = world
    step(world)
    const client = { clientId: 'me', clientSecret: 'client-secret-text' }
    login.metadata.token_endpoint_auth_methods_supported = ['client_secret_post']
    failures.push(await failure(send(oauthHere({ client }), server.mcp)))
    for (const token of login.given) secrets.add(token)
    for (const query of login.logins) secrets.add(query.get('state') ?? '').add(query.get('code_challenge') ?? '')
    for (const form of login.grants) secrets.add(form.get('code') ?? '').add(form.get('code_verifier') ?? '')
    secrets.add('client-secret-text').add('code-1-secret').add('code-2-secret')
  }
  secrets.delete('')
  expect(failures).toHaveLength(steps.length)
  expect(secrets.size).toBeGreaterThan(10)
  const told = failures.map((error) => Bun.inspect(error, { depth: 9 })).join('\n')
  expect([...secrets].filter((secret) => told.includes(secret))).toEqual([])
})
