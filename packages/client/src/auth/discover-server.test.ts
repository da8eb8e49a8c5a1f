import { describe, expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import { type Site, startSite } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { AuthHttp } from './ask-json.ts'
import { discoverOriginServer, discoverServer } from './discover-server.ts'

const http: AuthHttp = { fetch: (url, init) => fetch(url, init), clock: systemClock, timeoutMs: 5000, maxBytes: 10_000 }
const OAUTH = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'

const find = (site: Site, path: string = '') =>
  discoverServer(site.url + path, { http, namedBy: new URL('http://localhost') })

describe('the metadata of an authorization server', () => {
  test.each([
    ['', OAUTH, [OAUTH]],
    ['', OPENID, [OAUTH, OPENID]],
    ['/t', `${OAUTH}/t`, [`${OAUTH}/t`]],
    ['/t', `${OPENID}/t`, [`${OAUTH}/t`, `${OPENID}/t`]],
    ['/t', `/t${OPENID}`, [`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]],
    ['/t/', `/t${OPENID}`, [`${OAUTH}/t`, `${OPENID}/t`, `/t${OPENID}`]],
  ])('of an issuer with the path %j is found at %s, in order [MCP-261]', async (path, place, asked) => {
    await using site = startSite()
    site.pages.set(place, () => Response.json({ issuer: site.url + path, token_endpoint: `${site.url}/token` }))
    expect((await find(site, path)).tokenEndpoint?.href).toBe(`${site.url}/token`)
    expect(site.asked).toEqual(asked.map((each) => `GET ${each}`))
  })

  test.each(['https://evil.example', 'SITE/', 'site', undefined, 7])(
    'of the issuer %p is another one, character by character [MCP-263]',
    async (issuer) => {
      await using site = startSite()
      const named = issuer === 'SITE/' ? `${site.url}/` : issuer
      site.pages.set(OAUTH, () => Response.json({ issuer: named, token_endpoint: `${site.url}/token` }))
      expect(await failure(find(site))).toMatchObject({ code: 'issuer_mismatch', issuer: site.url })
    },
  )

  test('of another issuer is discarded, and the right one may be in the next place [MCP-263]', async () => {
    await using site = startSite()
    site.pages.set(`${OAUTH}/t`, () => Response.json({ issuer: site.url }))
    site.pages.set(`/t${OPENID}`, () => Response.json({ issuer: `${site.url}/t` }))
    expect((await find(site, '/t')).issuer).toBe(`${site.url}/t`)
  })

  test('that is nowhere is an error that says so, and an outage is another', async () => {
    await using site = startSite()
    expect(await failure(find(site))).toMatchObject({ code: 'no_metadata' })
    site.pages.set(OPENID, () => new Response(null, { status: 502 }))
    expect(await failure(find(site))).toMatchObject({ code: 'unreachable', status: 502 })
  })

  test('that redirects is none, wherever it leads [MCP-290]', async () => {
    await using site = startSite()
    site.pages.set(OAUTH, () => new Response(null, { status: 302, headers: { location: 'file:///etc/passwd' } }))
    site.pages.set(OPENID, () => new Response(null, { status: 307, headers: { location: `${site.url}/elsewhere` } }))
    expect(await failure(find(site))).toMatchObject({ code: 'no_metadata' })
    expect(site.asked).toEqual([`GET ${OAUTH}`, `GET ${OPENID}`])
  })

  test.each([
    ['authorization_endpoint', 'javascript:alert(1)'],
    ['authorization_endpoint', 'data:text/html,x'],
    ['authorization_endpoint', 'file:///etc/passwd'],
    ['token_endpoint', 'http://login.example.com/token'],
    ['registration_endpoint', 7],
  ])('with %s = %j is refused as a whole [MCP-289] [MCP-288]', async (name, value) => {
    await using site = startSite()
    site.pages.set(OAUTH, () => Response.json({ issuer: site.url, [name]: value }))
    expect(await failure(find(site))).toMatchObject({ code: 'unsafe_url', message: expect.stringContaining(name) })
  })

  test('of a public server names no address in the network of the client [MCP-290]', async () => {
    const issuer = 'https://login.example.com'
    const fetch = async (): Promise<Response> =>
      Response.json({ issuer, token_endpoint: 'https://169.254.169.254/token' })
    const attempt = discoverServer(issuer, { http: { ...http, fetch }, namedBy: new URL('http://localhost') })
    expect(await failure(attempt)).toMatchObject({ code: 'unsafe_url' })
  })

  test('that is huge is given up', async () => {
    await using site = startSite({ [OAUTH]: () => new Response('['.repeat(20_000)) })
    expect(await failure(find(site))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('maxBytes'),
    })
  })

  test('is read with everything a login depends on', async () => {
    await using site = startSite()
    site.pages.set(OAUTH, () =>
      Response.json({
        issuer: site.url,
        code_challenge_methods_supported: ['S256', 1],
        authorization_response_iss_parameter_supported: true,
        client_id_metadata_document_supported: 'true',
        dpop_signing_alg_values_supported: ['ES256'],
        scopes_supported: ['a'],
      }),
    )
    expect(await find(site)).toEqual({
      issuer: site.url,
      authorizationEndpoint: undefined,
      tokenEndpoint: undefined,
      registrationEndpoint: undefined,
      scopesSupported: ['a'],
      grantTypes: undefined,
      codeChallengeMethods: ['S256'],
      authMethods: undefined,
      authSigningAlgorithms: undefined,
      dpopAlgorithms: ['ES256'],
      issInResponses: true,
      clientIdDocuments: false,
      found: 'published',
      isOrigin: false,
    })
  })
})

describe('a server that names no authorization server', () => {
  test('is one itself, with the metadata at its root [MCP-262]', async () => {
    await using site = startSite()
    site.pages.set(OAUTH, () => Response.json({ issuer: `${site.url}/`, token_endpoint: `${site.url}/oauth/token` }))
    const found = await discoverOriginServer(new URL(`${site.url}/deep/mcp`), { http })
    expect([found.issuer, found.tokenEndpoint?.pathname, found.isOrigin]).toEqual([
      `${site.url}/`,
      '/oauth/token',
      true,
    ])
  })

  test('has the default endpoints where it has no metadata [MCP-262]', async () => {
    await using site = startSite()
    const found = await discoverOriginServer(new URL(`${site.url}/deep/mcp`), { http })
    expect(found).toMatchObject({
      issuer: site.url,
      authorizationEndpoint: new URL(`${site.url}/authorize`),
      tokenEndpoint: new URL(`${site.url}/token`),
      registrationEndpoint: new URL(`${site.url}/register`),
      found: 'guessed',
    })
  })

  test('has no default endpoints when it shows the metadata of somebody else [MCP-263]', async () => {
    await using site = startSite({ [OAUTH]: () => Response.json({ issuer: 'https://evil.example' }) })
    const error = await failure(discoverOriginServer(new URL(`${site.url}/mcp`), { http }))
    expect(error).toMatchObject({ code: 'issuer_mismatch' })
  })
})
