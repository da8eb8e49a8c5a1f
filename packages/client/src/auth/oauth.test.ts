import { describe, expect, test } from 'bun:test'
import { followHere, oauthHere, REDIRECT_URI, send, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { type OAuthOptions, oauth } from './oauth.ts'
import { memoryTokens } from './token-store.ts'

describe('a server that wants a token', () => {
  test('gets one after one login, on every request and never in a query [MCP-283]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const authorizer = oauthHere()
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(server.tokens).toEqual([null, `Bearer ${login.given[0]}`, `Bearer ${login.given[0]}`])
    expect(login.asked).toEqual([
      'GET /.well-known/oauth-authorization-server',
      'POST /register',
      'GET /authorize',
      'POST /token',
    ])
  })

  test('is asked without a promise once there is a token', async () => {
    await using world = startOAuthWorld()
    const authorizer = oauthHere()
    await send(authorizer, world.server.mcp)
    const request = { method: 'GET', url: world.server.mcp }
    const headers = authorizer.authorize(request)
    expect(headers).toEqual({ authorization: `Bearer ${world.login.given[0]}` })
    expect(authorizer.authorize(request)).toBe(headers)
  })

  test('is told of PKCE, state and its own name, in the login and in the token request [MCP-265] [MCP-266] [MCP-267] [MCP-272]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    server.metadata.resource = server.url
    await send(oauthHere(), server.mcp)
    const [asked] = login.logins
    const [form] = login.grants
    expect(Object.fromEntries(asked ?? [])).toEqual({
      response_type: 'code',
      client_id: expect.stringMatching(/^client-/),
      redirect_uri: REDIRECT_URI,
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      resource: server.url,
    })
    expect(form?.get('resource')).toBe(server.url)
    expect(form?.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    expect(form?.get('redirect_uri')).toBe(REDIRECT_URI)
  })

  test('logs everybody in who waits for the same server with one login', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const authorizer = oauthHere()
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(authorizer, server.mcp)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect([login.logins.length, login.grants.length, login.registrations.length]).toEqual([1, 1, 1])
  })

  test('that is another server gets no token [MCP-284]', async () => {
    await using world = startOAuthWorld()
    const authorizer = oauthHere({ server: world.server.mcp })
    await send(authorizer, world.server.mcp)
    const request = { method: 'POST', url: new URL('https://evil.example/mcp') }
    expect(() => authorizer.authorize(request)).toThrow('got a request to https://evil.example')
    const challenge = { status: 401, headers: new Headers() }
    expect(await failure(authorizer.challenged(challenge, request))).toMatchObject({ code: 'invalid_options' })
  })

  test('that needs none is asked nothing', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    server.pages.set('/mcp', () => new Response('welcome'))
    expect((await send(oauthHere(), server.mcp)).status).toBe(200)
    expect([...login.asked, ...server.asked]).toEqual(['POST /mcp'])
  })

  test('gets no other headers for a 403 that is not about scopes', async () => {
    await using world = startOAuthWorld()
    world.server.pages.set('/mcp', () => new Response(null, { status: 403 }))
    expect((await send(oauthHere(), world.server.mcp)).status).toBe(403)
    expect(world.login.asked).toEqual([])
  })
})

describe('a server from the time before resource metadata', () => {
  test('is its own authorization server, at the default endpoints, with PKCE all the same [MCP-262] [MCP-265]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    for (const path of ['/authorize', '/token', '/register'])
      server.pages.set(path, login.pages.get(path) ?? (() => new Response()))
    server.pages.delete('/.well-known/oauth-protected-resource/mcp')
    server.challenge = 'realm="old"'
    login.metadata.issuer = server.url
    expect((await send(oauthHere(), server.mcp)).status).toBe(200)
    expect(login.logins[0]?.get('code_challenge_method')).toBe('S256')
    expect(login.grants[0]?.get('resource')).toBe(server.mcp.href)
  })

  test('that is none at all is told apart from one that refuses', async () => {
    await using world = startOAuthWorld()
    world.server.pages.delete('/.well-known/oauth-protected-resource/mcp')
    world.server.challenge = 'realm="old"'
    const error = await failure(send(oauthHere(), world.server.mcp))
    expect(error).toMatchObject({ code: 'no_metadata', message: expect.stringContaining('does not say who gives it') })
  })
})

test('the person who gives up ends the login, also where nobody listens to that, and another one may begin', async () => {
  await using world = startOAuthWorld()
  const { server } = world
  const control = new AbortController()
  const begun = Promise.withResolvers<void>()
  let visits = 0
  const authorizer = oauthHere({
    redirect: (url, options) => {
      if (++visits > 1) return followHere(url, options)
      begun.resolve()
      return new Promise(() => {})
    },
  })
  const reason = new Error('enough')
  const waiting = failure(send(authorizer, server.mcp, { signal: control.signal }))
  await begun.promise
  control.abort(reason)
  expect(await waiting).toBe(reason)
  expect((await send(authorizer, server.mcp)).status).toBe(200)
})

test('who is logged in is told apart by identity, which holds nothing secret and stays through a refresh', async () => {
  await using world = startOAuthWorld()
  const { login, server } = world
  const store = memoryTokens()
  const [one, two, three] = [oauthHere({ store }), oauthHere({ store }), oauthHere({ store, account: 'eve' })]
  const before = one.identity
  for (const each of [one, two, three]) await send(each, server.mcp)
  expect(one.identity).not.toBe(before)
  expect(two.identity).toBe(one.identity)
  expect(three.identity).not.toBe(one.identity)
  const known = one.identity
  login.valid.clear()
  await send(one, server.mcp)
  expect(one.identity).not.toContain('secret')
  expect([known, one.identity]).not.toContain(before)
})

describe('options', () => {
  test.each<[OAuthOptions, string]>([
    [{ redirect: followHere }, 'needs redirectUri'],
    [{ redirect: followHere, redirectUri: 'http://app.example.com/cb' }, 'https, or http on loopback'],
    [{ redirect: followHere, redirectUri: 'myapp://cb' }, 'https, or http on loopback'],
    [{ redirect: followHere, redirectUri: 'https://app.example.com/cb#a' }, 'fragment'],
    [{ redirectUri: REDIRECT_URI }, 'a redirect that is a function'],
    [{ server: 'mcp.example.com' }, 'server must be an absolute URL'],
    [{ clientIdUrl: 'http://app.example.com/client.json' }, 'client id URL'],
  ])('that contradict each other are refused at once: %p [MCP-272]', (options, words) => {
    expect(() => oauth(options)).toThrow(words)
  })

  test('that are left out listen to nothing and open nothing', () => {
    expect(oauth().authorize({ method: 'GET', url: new URL('https://mcp.example.com') })).not.toHaveProperty(
      'authorization',
    )
  })

  test('add parameters to a login, and replace none of its own', async () => {
    await using world = startOAuthWorld()
    const authorizationParameters = { login_hint: 'ada', state: 'mine', code_challenge_method: 'plain' }
    await send(oauthHere({ authorizationParameters }), world.server.mcp)
    const [asked] = world.login.logins
    expect(asked?.get('login_hint')).toBe('ada')
    expect(asked?.get('code_challenge_method')).toBe('S256')
    expect(asked?.get('state')).not.toBe('mine')
  })
})
