import { expect, test } from 'bun:test'
import { checkedSettings, type HttpAuthOptions } from './options.ts'

const base: HttpAuthOptions = {
  verifier: { verify: () => Promise.reject(new Error('unused')) },
  resource: 'https://mcp.example.com/mcp',
  authorizationServers: ['https://login.example.com'],
}

test.each([
  ['https://MCP.Example.com:443/mcp', 'https://mcp.example.com/mcp', '/mcp'],
  ['https://mcp.example.com/', 'https://mcp.example.com', ''],
  ['https://mcp.example.com', 'https://mcp.example.com', ''],
  ['https://mcp.example.com/a"b\\ü', 'https://mcp.example.com/a%22b/%C3%BC', '/a%22b/%C3%BC'],
  ['https://mcp.example.com/a/mcp/', 'https://mcp.example.com/a/mcp/', '/a/mcp/'],
])('%s is known as %s', (resource, canonical, path) => {
  const settings = checkedSettings({ ...base, resource: new URL(resource) })
  expect(settings.resource).toBe(canonical)
  expect(settings.metadataUrl).toBe(`https://mcp.example.com/.well-known/oauth-protected-resource${path}`)
})

test.each([
  [{ resource: 'mcp.example.com' }, 'auth.resource must be an absolute URL'],
  [{ resource: 'http://mcp.example.com' }, 'auth.resource must be https'],
  [{ resource: 'https://mcp.example.com/?a=1' }, 'auth.resource must have no query'],
  [{ resource: 'https://mcp.example.com/#a' }, 'auth.resource must have no fragment'],
  [{ authorizationServers: [] }, 'auth.authorizationServers must name at least one issuer'],
  [{ authorizationServers: ['http://login.example.com'] }, 'auth.authorizationServers must be https'],
  [{ scopes: ['a b'] }, 'auth.scopes: "a b" is no scope'],
  [{ scopesSupported: ['offline_access'] }, 'auth.scopesSupported: offline_access'],
  [{ resourceDocumentation: 'javascript:alert(1)' }, 'auth.resourceDocumentation must be an http(s) URL'],
  [{ cacheTtlMs: -1 }, 'auth.cacheTtlMs must be at least 0'],
  [{ verifyTimeoutMs: 0 }, 'auth.verifyTimeoutMs must be at least 1'],
])('%j is refused by name [MCP-258] [MCP-288]', (wrong, words) => {
  expect(() => checkedSettings({ ...base, ...wrong })).toThrow(words)
})

test('a verifier that cannot verify is refused', () => {
  // proof: nothing is assumed of it; this is what a caller without types may pass
  const verifier = {} as HttpAuthOptions['verifier']
  expect(() => checkedSettings({ ...base, verifier })).toThrow('auth.verifier must have a verify method')
})
