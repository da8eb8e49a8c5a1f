import { describe, expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { type OAuthWorld, oauthHere, send, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { STEP_UP_MEMORY_MS } from './step-ups.ts'
import { MAX_LOGINS } from './token-authorizer.ts'

const asked = ({ login }: OAuthWorld): (string | null)[] => login.logins.map((query) => query.get('scope'))

describe('a login asks', () => {
  test('for the scopes of the challenge [MCP-279]', async () => {
    await using world = startOAuthWorld()
    world.server.challenge += ', scope="a b"'
    world.server.metadata.scopes_supported = ['c']
    await send(oauthHere({ scopes: ['d'] }), world.server.mcp)
    expect(asked(world)).toEqual(['a b'])
  })

  test('else for all that the resource lists, else for none [MCP-279]', async () => {
    await using world = startOAuthWorld()
    await send(oauthHere(), world.server.mcp)
    world.server.metadata.scopes_supported = ['c', 'd']
    await send(oauthHere(), world.server.mcp)
    await send(oauthHere({ scopes: ['d'] }), world.server.mcp)
    expect(asked(world)).toEqual([null, 'c d', 'd'])
  })

  test('for offline_access, with consent, only where the authorization server lists it [MCP-287]', async () => {
    await using world = startOAuthWorld()
    world.server.challenge += ', scope="a"'
    await send(oauthHere(), world.server.mcp)
    world.login.metadata.scopes_supported = ['a', 'offline_access']
    await send(oauthHere(), world.server.mcp)
    await send(oauthHere({ offlineAccess: false }), world.server.mcp)
    expect(asked(world)).toEqual(['a', 'a offline_access', 'a'])
    expect(world.login.logins.map((query) => query.get('prompt'))).toEqual([null, 'consent', null])
  })
})

describe('an operation that needs more', () => {
  test('gets a token with all scopes so far and the new ones, once for all who need it [MCP-280]', async () => {
    await using world = startOAuthWorld()
    const { server } = world
    server.challenge += ', scope="read"'
    server.needs.set('write', ['write'])
    const authorizer = oauthHere()
    await send(authorizer, server.mcp)
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(authorizer, server.mcp, { body: 'write' })))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(asked(world)).toEqual(['read', 'read write'])
    expect((await send(authorizer, server.mcp, { body: 'write' })).status).toBe(200)
    expect(asked(world)).toHaveLength(2)
  })

  test('keeps what it got when the token is refused later [MCP-280]', async () => {
    await using world = startOAuthWorld()
    const { server, login } = world
    login.tokenAnswer.refresh_token = undefined
    const time = { now: 1_800_000_000_000 }
    server.challenge += ', scope="read"'
    server.needs.set('write', ['write'])
    const authorizer = oauthHere({ now: () => time.now })
    await send(authorizer, server.mcp, { body: 'write' })
    time.now += 60_000
    login.valid.clear()
    await send(authorizer, server.mcp)
    expect(asked(world)).toEqual(['read', 'read write', 'read write'])
  })

  test('than the token can have ends the attempt, and is not tried again for a while [MCP-280]', async () => {
    await using world = startOAuthWorld()
    const { server, login } = world
    const clock = createFakeClock()
    login.grantScopes = () => ['read']
    server.needs.set('admin', ['admin'])
    const authorizer = oauthHere({ clock })
    const error = await failure(send(authorizer, server.mcp, { body: 'admin' }))
    expect(error).toMatchObject({ code: 'insufficient_scope', status: 403, scopes: ['admin'] })
    const logins = login.logins.length
    expect(logins).toBeLessThanOrEqual(4)
    expect(await failure(send(authorizer, server.mcp, { body: 'admin' }))).toMatchObject({ code: 'insufficient_scope' })
    expect(login.logins).toHaveLength(logins)
    // other operations are not concerned
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    await clock.advance(STEP_UP_MEMORY_MS)
    login.grantScopes = (scopes) => scopes
    expect((await send(authorizer, server.mcp, { body: 'admin' })).status).toBe(200)
  })

  test('although the token has it all is no reason to ask the person [MCP-280]', async () => {
    await using world = startOAuthWorld()
    const { server, login } = world
    const challenge = `Bearer error="insufficient_scope", scope="admin", ${server.challenge}`
    const open = server.pages.get('/mcp') ?? (() => new Response())
    server.challenge += ', scope="admin"'
    server.pages.set('/mcp', async (request) => {
      const answer = await open(request)
      return answer.ok ? new Response(null, { status: 403, headers: { 'www-authenticate': challenge } }) : answer
    })
    const error = await failure(send(oauthHere(), server.mcp))
    expect(error).toMatchObject({ code: 'insufficient_scope', message: expect.stringContaining('has them already') })
    expect(login.logins).toHaveLength(1)
  })

  test('without end brings about so many logins and no more', async () => {
    await using world = startOAuthWorld()
    const { server, login } = world
    const authorizer = oauthHere()
    await send(authorizer, server.mcp)
    let error: unknown
    for (let times = 0; times < 3 * MAX_LOGINS && error === undefined; times++) {
      const headers = new Headers({ 'www-authenticate': `Bearer error="insufficient_scope", scope="s${times}"` })
      const answer = { status: 403, headers }
      error = await authorizer.challenged(answer, { method: 'POST', url: server.mcp }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    }
    expect(error).toMatchObject({ code: 'rejected' })
    expect(login.logins).toHaveLength(MAX_LOGINS)
  })

  test('and names nothing is told as it is', async () => {
    await using world = startOAuthWorld()
    const authorizer = oauthHere()
    const headers = new Headers({ 'www-authenticate': 'Bearer error="insufficient_scope"' })
    const attempt = authorizer.challenged({ status: 403, headers }, { method: 'POST', url: world.server.mcp })
    expect(await failure(attempt)).toMatchObject({ code: 'insufficient_scope' })
  })

  test('that the person denies is not asked for again and again', async () => {
    await using world = startOAuthWorld()
    const { server, login } = world
    const authorizer = oauthHere()
    await send(authorizer, server.mcp)
    server.needs.set('write', ['write'])
    login.answerLogin = (back) => {
      back.searchParams.delete('code')
      back.searchParams.set('error', 'access_denied')
      return back
    }
    expect(await failure(send(authorizer, server.mcp, { body: 'write' }))).toMatchObject({ code: 'denied' })
    expect(await failure(send(authorizer, server.mcp, { body: 'write' }))).toMatchObject({ code: 'insufficient_scope' })
    expect(login.logins).toHaveLength(2)
    expect((await send(authorizer, server.mcp)).status).toBe(200)
  })
})
