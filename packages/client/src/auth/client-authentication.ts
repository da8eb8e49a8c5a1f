import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import type { AuthorizationServer } from './discover-server.ts'

/** Who this client is to one authorization server. */
export interface ClientIdentity {
  readonly clientId: string
  readonly clientSecret?: string | undefined
  /** `token_endpoint_auth_method` as it was registered. Default: what fits the secret and the server. */
  readonly authMethod?: string | undefined
}

/** A token request before it is sent; free to change. */
export interface TokenRequestDraft {
  readonly params: URLSearchParams
  readonly headers: Record<string, string>
}

/** Proves to a token endpoint who the client is. */
export interface ClientAuthentication {
  /** Strings that must appear in no error, such as a secret. */
  readonly secrets: readonly string[]
  /** @throws {AuthError} `invalid_options` when the server takes no such proof */
  apply(draft: TokenRequestDraft, server: AuthorizationServer): MaybePromise<void>
}

/**
 * Proof by a shared secret, or none for a public client: `client_secret_basic`, `client_secret_post` or `none`, as it was
 * registered, else the first of them that the server takes.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function secretAuthentication(client: ClientIdentity): ClientAuthentication {
  const { clientId, clientSecret } = client
  return {
    secrets: clientSecret === undefined ? [] : [clientSecret],
    apply({ params, headers }, server) {
      const method = methodFor(client, server)
      if (method === 'none' || clientSecret === undefined) {
        params.set('client_id', clientId)
      } else if (method === 'client_secret_basic') {
        // "encoded using the application/x-www-form-urlencoded encoding algorithm", so both are ASCII
        headers.authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`
      } else {
        params.set('client_id', clientId)
        params.set('client_secret', clientSecret)
      }
    },
  }
}

const SUPPORTED: readonly string[] = ['client_secret_basic', 'client_secret_post', 'none']

function methodFor({ clientSecret, authMethod }: ClientIdentity, { issuer, authMethods }: AuthorizationServer): string {
  if (authMethod !== undefined) {
    const fits = SUPPORTED.includes(authMethod) && (clientSecret !== undefined || authMethod === 'none')
    if (fits) return authMethod
    const message = `a client of ${issuer} is registered for ${JSON.stringify(authMethod.slice(0, 60))}, which needs ${SUPPORTED.includes(authMethod) ? 'its client secret' : 'an authentication of its own'}`
    throw new AuthError('invalid_options', message, { issuer })
  }
  if (clientSecret === undefined) return 'none'
  // "If omitted, the default is client_secret_basic"
  const taken = authMethods ?? ['client_secret_basic']
  const method = SUPPORTED.find((name) => taken.includes(name))
  if (method !== undefined) return method
  const message = `${issuer} takes none of ${SUPPORTED.join(', ')} but ${taken.slice(0, 10).join(', ') || 'nothing'}; a client secret is of no use there`
  throw new AuthError('invalid_options', message, { issuer })
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
