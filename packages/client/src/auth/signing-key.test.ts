import { describe, expect, test } from 'bun:test'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { pemPair } from '../../test/machine-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { importSigningKey, type PrivateKey } from './signing-key.ts'

const what = 'private_key_jwt'

async function jwkOf(algorithm: string): Promise<Record<string, unknown>> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { ...(await exportJWK(privateKey)) }
}

describe('a private key', () => {
  test.each(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'])('may be a PEM for %s', async (algorithm) => {
    const { pem, publicKey } = await pemPair(algorithm)
    const { key, ...rest } = await importSigningKey({ key: `\n${pem}\n\n`, algorithm, what })
    expect(rest).toEqual({ algorithm, keyId: undefined })
    const jwt = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: algorithm }).sign(key)
    expect((await jwtVerify(jwt, publicKey)).payload).toEqual({ a: 1 })
  })

  test.each([
    ['ES256', 'ES256'],
    ['ES512', 'ES512'],
    ['RS256', 'RS256'],
    ['EdDSA', 'EdDSA'],
  ])('may be a JWK of %s, which says what it signs with and what it is called', async (made, expected) => {
    const { alg: _, ...jwk } = await jwkOf(made)
    const signer = await importSigningKey({ key: { ...jwk, kid: 'k1' }, what })
    expect([signer.algorithm, signer.keyId]).toEqual([expected, 'k1'])
    expect((await importSigningKey({ key: { ...jwk, kid: 'k1' }, keyId: 'k2', what })).keyId).toBe('k2')
  })

  test('may say that it signs with another algorithm than usual', async () => {
    expect((await importSigningKey({ key: { ...(await jwkOf('PS384')), alg: 'PS384' }, what })).algorithm).toBe('PS384')
  })

  test.each(['ES384', 'RS512', 'PS256', 'EdDSA'])('may be one of %s that cannot be taken out', async (made) => {
    const { privateKey } = await generateKeyPair(made)
    const signer = await importSigningKey({ key: privateKey, what })
    expect([signer.key, signer.algorithm]).toEqual([privateKey, made])
  })
})

describe('what is no private key', () => {
  const none = async (key: PrivateKey, algorithm?: string): Promise<string> => {
    const error = await failure(importSigningKey({ key, algorithm, what }))
    expect(error).toMatchObject({ code: 'invalid_options' })
    return Bun.inspect(error, { depth: 9 })
  }

  test('is told without a word of it', async () => {
    const { pem } = await pemPair()
    const body = pem.split('\n')[1] ?? ''
    const other = await none(pem.replaceAll('PRIVATE KEY', 'EC PRIVATE KEY'), 'ES256')
    expect(other).toContain('openssl pkcs8')
    const text = await none(pem, 'RS256')
    expect(text).toContain('cannot be read as one for RS256')
    const jwk = { ...(await jwkOf('ES256')), x: 'AAAA' }
    const broken = await none(jwk, 'ES256')
    for (const shown of [other, text]) expect(shown).not.toContain(body)
    expect(broken).not.toContain(String(Object(jwk).d))
  })

  test('may be half of one', async () => {
    const { d: _, ...half } = await jwkOf('ES256')
    expect(await none(half)).toContain('without its private part')
    const { publicKey } = await generateKeyPair('ES256')
    expect(await none(publicKey)).toContain('may not sign')
    const shared = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    expect(await none(shared, 'ES256')).toContain('may not sign')
  })

  test('may be one of another kind, or for signatures that both sides have to know', async () => {
    expect(await none((await pemPair()).pem)).toContain('hand in the option algorithm')
    expect(await none({ kty: 'oct', k: 'c2VjcmV0', d: 'x' })).toContain('hand in the option algorithm')
    expect(await none({ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' })).toContain('got "HS256"')
    expect(await none({ kty: 'EC', alg: 'none' })).toContain('got "none"')
  })
})
