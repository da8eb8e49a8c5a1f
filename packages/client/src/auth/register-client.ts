import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type AuthHttp, askJson } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { Registration } from './credentials.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { applicationType } from './redirect.ts'
import { refusalWords } from './refusal.ts'
import { withoutQuery } from './safe-url.ts'

const MAX_CLIENT_ID_LENGTH = 4096

export interface RegisterOptions {
  redirectUri: string
  /** Shown to the person who logs in. */
  clientName: string
  /** More members of the registration, such as `client_uri` and `logo_uri`; they win over those made here. */
  metadata?: JsonObject | undefined
  http: AuthHttp
  signal?: AbortSignal | undefined
}

/**
 * Registers a client with an authorization server.
 * @throws {AuthError} `registration_refused`, `no_client_id`, `unreachable`
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3
 */
export async function registerClient(
  server: AuthorizationServer,
  { redirectUri, clientName, metadata = {}, http, signal }: RegisterOptions,
): Promise<Registration> {
  const { issuer, registrationEndpoint: url } = server
  if (url === undefined) throw new AuthError('no_client_id', `${issuer} registers no clients`, { issuer })
  const asked = {
    client_name: clientName,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: applicationType(redirectUri),
    token_endpoint_auth_method: methodFor(server),
    ...metadata,
  }
  const headers = { 'content-type': 'application/json' }
  const { status, body } = await askJson(url, { body: JSON.stringify(asked), headers, signal }, http)
  if ((status !== 201 && status !== 200) || body === undefined || body.error !== undefined) {
    throw refused({ server, url, status, body, asked })
  }
  const { client_id: clientId, client_secret: secret, client_secret_expires_at: expires } = body
  const unusable = (what: string): AuthError =>
    new AuthError(
      'registration_refused',
      `${withoutQuery(url)} registered this client in a way that cannot be used: ${what}`,
      {
        issuer,
        status,
      },
    )
  if (typeof clientId !== 'string' || clientId === '' || clientId.length > MAX_CLIENT_ID_LENGTH) {
    throw unusable('it gave no client_id')
  }
  const hasSecret = typeof secret === 'string' && secret !== ''
  const { redirect_uris: uris, token_endpoint_auth_method: method } = body
  if (Array.isArray(uris) && uris.length > 0 && !uris.includes(redirectUri)) {
    throw unusable(`it left out the redirect URI ${redirectUri}`)
  }
  return {
    issuer,
    clientId,
    clientSecret: hasSecret ? secret : undefined,
    // whatever was agreed, without a secret there is nothing to prove
    authMethod: hasSecret ? (typeof method === 'string' ? method : asked.token_endpoint_auth_method) : 'none',
    redirectUris: asked.redirect_uris,
    // "or 0 if it will not expire"
    secretExpiresAt: typeof expires === 'number' && expires > 0 ? expires * 1000 : undefined,
  }
}

/** A secret that every copy of a program is given is none, so it is asked for only where nothing else is taken. */
function methodFor({ authMethods }: AuthorizationServer): string {
  // "If omitted, the default is client_secret_basic"
  const taken = authMethods ?? ['client_secret_basic']
  return ['none', 'client_secret_basic', 'client_secret_post'].find((method) => taken.includes(method)) ?? 'none'
}

function refused({
  server: { issuer, found },
  url,
  status,
  body,
  asked,
}: {
  server: AuthorizationServer
  url: URL
  status: number
  body: JsonObject | undefined
  asked: { redirect_uris: readonly string[]; application_type: string }
}): AuthError {
  const at = withoutQuery(url)
  const evidence = { issuer, url: at, status }
  const words = refusalWords(body)
  if (words === undefined && found === 'guessed') {
    const message = `${issuer} wants a token and does not say who gives it: no metadata was found, and ${at} answered ${status}`
    return new AuthError('no_metadata', message, evidence)
  }
  if (words === undefined && (status >= 500 || status === 429)) {
    return new AuthError('unreachable', `${at} answered ${status}; try again later`, evidence)
  }
  const said = words?.text ?? `it answered ${status} without saying why`
  const advice =
    words?.error === 'invalid_redirect_uri'
      ? `it does not take the redirect URI ${asked.redirect_uris.join(', ')} of a ${asked.application_type} application; use a redirect it takes, or a client id it gave you`
      : 'register a client there by hand and hand in its id with the option client'
  const message = `${at} refused to register this client: ${said}; ${advice}`
  return new AuthError('registration_refused', message, { ...evidence, oauthError: words?.error })
}
