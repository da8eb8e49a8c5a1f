import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { loadJose } from './load-jose.ts'
import { checkAlgorithm, importSigningKey, isCryptoKey, type SigningKey } from './signing-key.ts'
import type { TokenStore } from './token-store.ts'

/** A pair that Web Crypto holds and need not give away. */
export interface DpopKeyPair {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

/** A private JWK, or a pair of keys. */
export type DpopKey = JsonObject | DpopKeyPair

/** A key that tokens are bound to. */
export interface ProofKey extends SigningKey {
  /** The public part, as every proof carries it. */
  readonly publicJwk: JsonObject
}

export interface ProofKeyOptions {
  /** Default: one that is made, and kept in the store. */
  key: DpopKey | undefined
  algorithm: string | undefined
  store: TokenStore
  /** Where the key is kept in the store. */
  place: string
}

const WHAT = 'DPoP'
const DEFAULT_ALGORITHM = 'ES256'

/**
 * Gets the key that was handed in, the one the tokens in the store are bound to, or a new one.
 * @throws {AuthError} `invalid_options`, `storage_failed`
 */
export async function openProofKey({ key, algorithm, store, place }: ProofKeyOptions): Promise<ProofKey> {
  if (key !== undefined) return importProofKey(key, algorithm)
  const own = algorithm ?? DEFAULT_ALGORITHM
  checkAlgorithm(own, WHAT)
  await using _held = await store.lock(place)
  const text = await store.read(place)
  const kept = parseJwk(text)
  if (kept !== undefined && (algorithm === undefined || kept.alg === algorithm)) {
    try {
      return await importProofKey(kept, undefined)
    } catch {
      // a key that was damaged has lost its tokens; a new one gets new tokens
    }
  }
  const { generateKeyPair, exportJWK } = await loadJose(WHAT)
  const { privateKey } = await generateKeyPair(own, { extractable: true })
  const made: JsonObject = { ...(await exportJWK(privateKey)), alg: own }
  await store.write(place, JSON.stringify(made), text)
  return importProofKey(made, undefined)
}

async function importProofKey(key: DpopKey, algorithm: string | undefined): Promise<ProofKey> {
  if (isPair(key)) {
    const { exportJWK } = await loadJose(WHAT)
    const signer = await importSigningKey({ key: key.privateKey, algorithm, what: WHAT })
    if (key.publicKey.type !== 'public')
      throw new AuthError('invalid_options', 'publicKey of DPoP must be a public key')
    return { ...signer, publicJwk: publicPart({ ...(await exportJWK(key.publicKey)) }) }
  }
  return { ...(await importSigningKey({ key, algorithm, what: WHAT })), publicJwk: publicPart(key) }
}

/** Only what says which key it is: "the public key chosen by the client", and never its private part. */
function publicPart({ kty, crv, x, y, n, e }: JsonObject): JsonObject {
  const members = { kty, crv, x, y, n, e }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => typeof value === 'string'))
}

function isPair(key: DpopKey): key is DpopKeyPair {
  return isCryptoKey(key.privateKey) && isCryptoKey(key.publicKey)
}

function parseJwk(text: string | undefined): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text ?? 'null')
    return isJsonObject(parsed) && typeof parsed.kty === 'string' ? parsed : undefined
  } catch {
    // as above: a new key takes its place
    return undefined
  }
}
