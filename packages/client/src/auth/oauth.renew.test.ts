import { describe, expect, test } from 'bun:test'
import { type OAuthWorld, oauthHere, send, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { OAuthOptions } from './oauth.ts'
import { MAX_LOGINS } from './token-authorizer.ts'
import { RENEWAL_PAUSE_MS } from './token-holder.ts'
import { memoryTokens } from './token-store.ts'

/** A client that was logged in at the moment zero and whose time is set by hand. */
async function loggedIn(world: OAuthWorld, options: OAuthOptions = {}) {
  const time = { now: 1_800_000_000_000 }
  const store = memoryTokens()
  const make = () => oauthHere({ store, now: () => time.now, ...options })
  const authorizer = make()
  await send(authorizer, world.server.mcp)
  return { authorizer, time, store, make }
}

const kinds = ({ login }: OAuthWorld): (string | null)[] => login.grants.map((form) => form.get('grant_type'))

describe('a token that ends', () => {
  test('is renewed shortly before, by everybody together [MCP-287]', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    time.now += 3600_000 - 30_001
    await send(authorizer, world.server.mcp)
    expect(kinds(world)).toEqual(['authorization_code'])
    time.now += 1
    await Promise.all(Array.from({ length: 5 }, () => send(authorizer, world.server.mcp)))
    expect(kinds(world)).toEqual(['authorization_code', 'refresh_token'])
    const [, form] = world.login.grants
    expect(form?.get('resource')).toBe(world.server.mcp.href)
    expect(form?.get('refresh_token')).toBe('refresh-3-secret')
    expect(world.server.tokens.at(-1)).toBe(`Bearer ${world.login.given[1]}`)
  })

  test('is renewed by each refresh token once, since they rotate', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    for (let times = 0; times < 3; times++) {
      time.now += 3600_000
      await send(authorizer, world.server.mcp)
    }
    expect(kinds(world)).toEqual(['authorization_code', 'refresh_token', 'refresh_token', 'refresh_token'])
    expect(world.login.reused).toEqual([])
    expect(world.login.logins).toHaveLength(1)
  })

  test('keeps its refresh token where the answer brings none', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time, store } = await loggedIn(world)
    world.login.tokenAnswer.refresh_token = undefined
    time.now += 3600_000
    await send(authorizer, world.server.mcp)
    const [key] = [`tokens ${world.server.mcp.href} authorization_code`]
    expect(await store.read(key ?? '')).toContain('refresh-3-secret')
  })

  test('and has no refresh token is used to its end, and then there is a login [MCP-287]', async () => {
    await using world = startOAuthWorld()
    world.login.tokenAnswer.refresh_token = undefined
    const { authorizer, time } = await loggedIn(world)
    time.now += 3600_000
    expect(authorizer.authorize({ method: 'POST', url: world.server.mcp })).toMatchObject({
      authorization: expect.any(String),
    })
    world.login.valid.clear()
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(kinds(world)).toEqual(['authorization_code', 'authorization_code'])
  })

  test('is still used while the authorization server is away', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    world.login.pages.set('/token', () => new Response(null, { status: 503 }))
    time.now += 3600_000 - 10_000
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    time.now += 20_000
    expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'unreachable', status: 503 })
  })
})

describe('a renewal that fails', () => {
  test.each<[number, string]>([
    [503, 'temporarily_unavailable'],
    [400, 'temporarily_unavailable'],
    [429, 'slow_down'],
    [500, 'server_error'],
  ])('for the moment (%i, %s) leads to no login', async (status, oauthError) => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    world.login.pages.set('/token', () => Response.json({ error: oauthError }, { status }))
    time.now += 3600_000
    world.login.valid.clear()
    expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'unreachable', status, oauthError })
    expect(world.login.logins).toHaveLength(1)
  })

  test('is not tried with every request while the token is valid', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    const asked = (): number => world.login.asked.filter((each) => each === 'POST /token').length
    world.login.pages.set('/token', () => new Response(null, { status: 503 }))
    time.now += 3600_000 - 30_000
    for (let times = 0; times < 3; times++) await send(authorizer, world.server.mcp)
    expect(asked()).toBe(2)
    time.now += RENEWAL_PAUSE_MS
    expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'unreachable' })
    expect(asked()).toBe(3)
  })

  test('for good is not tried with every request while the server takes the token', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    const asked = (): number => world.login.asked.filter((each) => each === 'POST /token').length
    world.login.pages.set('/token', () => Response.json({ error: 'invalid_client' }, { status: 401 }))
    time.now += 3600_000
    for (let times = 0; times < 3; times++) expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(asked()).toBe(2)
    time.now += RENEWAL_PAUSE_MS
    await send(authorizer, world.server.mcp)
    expect(asked()).toBe(3)
  })
})

describe('the token of one server', () => {
  const asked = (url: URL, server: URL) => ({ method: 'POST', url, server })

  test('is sent to no other one on the same origin', async () => {
    await using world = startOAuthWorld()
    const { mcp } = world.server
    const { authorizer } = await loggedIn(world)
    const other = new URL('/other/mcp', mcp)
    expect(() => authorizer.authorize(asked(other, other))).toThrow('needs an authorizer of its own')
    expect(
      await failure(authorizer.challenged({ status: 401, headers: new Headers() }, asked(other, other))),
    ).toMatchObject({ code: 'invalid_options' })
    // its own server may have several places
    expect(authorizer.authorize(asked(new URL('/messages', mcp), mcp))).toMatchObject({
      authorization: expect.any(String),
    })
  })

  test('that was handed in as a place is for all that is under it', async () => {
    const authorizer = oauthHere({ server: 'https://mcp.example.com/team' })
    const under = new URL('https://mcp.example.com/team/a')
    const beside = new URL('https://mcp.example.com/teams')
    expect(await authorizer.authorize(asked(under, under))).toEqual({})
    expect(() => authorizer.authorize(asked(beside, beside))).toThrow('https://mcp.example.com/teams')
  })
})

test('a token that is still valid is used although the metadata cannot be read any more', async () => {
  await using world = startOAuthWorld()
  const { make, time } = await loggedIn(world)
  world.server.metadata.authorization_servers = []
  time.now += 3600_000 - 10_000
  expect((await send(make(), world.server.mcp)).status).toBe(200)
  time.now += 20_000
  expect(await failure(send(make(), world.server.mcp))).toMatchObject({ code: 'no_metadata' })
})

describe('a token that is refused', () => {
  test('is refreshed once, and the request is sent again', async () => {
    await using world = startOAuthWorld()
    const { authorizer } = await loggedIn(world)
    world.login.valid.clear()
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(kinds(world)).toEqual(['authorization_code', 'refresh_token'])
  })

  test('long after it was given is refreshed, without a login', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    time.now += 60_000
    world.login.valid.clear()
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(authorizer, world.server.mcp)))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(kinds(world)).toEqual(['authorization_code', 'refresh_token'])
  })

  test('and cannot be refreshed leads to a login, and the dead refresh token is not shown again', async () => {
    await using world = startOAuthWorld()
    const { authorizer, time } = await loggedIn(world)
    time.now += 3600_000
    world.login.valid.clear()
    const { pages } = world.login
    const give = pages.get('/token') ?? (() => new Response())
    pages.set('/token', async (request) => {
      const text = await request.clone().text()
      return text.includes('refresh_token') ? Response.json({ error: 'invalid_grant' }, { status: 400 }) : give(request)
    })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(world.login.asked.filter((each) => each === 'POST /token')).toHaveLength(3)
    expect(world.login.logins).toHaveLength(2)
  })

  test('although it was just given ends the attempt, instead of asking the person for ever', async () => {
    await using world = startOAuthWorld()
    const { server, login } = world
    server.pages.set(
      '/mcp',
      () => new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer ${server.challenge}` } }),
    )
    const error = await failure(send(oauthHere(), server.mcp))
    expect(error).toMatchObject({ code: 'rejected', status: 401, issuer: login.url })
    expect(kinds(world)).toEqual(['authorization_code', 'refresh_token'])
  })

  test('while another one was obtained is no reason for a third', async () => {
    await using world = startOAuthWorld()
    const { authorizer } = await loggedIn(world)
    const request = { method: 'POST', url: world.server.mcp }
    const answer = { status: 401, headers: new Headers() }
    expect(await authorizer.challenged(answer, request, { sent: {} })).toBe(true)
    expect(await authorizer.challenged(answer, request, { sent: { authorization: 'Bearer older' } })).toBe(true)
    // nothing is known of this one, so the new token gets its chance first
    expect(await authorizer.challenged(answer, request)).toBe(true)
    expect(kinds(world)).toEqual(['authorization_code'])
  })
})

describe('credentials in a store', () => {
  test('serve the next start without a login', async () => {
    await using world = startOAuthWorld()
    const { make } = await loggedIn(world)
    expect((await send(make(), world.server.mcp)).status).toBe(200)
    expect(world.login.logins).toHaveLength(1)
    expect(world.server.tokens).toHaveLength(3)
  })

  test('are refreshed by the next start, where the metadata was found by a challenge only', async () => {
    await using world = startOAuthWorld()
    const { pages, url } = world.server
    pages.set('/custom', pages.get('/.well-known/oauth-protected-resource/mcp') ?? (() => new Response()))
    pages.delete('/.well-known/oauth-protected-resource/mcp')
    world.server.challenge = `resource_metadata="${url}/custom"`
    const { make, time } = await loggedIn(world)
    time.now += 3600_000
    expect((await send(make(), world.server.mcp)).status).toBe(200)
    expect(kinds(world)).toEqual(['authorization_code', 'refresh_token'])
  })

  test('that were damaged lead to a login', async () => {
    await using world = startOAuthWorld()
    const { make, store } = await loggedIn(world)
    const key = `tokens ${world.server.mcp.href} authorization_code`
    await store.write(key, '{"accessToken": 7}', await store.read(key))
    expect((await send(make(), world.server.mcp)).status).toBe(200)
    expect(world.login.logins).toHaveLength(2)
  })
})

test('a server that changes its mind all the time brings about so many logins and no more', async () => {
  await using world = startOAuthWorld()
  const { authorizer, time } = await loggedIn(world)
  world.login.pages.set('/token', world.login.pages.get('/token') ?? (() => new Response()))
  world.login.tokenAnswer.refresh_token = undefined
  let error: unknown
  for (let times = 0; times < 20 && error === undefined; times++) {
    world.login.valid.clear()
    time.now += 60_000
    error = await send(authorizer, world.server.mcp).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  }
  expect(error).toMatchObject({ code: 'rejected', message: expect.stringContaining('MAX_LOGINS') })
  expect(world.login.logins).toHaveLength(MAX_LOGINS)
})
