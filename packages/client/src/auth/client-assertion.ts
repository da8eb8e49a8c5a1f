import { AuthError } from './auth-error.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import { loadJose } from './load-jose.ts'
import { checkAlgorithm, importSigningKey, type PrivateKey, type SigningKey } from './signing-key.ts'

/** The key that proves who the client is, and what it signs with it. */
export interface PrivateKeyJwtOptions {
  clientId: string
  /** A text is taken for PEM. */
  privateKey: PrivateKey
  /** `alg` of the assertions. Default: what fits the key; a PEM needs it. */
  algorithm?: string | undefined
  /** `kid` of the assertions. Default: that of the JWK. */
  keyId?: string | undefined
  /** Whom the assertions are for. Default: the issuer of the authorization server. */
  audience?: string | undefined
  /** The time of day, in epoch milliseconds. */
  now?: (() => number) | undefined
}

/** How long an assertion is valid, in milliseconds: long enough for clocks that disagree. */
export const ASSERTION_LIFETIME_MS: number = 5 * 60_000

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const METHOD = 'private_key_jwt'

/**
 * Proof by a signed assertion, a new one for each token request: `private_key_jwt`. Needs the package `jose`.
 * @throws {AuthError} `invalid_options`, also from the request when the key cannot be used or the server does not take it
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.2
 * @see https://github.com/modelcontextprotocol/ext-auth/blob/main/specification/stable/oauth-client-credentials.mdx
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  const { clientId, privateKey, algorithm, keyId, audience, now = Date.now } = options
  if (clientId === '') throw new AuthError('invalid_options', `${METHOD} needs a client id, got an empty text`)
  if (algorithm !== undefined) checkAlgorithm(algorithm, METHOD)
  let imported: Promise<SigningKey> | undefined
  let last: string | undefined

  async function sign(recipient: string, signer: SigningKey): Promise<string> {
    const { SignJWT } = await loadJose(METHOD)
    const issuedAt = Math.floor(now() / 1000)
    return new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({
        alg: signer.algorithm,
        typ: 'JWT',
        ...(signer.keyId !== undefined && { kid: signer.keyId }),
      })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(recipient)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_LIFETIME_MS / 1000)
      .sign(signer.key)
  }

  return {
    get secrets() {
      return last === undefined ? [] : [last]
    },
    async apply({ params }, { issuer, authMethods, authSigningAlgorithms: algorithms }) {
      if (authMethods?.includes(METHOD) === false) {
        const message = `${issuer} takes ${authMethods.slice(0, 10).join(', ') || 'nothing'} and not ${METHOD}; a private key is of no use there`
        throw new AuthError('invalid_options', message, { issuer })
      }
      imported ??= importSigningKey({ key: privateKey, algorithm, keyId, what: METHOD })
      const signer = await imported
      if (algorithms?.includes(signer.algorithm) === false) {
        const message = `${issuer} takes assertions signed with ${algorithms.slice(0, 10).join(', ') || 'nothing'}, and the private key of ${clientId} signs with ${signer.algorithm}`
        throw new AuthError('invalid_options', message, { issuer })
      }
      last = await sign(audience ?? issuer, signer)
      // "client_id is unnecessary, because the subject of the assertion names the client"
      params.set('client_assertion_type', ASSERTION_TYPE)
      params.set('client_assertion', last)
    },
  }
}
