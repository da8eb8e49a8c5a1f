import { expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import { startOAuthWorld, startSite } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { AuthHttp } from './ask-json.ts'
import { discover } from './discover.ts'

const http: AuthHttp = { fetch: (url, init) => fetch(url, init), clock: systemClock, timeoutMs: 5000, maxBytes: 10_000 }

test('finds the first authorization server that a resource names, or the one that is chosen', async () => {
  await using world = startOAuthWorld()
  await using other = startSite()
  other.pages.set('/.well-known/oauth-authorization-server', () => Response.json({ issuer: other.url }))
  const { server, login } = world
  server.metadata.authorization_servers = [login.url, other.url]
  expect((await discover(server.mcp, { http })).server.issuer).toBe(login.url)
  const chosen = await discover(server.mcp, { http, chooseServer: (issuers) => issuers[1] ?? '' })
  expect(chosen).toMatchObject({ resource: server.mcp.href, server: { issuer: other.url } })
})

test('takes no authorization server that the resource does not name [MCP-284]', async () => {
  await using world = startOAuthWorld()
  const attempt = discover(world.server.mcp, { http, chooseServer: () => 'https://evil.example' })
  expect(await failure(attempt)).toMatchObject({ code: 'invalid_options' })
})

test('takes the origin where the resource says nothing, and still names the resource [MCP-262]', async () => {
  await using site = startSite()
  const found = await discover(new URL(`${site.url}/mcp?a=b`), { http })
  expect(found).toMatchObject({ resource: `${site.url}/mcp`, server: { issuer: site.url, found: 'guessed' } })
})

test.each(['http://mcp.example.com/mcp', 'http://10.0.0.1/mcp'])(
  'sends nothing for %s, where tokens could be read by anybody [MCP-288]',
  async (server) => {
    const fetch = (): never => expect.unreachable()
    const error = await failure(discover(new URL(server), { http: { ...http, fetch } }))
    expect(error).toMatchObject({ code: 'unsafe_url' })
  },
)
