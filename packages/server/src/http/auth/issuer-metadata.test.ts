import { expect, test } from 'bun:test'
import { fakeClock } from '../../../test/kit.ts'
import type { FetchLimits } from './fetch-document.ts'
import { discoverJwksUrl } from './issuer-metadata.ts'

const issuer = 'https://login.example.com/t'

/** A web of these pages and nothing else. */
function web(pages: Record<string, object>, asked: string[] = []): FetchLimits {
  return {
    clock: fakeClock(),
    timeoutMs: 1000,
    maxBytes: 10_000,
    fetch: async (url) => {
      asked.push(url)
      return url in pages ? Response.json(pages[url]) : new Response('', { status: 404 })
    },
  }
}

test('an issuer with a path is asked at three places in order, one without at two', async () => {
  const asked: string[] = []
  await expect(discoverJwksUrl(issuer, web({}, asked))).rejects.toThrow(`the keys of ${issuer} were not found`)
  expect(asked).toEqual([
    'https://login.example.com/.well-known/oauth-authorization-server/t',
    'https://login.example.com/.well-known/openid-configuration/t',
    'https://login.example.com/t/.well-known/openid-configuration',
  ])
  asked.length = 0
  await expect(discoverJwksUrl('https://login.example.com/', web({}, asked))).rejects.toThrow('expected 200')
  expect(asked).toEqual([
    'https://login.example.com/.well-known/oauth-authorization-server',
    'https://login.example.com/.well-known/openid-configuration',
  ])
})

test('the metadata of another issuer is passed over, a slash at the end included', async () => {
  const keys = 'https://keys.example.com/t'
  const pages = {
    'https://login.example.com/.well-known/oauth-authorization-server/t': {
      issuer: `${issuer}/`,
      jwks_uri: 'https://evil.example',
    },
    'https://login.example.com/.well-known/openid-configuration/t': { issuer, jwks_uri: keys },
  }
  expect((await discoverJwksUrl(issuer, web(pages))).href).toBe(keys)
  await expect(discoverJwksUrl(issuer, web({ [Object.keys(pages)[0] ?? '']: { issuer: 'x' } }))).rejects.toThrow(
    'is the metadata of another issuer',
  )
})

test.each([
  [{ issuer }, 'names no jwks_uri'],
  [{ issuer, jwks_uri: 'http://login.example.com/keys' }, 'must be https'],
  [{ issuer, jwks_uri: 'https://127.0.0.1/keys' }, 'leads to this machine'],
  [{ issuer, jwks_uri: 'http://localhost:6379/' }, 'leads to this machine'],
])('%j does not say where keys may be fetched [MCP-288]', async (document, words) => {
  const pages = { 'https://login.example.com/.well-known/oauth-authorization-server/t': document }
  await expect(discoverJwksUrl(issuer, web(pages))).rejects.toThrow(words)
})
