import { describe, expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import { startSite } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { AuthHttp } from './ask-json.ts'
import { canonicalResource, discoverResource } from './discover-resource.ts'

const http: AuthHttp = { fetch: (url, init) => fetch(url, init), clock: systemClock, timeoutMs: 5000, maxBytes: 10_000 }
const ROOT = '/.well-known/oauth-protected-resource'

/** A site whose paths publish metadata of the endpoint `/mcp`. */
function publishing(pages: Record<string, object>) {
  const site = startSite()
  for (const [path, members] of Object.entries(pages)) {
    const document = { resource: `${site.url}/mcp`, authorization_servers: ['https://login.example.com'], ...members }
    site.pages.set(path, () => Response.json(document))
  }
  return Object.assign(site, { mcp: new URL(`${site.url}/mcp`) })
}

describe('the metadata of a resource', () => {
  test('is where the challenge says, and nowhere else is asked [MCP-259]', async () => {
    await using site = publishing({ '/custom': { scopes_supported: ['a', 1] }, [`${ROOT}/mcp`]: {}, [ROOT]: {} })
    expect(await discoverResource(site.mcp, { http, metadataUrl: `${site.url}/custom` })).toEqual({
      resource: site.mcp.href,
      authorizationServers: ['https://login.example.com'],
      scopesSupported: ['a'],
    })
    expect(site.asked).toEqual(['GET /custom'])
  })

  test('is else under the path of the endpoint, else at the root [MCP-259]', async () => {
    await using site = publishing({ [ROOT]: {} })
    expect(await discoverResource(site.mcp, { http })).toMatchObject({ resource: site.mcp.href })
    expect(site.asked).toEqual([`GET ${ROOT}/mcp`, `GET ${ROOT}`])
    site.pages.set(`${ROOT}/mcp`, () =>
      Response.json({ resource: site.mcp.href, authorization_servers: ['https://b.example'] }),
    )
    expect(await discoverResource(site.mcp, { http })).toMatchObject({ authorizationServers: ['https://b.example'] })
    expect(site.asked).toHaveLength(3)
  })

  test('is missing where nothing is found but a page for people', async () => {
    await using site = startSite({ [ROOT]: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }) })
    expect(await discoverResource(new URL(`${site.url}/mcp`), { http })).toBeUndefined()
  })

  test.each([500, 503, 429])('is not missing when its place answers %i: that is an outage', async (status) => {
    await using site = startSite({ [ROOT]: () => new Response('later', { status }) })
    const error = await failure(discoverResource(new URL(`${site.url}/mcp`), { http }))
    expect(error).toMatchObject({ code: 'unreachable', status })
  })

  test('is not looked for elsewhere when the challenge led to nothing', async () => {
    await using site = publishing({ [ROOT]: {} })
    const error = await failure(discoverResource(site.mcp, { http, metadataUrl: `${site.url}/gone` }))
    expect(error).toMatchObject({ code: 'no_metadata', status: 404 })
    expect(site.asked).toEqual(['GET /gone'])
  })

  test.each(['file:///etc/passwd', 'javascript:x', 'http://login.example.com/', '/relative'])(
    'is not fetched from %s [MCP-290]',
    async (metadataUrl) => {
      const error = await failure(discoverResource(new URL('https://mcp.example.com/mcp'), { http, metadataUrl }))
      expect(error).toMatchObject({ code: 'unsafe_url' })
    },
  )
})

describe('the resource that is named', () => {
  test.each([
    ['/mcp', '/mcp', ''],
    ['/mcp', '/', ''],
    ['/mcp', '', ''],
    ['/a/mcp', '/a', ''],
    ['/a/mcp', '/a/', ''],
    ['/mcp', '/mcp/', ''],
    ['/mcp?x=1', '/mcp', ''],
  ])('may for %s be %j and is kept as it is written [MCP-267]', async (endpoint, resource) => {
    await using site = startSite()
    const document = { resource: site.url + resource, authorization_servers: ['https://login.example.com'] }
    site.pages.set('/meta', () => Response.json(document))
    const found = await discoverResource(new URL(site.url + endpoint), { http, metadataUrl: `${site.url}/meta` })
    expect(found?.resource).toBe(site.url + resource)
  })

  test.each([
    'https://evil.example/mcp',
    'http://127.0.0.1:1/mcp',
    'SITE/other',
    'SITE/mc',
    'SITE/mcp#a',
    'SITE/mcp?tenant=2',
    'SITE/mcp/deeper',
    'mcp',
    7,
    undefined,
  ])('ends the attempt when it is %p [MCP-264]', async (resource) => {
    await using site = startSite()
    const named = typeof resource === 'string' ? resource.replace('SITE', site.url) : resource
    site.pages.set(`${ROOT}/mcp`, () =>
      Response.json({ resource: named, authorization_servers: ['https://a.example'] }),
    )
    const error = await failure(discoverResource(new URL(`${site.url}/mcp`), { http }))
    expect(error).toMatchObject({ code: 'resource_mismatch', message: expect.stringContaining(`${site.url}/mcp`) })
    expect(site.asked).toHaveLength(1)
  })

  test('without metadata is the server itself, without query, fragment and the slash of an empty path [MCP-267]', () => {
    expect(canonicalResource(new URL('HTTPS://MCP.example.com:443/MCP/?a=b#c'))).toBe('https://mcp.example.com/MCP/')
    expect(canonicalResource(new URL('https://mcp.example.com/'))).toBe('https://mcp.example.com')
  })
})

test.each([[undefined], [[]], ['https://a.example'], [[1]], [Array.from({ length: 21 }, () => 'https://a.example')]])(
  'metadata with the authorization servers %p is of no use',
  async (servers) => {
    await using site = publishing({ [ROOT]: { authorization_servers: servers } })
    expect(await failure(discoverResource(site.mcp, { http }))).toMatchObject({ code: 'no_metadata' })
  },
)
