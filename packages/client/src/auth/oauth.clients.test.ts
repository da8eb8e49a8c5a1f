import { describe, expect, test } from 'bun:test'
import { oauthHere, REDIRECT_URI, send, startAuthorizationServer, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { memoryTokens } from './token-store.ts'

const CLIENT_ID_URL = 'https://app.example.com/client.json'

describe('a client is known', () => {
  test('by the id it was given by hand, before all other ways [MCP-273]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.metadata.client_id_metadata_document_supported = true
    login.metadata.token_endpoint_auth_methods_supported = ['client_secret_basic']
    const client = { clientId: 'by-hand', clientSecret: 'hand-secret' }
    await send(oauthHere({ client, clientIdUrl: CLIENT_ID_URL }), server.mcp)
    expect(login.logins[0]?.get('client_id')).toBe('by-hand')
    expect(login.grants[0]?.authorization).toBe(`Basic ${btoa('by-hand:hand-secret')}`)
    expect(login.registrations).toEqual([])
  })

  test('by the URL of its document, where that is understood [MCP-273] [MCP-274]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    login.metadata.client_id_metadata_document_supported = true
    await send(oauthHere({ clientIdUrl: CLIENT_ID_URL }), server.mcp)
    expect(login.logins[0]?.get('client_id')).toBe(CLIENT_ID_URL)
    expect(login.grants[0]?.get('client_id')).toBe(CLIENT_ID_URL)
    expect(login.registrations).toEqual([])
  })

  test('by registering itself, once for all servers of one authorization server [MCP-273] [MCP-275] [MCP-276]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const store = memoryTokens()
    const options = {
      clientIdUrl: CLIENT_ID_URL,
      clientName: 'Notes',
      clientMetadata: { client_uri: 'https://a.example' },
    }
    await send(oauthHere({ ...options, store }), server.mcp)
    await send(oauthHere({ ...options, store, account: 'eve' }), server.mcp)
    expect(login.registrations).toEqual([
      {
        client_name: 'Notes',
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        client_uri: 'https://a.example',
      },
    ])
    expect(login.logins.map((query) => query.get('client_id'))).toEqual(['client-1', 'client-1'])
  })

  test('by a registration that holds the redirect URI at hand, else by another one [MCP-272]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const store = memoryTokens()
    await send(oauthHere({ store }), server.mcp)
    const redirectUri = 'https://app.example.com/done'
    await send(oauthHere({ store, account: 'eve', redirectUri }), server.mcp)
    expect(login.registrations.map((asked) => [asked.redirect_uris, asked.application_type])).toEqual([
      [[REDIRECT_URI], 'native'],
      [[redirectUri], 'web'],
    ])
  })

  test('nowhere, and the error says what to do', async () => {
    await using world = startOAuthWorld()
    world.login.metadata.registration_endpoint = undefined
    const error = await failure(send(oauthHere(), world.server.mcp))
    expect(error).toMatchObject({ code: 'no_client_id', message: expect.stringContaining('with the option client') })
    expect(world.login.logins).toEqual([])
  })

  test('no more, and registers itself again', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const store = memoryTokens()
    await send(oauthHere({ store }), server.mcp)
    const give = login.pages.get('/token') ?? (() => new Response())
    login.pages.set('/token', async (request) => {
      const form = new URLSearchParams(await request.clone().text())
      if (form.get('client_id') !== 'client-1') return give(request)
      return Response.json({ error: 'invalid_client' }, { status: 401 })
    })
    expect((await send(oauthHere({ store, account: 'eve' }), server.mcp)).status).toBe(200)
    expect(login.registrations).toHaveLength(2)
  })

  test('under a secret that ends, and registers itself again when it has', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const time = { now: 1_800_000_000_000 }
    const store = memoryTokens()
    const give = login.pages.get('/register') ?? (() => new Response())
    login.pages.set('/register', async (request) => {
      const body = Object(await (await give(request)).json()) as Record<string, unknown>
      return Response.json(
        { ...body, client_secret: 's3cret', client_secret_expires_at: 1_800_000_060 },
        { status: 201 },
      )
    })
    const start = (account: string) => send(oauthHere({ store, account, now: () => time.now }), server.mcp)
    await start('one')
    time.now += 59_000
    await start('two')
    expect(login.registrations).toHaveLength(1)
    time.now += 1000
    await start('three')
    expect(login.registrations).toHaveLength(2)
  })
})

describe('another authorization server', () => {
  test('gets a client and tokens of its own, and sees nothing of the first [MCP-276] [MCP-277] [MCP-284]', async () => {
    await using world = startOAuthWorld()
    await using second = startAuthorizationServer()
    const { login, server } = world
    const authorizer = oauthHere()
    await send(authorizer, server.mcp)
    server.metadata.authorization_servers = [second.url]
    const [first] = login.given
    login.valid.clear()
    const own = second.pages.get('/token') ?? (() => new Response())
    second.pages.set('/token', async (request) => {
      const answer = await own(request)
      for (const [token, scopes] of second.valid) login.valid.set(token, scopes)
      return answer
    })
    second.tokenAnswer.access_token = 'of-the-second'
    second.valid.set('of-the-second', [])
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(second.registrations).toHaveLength(1)
    expect(second.grants.map((form) => form.get('grant_type'))).toEqual(['authorization_code'])
    const seen = JSON.stringify([...second.grants, ...second.logins].map((each) => each.toString()))
    expect(seen).not.toContain('refresh-')
    expect(seen).not.toContain(first ?? '-')
    // the old one had no chance to be refreshed either
    expect(login.grants).toHaveLength(1)
    expect(server.tokens.at(-1)).toBe('Bearer of-the-second')
  })

  test('found when a token is about to end takes the token away before it is sent again [MCP-284]', async () => {
    await using world = startOAuthWorld()
    await using second = startAuthorizationServer()
    const { login, server } = world
    const time = { now: 1_800_000_000_000 }
    const store = memoryTokens()
    const make = () => oauthHere({ store, now: () => time.now })
    await send(make(), server.mcp)
    server.metadata.authorization_servers = [second.url]
    time.now += 3600_000
    const headers = await make().authorize({ method: 'POST', url: server.mcp })
    expect(headers).toEqual({})
    expect(login.grants).toHaveLength(1)
  })

  test('is an error for a client that was registered by hand elsewhere [MCP-278]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const client = { clientId: 'by-hand', clientSecret: 'hand-secret', issuer: 'https://elsewhere.example' }
    const error = await failure(send(oauthHere({ client }), server.mcp))
    expect(error).toMatchObject({ code: 'wrong_authorization_server', issuer: login.url })
    expect(String(error)).toContain('https://elsewhere.example')
    expect([login.logins, login.grants]).toEqual([[], []])
  })

  test('is an error also where nobody said whose client it is, once it was used [MCP-277] [MCP-278]', async () => {
    await using world = startOAuthWorld()
    await using second = startAuthorizationServer()
    const { login, server } = world
    const authorizer = oauthHere({ client: { clientId: 'by-hand' } })
    await send(authorizer, server.mcp)
    server.metadata.authorization_servers = [second.url]
    login.valid.clear()
    expect(await failure(send(authorizer, server.mcp))).toMatchObject({ code: 'wrong_authorization_server' })
    expect(second.logins).toEqual([])
  })

  test('is chosen when a client was registered with it [MCP-276]', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    server.metadata.authorization_servers = ['https://unknown.example', login.url]
    const client = [
      { clientId: 'b', issuer: 'https://elsewhere.example' },
      { clientId: 'a', issuer: login.url },
    ]
    expect((await send(oauthHere({ client }), server.mcp)).status).toBe(200)
    expect(login.logins[0]?.get('client_id')).toBe('a')
  })
})
