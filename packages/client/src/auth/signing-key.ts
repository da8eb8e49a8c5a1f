import type { JsonObject } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { loadJose } from './load-jose.ts'

/** A private key: PKCS #8 as PEM, a JWK, or one that Web Crypto holds. */
export type PrivateKey = string | JsonObject | CryptoKey

/** A key that is ready to sign. */
export interface SigningKey {
  readonly key: CryptoKey
  /** `alg` of what it signs. */
  readonly algorithm: string
  /** `kid` of what it signs. */
  readonly keyId: string | undefined
}

export interface SigningKeyOptions {
  key: PrivateKey
  /** `alg`. Default: what the key says; a PEM says nothing. */
  algorithm?: string | undefined
  keyId?: string | undefined
  /** Who needs the key, for errors. */
  what: string
}

/** Signatures that need no secret on the other side. */
const ALGORITHMS: ReadonlySet<string> = new Set(
  'ES256 ES384 ES512 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA Ed25519'.split(' '),
)

/**
 * Makes a private key ready to sign. No error holds anything of the key.
 * @throws {AuthError} `invalid_options`
 */
export async function importSigningKey({ key, algorithm, keyId, what }: SigningKeyOptions): Promise<SigningKey> {
  const own = algorithm ?? algorithmOf(key)
  if (own === undefined) {
    throw refuse(what, 'does not say what it signs with; hand in the option algorithm, such as ES256')
  }
  checkAlgorithm(own, what)
  const id = keyId ?? (isJwk(key) && typeof key.kid === 'string' ? key.kid : undefined)
  if (isCryptoKey(key)) {
    if (key.type !== 'private' || !key.usages.includes('sign')) throw refuse(what, 'may not sign')
    return { key, algorithm: own, keyId: id }
  }
  if (isJwk(key) && typeof key.d !== 'string') throw refuse(what, 'is a JWK without its private part')
  const { importPKCS8, importJWK } = await loadJose(what)
  try {
    const imported = typeof key === 'string' ? await importPKCS8(key.trim(), own) : await importJWK(key, own)
    if (!(imported instanceof Uint8Array)) return { key: imported, algorithm: own, keyId: id }
  } catch {
    // the cause may quote the key
  }
  const expected =
    typeof key === 'string'
      ? 'expected a PEM that begins with -----BEGIN PRIVATE KEY----- (openssl pkcs8 -topk8 -nocrypt makes one)'
      : 'expected the members of its kty'
  throw refuse(what, `cannot be read as one for ${own}; ${expected}`)
}

/** @throws {AuthError} `invalid_options` */
export function checkAlgorithm(algorithm: string, what: string): void {
  if (ALGORITHMS.has(algorithm)) return
  const message = `${what} signs with one of ${[...ALGORITHMS].join(', ')}, got ${JSON.stringify(algorithm.slice(0, 40))}`
  throw new AuthError('invalid_options', message)
}

export function isCryptoKey(key: unknown): key is CryptoKey {
  return key instanceof CryptoKey
}

function isJwk(key: PrivateKey): key is JsonObject {
  return typeof key !== 'string' && !isCryptoKey(key)
}

const BY_CURVE: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
}

function algorithmOf(key: PrivateKey): string | undefined {
  if (typeof key === 'string') return undefined
  if (isCryptoKey(key)) {
    const { name, namedCurve, hash } = key.algorithm as { name: string; namedCurve?: string; hash?: { name: string } } // members of Web Crypto's EcKeyAlgorithm and RsaHashedKeyAlgorithm
    const length = hash?.name.slice(-3) ?? ''
    if (name === 'RSA-PSS') return `PS${length}`
    if (name === 'RSASSA-PKCS1-v1_5') return `RS${length}`
    return BY_CURVE[namedCurve ?? name]
  }
  if (typeof key.alg === 'string') return key.alg
  if (key.kty === 'RSA') return 'RS256'
  return typeof key.crv === 'string' ? BY_CURVE[key.crv] : undefined
}

function refuse(what: string, why: string): AuthError {
  return new AuthError('invalid_options', `the private key of ${what} ${why}`)
}
