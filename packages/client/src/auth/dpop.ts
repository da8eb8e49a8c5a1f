import { AuthError } from './auth-error.ts'
import { type DpopKey, openProofKey, type ProofKey } from './dpop-key.ts'
import { createDpopServers } from './dpop-servers.ts'
import { loadJose } from './load-jose.ts'
import { checkAlgorithm } from './signing-key.ts'
import type { TokenProof } from './token-proof.ts'
import type { TokenStore } from './token-store.ts'

/** How tokens are bound to a key. */
export interface DpopOptions {
  /** Default: one that is made, and kept where the tokens are. */
  key?: DpopKey
  /** `alg` of the proofs. Default: what fits the key, `ES256` for one that is made. */
  algorithm?: string
  /** True refuses tokens that are bound to nothing. Default: they are used as what they are. */
  required?: boolean
}

export interface DpopPlace {
  store: TokenStore
  /** Where a key that is made is kept in the store; tells servers and accounts apart. */
  place: string
  /** Epoch milliseconds. */
  now: () => number
}

/**
 * Proves with every request that the token belongs to whoever holds a key. Needs the package `jose`.
 * @throws {AuthError} `invalid_options`
 * @see https://www.rfc-editor.org/rfc/rfc9449#section-4
 */
export function dpop(options: DpopOptions, { store, place, now }: DpopPlace): TokenProof {
  const { key, algorithm, required = false } = options
  if (algorithm !== undefined) checkAlgorithm(algorithm, 'DPoP')
  if (key !== undefined && (typeof key !== 'object' || key === null)) {
    throw new AuthError('invalid_options', `the key of DPoP must be a JWK or a pair of CryptoKeys, got ${typeof key}`)
  }
  const servers = createDpopServers(now)
  let opened: Promise<ProofKey> | undefined

  function open(): Promise<ProofKey> {
    opened ??= openProofKey({ key, algorithm, store, place }).catch((failure: unknown) => {
      // a store that is away now may be back for the next request
      opened = undefined
      throw failure
    })
    return opened
  }

  return {
    scheme: 'DPoP',
    required,
    async headers({ method, url, accessToken }) {
      const { key: signer, algorithm: alg, publicJwk } = await open()
      const { SignJWT } = await loadJose('DPoP')
      const { nonce, skewMs } = servers.of(url)
      const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        // "without query and fragment parts"
        htu: url.origin + url.pathname,
        iat: Math.floor((now() + skewMs) / 1000),
        ...(accessToken !== undefined && { ath: await sha256(accessToken) }),
        ...(nonce !== undefined && { nonce }),
      }
      const proof = await new SignJWT(claims)
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: { ...publicJwk } })
        .sign(signer)
      return { dpop: proof }
    },
    learn: servers.learn,
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
