import { describe, expect, test } from 'bun:test'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { failure } from '../testing/failure.test.kit.ts'
import { ASSERTION_LIFETIME_MS, type PrivateKeyJwtOptions, privateKeyJwt } from './client-assertion.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { someServer } from './some-server.test.kit.ts'

const NOW = 1_800_000_000_999

async function someKey(): Promise<Record<string, unknown>> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)) }
}

async function prove(options: Partial<PrivateKeyJwtOptions> = {}, members: Partial<AuthorizationServer> = {}) {
  const draft = { params: new URLSearchParams(), headers: {} }
  const privateKey = options.privateKey ?? (await someKey())
  const authentication = privateKeyJwt({ clientId: 'me', now: () => NOW, ...options, privateKey })
  await authentication.apply(draft, someServer(members))
  return { draft, authentication, assertion: draft.params.get('client_assertion') ?? '' }
}

describe('an assertion', () => {
  test('is about the client, for the issuer alone, and valid for minutes', async () => {
    const { assertion, draft } = await prove()
    expect(decodeJwt(assertion)).toEqual({
      iss: 'me',
      sub: 'me',
      aud: 'https://login.example.com',
      jti: expect.any(String),
      iat: 1_800_000_000,
      exp: 1_800_000_000 + ASSERTION_LIFETIME_MS / 1000,
    })
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'ES256', typ: 'JWT' })
    expect([...draft.params.keys()]).toEqual(['client_assertion_type', 'client_assertion'])
    expect(draft.headers).toEqual({})
  })

  test('may be for somebody else, and name its key', async () => {
    const { assertion } = await prove({ audience: 'https://login.example.com/token', keyId: 'k1' })
    expect(decodeJwt(assertion).aud).toBe('https://login.example.com/token')
    expect(decodeProtectedHeader(assertion).kid).toBe('k1')
  })

  test('is another one each time, and a secret', async () => {
    const { assertion, authentication } = await prove()
    expect(authentication.secrets).toEqual([assertion])
    const draft = { params: new URLSearchParams(), headers: {} }
    await authentication.apply(draft, someServer())
    expect(decodeJwt(draft.params.get('client_assertion') ?? '').jti).not.toBe(decodeJwt(assertion).jti)
  })

  test.each([
    [{ authMethods: ['client_secret_basic'] }, 'takes client_secret_basic and not private_key_jwt'],
    [{ authSigningAlgorithms: ['RS256'] }, 'takes assertions signed with RS256'],
  ])('is not made for a server that takes none of its kind (%#)', async (members, words) => {
    expect(await failure(prove({}, members))).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining(words),
    })
  })

  test('is made for a server that lists it, and for one that lists nothing', async () => {
    for (const members of [{ authMethods: ['private_key_jwt'], authSigningAlgorithms: ['ES256'] }, {}]) {
      expect((await prove({}, members)).assertion).not.toBe('')
    }
  })
})

test('a client needs a name', () => {
  expect(() => privateKeyJwt({ clientId: '', privateKey: {} })).toThrow('needs a client id')
})
