import type { JsonObject } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { checkRedirectUri } from './redirect.ts'

/** What a client says about itself in the document under its client id. */
export interface ClientIdDocumentOptions {
  /** Where the document is served, which is the client id. */
  clientId: string
  /** Shown to the person who logs in. */
  name: string
  /** All redirect URIs the client may use. */
  redirectUris: readonly string[]
  /** More members, such as `client_uri`, `logo_uri` and `jwks_uri`. */
  metadata?: JsonObject
}

/**
 * The document that a client id URL has to lead to, ready to be served as JSON.
 * @throws {AuthError} `invalid_options`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#client-id-metadata-documents
 */
export function clientIdDocument({ clientId, name, redirectUris, metadata }: ClientIdDocumentOptions): JsonObject {
  checkClientIdUrl(clientId)
  if (name === '') throw new AuthError('invalid_options', 'a client id document needs a name, got an empty one')
  if (redirectUris.length === 0) {
    throw new AuthError('invalid_options', 'a client id document needs at least one redirect URI, got none')
  }
  for (const uri of redirectUris) checkRedirectUri(uri)
  return {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    ...metadata,
    client_id: clientId,
    client_name: name,
    redirect_uris: [...redirectUris],
  }
}

/**
 * "The client_id URL MUST use the https scheme and contain a path component."
 * @throws {AuthError} `invalid_options`
 */
export function checkClientIdUrl(clientId: string): void {
  const url = URL.canParse(clientId) ? new URL(clientId) : undefined
  const fine =
    url !== undefined &&
    url.protocol === 'https:' &&
    url.pathname !== '/' &&
    url.username === '' &&
    url.password === '' &&
    !clientId.includes('#') &&
    // it is compared character by character, so there must be one way to write it
    url.href === clientId
  if (fine) return
  const message = `a client id URL must be https with a path, written as a browser would, without user and fragment, got ${JSON.stringify(clientId)}`
  throw new AuthError('invalid_options', message)
}
