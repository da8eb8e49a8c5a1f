import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type AuthHttp, askJson, type JsonAnswer } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { ClientAuthentication, TokenRequestDraft } from './client-authentication.ts'
import type { AuthorizationServer } from './discover-server.ts'
import { refusalWords } from './refusal.ts'
import { withoutQuery } from './safe-url.ts'
import { parseScope } from './scopes.ts'
import type { TokenProof } from './token-proof.ts'
import { isTokenText, MAX_TOKEN_LENGTH } from './token-text.ts'

/** What a token endpoint gave. */
export interface IssuedToken {
  readonly accessToken: string
  /** In lower case: `bearer` or what the proof is for. */
  readonly tokenType: string
  /** Milliseconds it is valid for; undefined when that is not said. */
  readonly expiresInMs: number | undefined
  readonly refreshToken: string | undefined
  /** Scopes it has, when they are not those that were asked for. */
  readonly scopes: readonly string[] | undefined
}

export interface GrantRequest {
  server: AuthorizationServer
  /** Everything but the client's own members: `grant_type`, `resource`, `scope`... */
  params: Readonly<Record<string, string | undefined>>
  client: ClientAuthentication
  proof?: TokenProof | undefined
  http: AuthHttp
  signal?: AbortSignal | undefined
}

/**
 * Sends a grant to a token endpoint and reads the token that comes.
 * @throws {AuthError} `token_refused` when the server says no, `unsupported_token` when the token cannot be used,
 *   `unreachable`, `no_metadata`; none of them holds anything secret
 * @throws the signal's reason
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1-13#section-3.2
 */
export async function requestToken(request: GrantRequest): Promise<IssuedToken> {
  return readToken(await postGrant(request), request)
}

/**
 * Sends a grant to a token endpoint and gives what it answers with 200, unread: for exchanges whose result is no access
 * token. Nothing is sent twice, except where a proof has to be made anew.
 * @throws {AuthError} as {@link requestToken}
 */
export async function postGrant(request: GrantRequest): Promise<JsonObject> {
  const { server, params, client, proof, http, signal } = request
  const { issuer, tokenEndpoint: url } = server
  if (url === undefined) {
    throw new AuthError('no_metadata', `the metadata of ${issuer} names no token_endpoint`, { issuer })
  }
  const ask = async (): Promise<JsonAnswer & { sent: Readonly<Record<string, string>> }> => {
    const draft: TokenRequestDraft = {
      params: new URLSearchParams(
        Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
    await client.apply(draft, server)
    if (proof !== undefined) Object.assign(draft.headers, await proof.headers({ method: 'POST', url }))
    const answer = await askJson(url, { body: draft.params.toString(), headers: draft.headers, signal }, http)
    return { ...answer, sent: draft.headers }
  }
  let answer = await ask()
  if (proof?.learn({ ...answer, error: errorOf(answer) }, url) === true) answer = await ask()
  if (answer.status === 200 && answer.body !== undefined && answer.body.error === undefined) return answer.body
  const secrets = [...client.secrets, ...SECRET_PARAMS.flatMap((name) => params[name] ?? [])]
  throw refusalOf(answer, { issuer, url, secrets })
}

const SECRET_PARAMS = ['code', 'code_verifier', 'refresh_token', 'assertion', 'subject_token', 'actor_token']

function errorOf({ body }: JsonAnswer): string | undefined {
  return typeof body?.error === 'string' ? body.error : undefined
}

function refusalOf(
  { status, body }: JsonAnswer,
  { issuer, url, secrets }: { issuer: string; url: URL; secrets: readonly string[] },
): AuthError {
  const at = withoutQuery(url)
  const words = refusalWords(body, secrets)
  if (words === undefined) {
    const message = `${at} answered ${status} without saying why, expected a token or an error of OAuth; try again later`
    return new AuthError('unreachable', message, { issuer, url: at, status })
  }
  const { error, text } = words
  const message = `${at} refused to give a token: ${text}${ADVICE[error] ?? ''}`
  return new AuthError('token_refused', message, { issuer, url: at, status, oauthError: error })
}

const ADVICE: Readonly<Record<string, string>> = {
  invalid_client: '; check the client id, its secret and how it is registered to prove itself',
  unauthorized_client: '; the client has to be allowed this grant by the authorization server',
  invalid_scope: '; choose other scopes with the option scopes',
  invalid_target: '; the authorization server does not know this MCP server',
}

function readToken(body: JsonObject, { server: { issuer }, proof }: GrantRequest): IssuedToken {
  const { access_token: token, token_type: type, expires_in: seconds, refresh_token: refresh, scope } = body
  const refuse = (what: string): AuthError =>
    new AuthError('unsupported_token', `${issuer} gave a token that cannot be used: ${what}`, { issuer })
  if (typeof token !== 'string' || !isTokenText(token)) throw refuse('access_token is no word that a header may hold')
  if (token.length > MAX_TOKEN_LENGTH) throw refuse(`it is longer than ${MAX_TOKEN_LENGTH} characters`)
  const tokenType = typeof type === 'string' ? type.toLowerCase() : undefined
  const expected = proof?.scheme.toLowerCase()
  if (tokenType === 'bearer' && proof?.required === true) throw refuse('it is bound to no key (required)')
  // a server that binds no tokens answers with bearers, which the proof then only accompanies
  if (tokenType === undefined || (tokenType !== 'bearer' && tokenType !== expected)) {
    const got = tokenType === undefined ? 'none' : JSON.stringify(tokenType.slice(0, 40))
    throw refuse(`its token_type is ${got}, expected ${expected ?? 'bearer'}`)
  }
  if (refresh !== undefined && refresh !== null && (typeof refresh !== 'string' || refresh.length > MAX_TOKEN_LENGTH)) {
    throw refuse('refresh_token is no text, or too long')
  }
  const expires = Number(seconds ?? Number.NaN)
  return {
    accessToken: token,
    tokenType,
    expiresInMs: Number.isFinite(expires) && expires >= 0 ? expires * 1000 : undefined,
    refreshToken: typeof refresh === 'string' && refresh !== '' ? refresh : undefined,
    scopes: typeof scope === 'string' ? parseScope(scope) : undefined,
  }
}
