import { AuthError } from './auth-error.ts'
import { privateKeyJwt } from './client-assertion.ts'
import { type ClientAuthentication, secretAuthentication } from './client-authentication.ts'
import type { PrivateKey } from './signing-key.ts'

/** A client that was registered by hand, and how it proves itself: by a secret or by a private key. */
export interface MachineClient {
  clientId: string
  clientSecret?: string
  /** A text is taken for PEM (PKCS #8). Needs the package `jose`. */
  privateKey?: PrivateKey
  /** `alg` of the assertions, such as `ES256`. Default: what fits the key; a PEM needs it. */
  algorithm?: string
  /** `kid` of the assertions. Default: that of the JWK. */
  keyId?: string
  /** How the secret is sent. Default: as the authorization server lists it, `client_secret_basic` before the other. */
  authMethod?: 'client_secret_basic' | 'client_secret_post'
}

export interface MachineAuthenticationOptions {
  /** Begins errors, such as `clientCredentials()`. */
  what: string
  /** Whether a client without a secret and a key will do. */
  mayBePublic: boolean
  now: (() => number) | undefined
}

/** @throws {AuthError} `invalid_options` */
export function machineAuthentication(
  { clientId, clientSecret, privateKey, algorithm, keyId, authMethod }: MachineClient,
  { what, mayBePublic, now }: MachineAuthenticationOptions,
): ClientAuthentication {
  const refuse = (why: string): AuthError => new AuthError('invalid_options', `${what} ${why}`)
  if (typeof clientId !== 'string' || clientId === '') throw refuse('needs a clientId, got none')
  // such as from an environment variable that is not set
  if (clientSecret === '') throw refuse('got an empty clientSecret')
  if (privateKey === '') throw refuse('got an empty privateKey')
  if (clientSecret !== undefined && privateKey !== undefined) {
    throw refuse('takes a clientSecret or a privateKey, got both')
  }
  if (privateKey !== undefined) {
    if (authMethod !== undefined) throw refuse('takes authMethod with a clientSecret only')
    return privateKeyJwt({ clientId, privateKey, algorithm, keyId, now })
  }
  if (algorithm !== undefined || keyId !== undefined) {
    throw refuse('takes algorithm and keyId with a privateKey only')
  }
  if (clientSecret !== undefined) return secretAuthentication({ clientId, clientSecret, authMethod })
  if (!mayBePublic || authMethod !== undefined) throw refuse('needs a clientSecret or a privateKey, got none')
  return secretAuthentication({ clientId, authMethod: 'none' })
}
