import { describe, expect, test } from 'bun:test'
import { oauthHere, REDIRECT_URI, send, startOAuthWorld } from '../../test/oauth-kit.ts'

describe('a server that wants a token', () => {
  test('gets one after one login', async () => {
    await using world = startOAuthWorld()
    const { login, server } = world
    const authorizer = oauthHere()
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(server.tokens).toEqual([null, 'Bearer access-3-secret'])
    expect(login.asked).toEqual([
      'GET /.well-known/oauth-authorization-server',
      'POST /register',
      'GET /authorize',
      'POST /token',
    ])
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(login.logins).toHaveLength(1)
  })
})
