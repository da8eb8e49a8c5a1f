import { expect, test } from 'bun:test'
import { checkedSettings, type HttpAuthOptions } from './options.ts'
import { metadataResponder } from './protected-resource.ts'

const base: HttpAuthOptions = {
  verifier: { verify: () => Promise.reject(new Error('unused')) },
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://login.example.com/'],
}

function ask(path: string, options: Partial<HttpAuthOptions> = {}, method: string = 'GET'): Response | undefined {
  const request = new Request(`https://mcp.example.com${path}`, { method })
  return metadataResponder(checkedSettings({ ...base, ...options }))(request)
}

test('the metadata is at the root and under the path of the server, for every web page to read [MCP-258]', async () => {
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp?a=1']) {
    const response = ask(path)
    expect(response?.status).toBe(200)
    expect(response?.headers.get('content-type')).toBe('application/json')
    expect(response?.headers.get('access-control-allow-origin')).toBe('*')
    expect(response?.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(await response?.json()).toEqual({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://login.example.com/'],
      bearer_methods_supported: ['header'],
    })
  }
})

test('everything that was given is published, and the scopes of every request where no others are', async () => {
  const more = { resourceName: 'Files', resourceDocumentation: 'https://example.com/docs', scopes: ['mcp'] }
  expect(await ask('/.well-known/oauth-protected-resource', more)?.json()).toMatchObject({
    scopes_supported: ['mcp'],
    resource_name: 'Files',
    resource_documentation: 'https://example.com/docs',
  })
  const all = { ...more, scopesSupported: ['mcp', 'files:write'] }
  expect(await ask('/.well-known/oauth-protected-resource', all)?.json()).toMatchObject({
    scopes_supported: ['mcp', 'files:write'],
  })
})

test('a preflight is answered, and every other request is left to the server', () => {
  const preflight = ask('/.well-known/oauth-protected-resource/mcp', {}, 'OPTIONS')
  expect(preflight?.status).toBe(204)
  expect(preflight?.headers.get('access-control-allow-methods')).toBe('GET, OPTIONS')
  for (const path of [
    '/mcp',
    '/.well-known/oauth-protected-resource/other',
    '/mcp?x=/.well-known/oauth-protected-resource',
  ]) {
    expect(ask(path)).toBeUndefined()
  }
  expect(ask('/.well-known/oauth-protected-resource', {}, 'POST')).toBeUndefined()
})
