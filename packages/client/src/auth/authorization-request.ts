import { AuthError } from './auth-error.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { createPkce, randomText } from './pkce.ts'
import { refusalWords } from './refusal.ts'
import { withoutQuery } from './safe-url.ts'
import { OFFLINE_ACCESS } from './scopes.ts'

/** One login on its way: recorded before anybody is redirected, and used once. */
export interface PendingLogin {
  /** Where the person is sent. */
  readonly url: URL
  /** The authorization server, as its validated metadata names it. */
  readonly server: AuthorizationServer
  readonly redirectUri: string
  readonly state: string
  readonly verifier: string
}

export interface LoginRequest {
  server: AuthorizationServer
  clientId: string
  redirectUri: string
  resource: string
  scopes: readonly string[]
  /** More parameters of the authorization request; none of its own is replaced. */
  extra?: Readonly<Record<string, string>> | undefined
}

/**
 * Prepares an authorization request: code flow, PKCE with S256, state, resource.
 * @throws {AuthError} `pkce_unsupported`, `no_metadata`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#authorization-code-protection
 */
export async function prepareLogin(request: LoginRequest): Promise<PendingLogin> {
  const { server, clientId, redirectUri, resource, scopes, extra = {} } = request
  const { issuer, authorizationEndpoint: endpoint } = server
  if (endpoint === undefined) {
    throw new AuthError('no_metadata', `the metadata of ${issuer} names no authorization_endpoint`, { issuer })
  }
  requireS256(server)
  const { verifier, challenge } = await createPkce()
  const state = randomText()
  const url = new URL(endpoint)
  const own: Record<string, string> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    resource,
  }
  if (scopes.length > 0) own.scope = scopes.join(' ')
  // "prompt MUST contain consent" or the authorization server ignores the scope
  if (scopes.includes(OFFLINE_ACCESS)) own.prompt = 'consent'
  for (const [name, value] of Object.entries({ ...extra, ...own })) url.searchParams.set(name, value)
  return { url, server, redirectUri, state, verifier }
}

/**
 * "If code_challenge_methods_supported is absent, the authorization server does not support PKCE and MCP clients MUST
 * refuse to proceed." Older servers, which are their own authorization server, had no way to announce it; they get S256.
 * @throws {AuthError} `pkce_unsupported`
 */
export function requireS256({ issuer, codeChallengeMethods: methods, isOrigin }: AuthorizationServer): void {
  if (methods?.includes('S256') === true || (methods === undefined && isOrigin)) return
  const offered = methods === undefined ? 'no code_challenge_methods_supported' : JSON.stringify(methods.slice(0, 10))
  const message = `${issuer} offers ${offered}, expected S256; without it a stolen code could be used, so its operator has to enable PKCE`
  throw new AuthError('pkce_unsupported', message, { issuer })
}

/**
 * Takes the code out of an authorization response, after making sure that the response belongs to this login and comes
 * from this authorization server. Nothing of one that does not is acted on or repeated.
 * @throws {AuthError} `redirect_failed`, `issuer_mismatch`, `denied`
 * @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4
 */
export function readLogin(response: URL, { server, redirectUri, state }: PendingLogin): string {
  const { issuer, issInResponses } = server
  const expected = new URL(redirectUri)
  if (response.origin !== expected.origin || response.pathname !== expected.pathname) {
    const message = `the login of ${issuer} ended at ${withoutQuery(response)}, expected ${withoutQuery(expected)}`
    throw new AuthError('redirect_failed', message, { issuer })
  }
  const only = (name: string): string | undefined => {
    const all = response.searchParams.getAll(name)
    if (all.length > 1) {
      throw new AuthError('redirect_failed', `the answer to the login of ${issuer} has several ${name}`, { issuer })
    }
    return all[0]
  }
  if (only('state') !== state) {
    const message = `the answer to the login of ${issuer} has another state, so it belongs to another login; try again`
    throw new AuthError('redirect_failed', message, { issuer })
  }
  const iss = only('iss')
  // "using simple string comparison", and before anything else of the response is used
  if (iss !== undefined && iss !== issuer) {
    const message = `the answer to the login of ${issuer} comes from another authorization server, so it is not used; somebody may be mixing them up`
    throw new AuthError('issuer_mismatch', message, { issuer })
  }
  if (iss === undefined && issInResponses) {
    const message = `the answer to the login of ${issuer} does not say whom it comes from (iss), although that server always does`
    throw new AuthError('issuer_mismatch', message, { issuer })
  }
  const error = only('error')
  if (error !== undefined) throw refused(issuer, error, only('error_description'))
  const code = only('code')
  if (code === undefined || code === '') {
    const message = `the answer to the login of ${issuer} holds neither a code nor an error`
    throw new AuthError('redirect_failed', message, { issuer })
  }
  return code
}

function refused(issuer: string, error: string, description: string | undefined): AuthError {
  const words = refusalWords({ error, error_description: description ?? '' })
  const said = words === undefined ? 'it gave no reason that can be shown' : words.text
  return new AuthError('denied', `${issuer} did not log you in: ${said}`, { issuer, oauthError: words?.error })
}
