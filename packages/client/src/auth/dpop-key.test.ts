import { describe, expect, test } from 'bun:test'
import { generateKeyPair } from 'jose'
import { failure } from '../testing/failure.test.kit.ts'
import { openProofKey } from './dpop-key.ts'
import { memoryTokens, type TokenStore } from './token-store.ts'

const place = 'dpop key'

function open(store: TokenStore, algorithm?: string) {
  return openProofKey({ key: undefined, algorithm, store, place })
}

describe('a key that is made', () => {
  test('is one for all who ask at the same time, and for the next start', async () => {
    const store = memoryTokens()
    const [one, two] = await Promise.all([open(store), open(store)])
    const three = await open(store)
    expect(one.algorithm).toBe('ES256')
    expect(one.publicJwk).toEqual({ kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) })
    expect([two.publicJwk, three.publicJwk]).toEqual([one.publicJwk, one.publicJwk])
  })

  test('keeps its private part where the tokens are, out of what a proof shows', async () => {
    const store = memoryTokens()
    const { publicJwk } = await open(store, 'RS256')
    expect(Object.keys(publicJwk).sort()).toEqual(['e', 'kty', 'n'])
    expect(JSON.parse((await store.read(place)) ?? '{}')).toMatchObject({
      ...publicJwk,
      alg: 'RS256',
      d: expect.any(String),
    })
  })

  test('is made anew for another algorithm, or when what was kept is none', async () => {
    const store = memoryTokens()
    const { publicJwk } = await open(store)
    expect((await open(store, 'EdDSA')).publicJwk.crv).toBe('Ed25519')
    for (const text of ['', '{', '[]', '{"kty":"EC"}']) {
      await store.write(place, text, await store.read(place))
      const made = await open(store)
      expect(made.publicJwk.kty).toBe('EC')
      expect(made.publicJwk.x).not.toBe(publicJwk.x)
    }
  })
})

test('a pair needs its public half to be public', async () => {
  const { privateKey } = await generateKeyPair('ES256')
  const key = { privateKey, publicKey: privateKey }
  const opening = openProofKey({ key, algorithm: undefined, store: memoryTokens(), place })
  expect(await failure(opening)).toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('publicKey'),
  })
})
