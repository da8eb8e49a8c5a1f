import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type AuthHttp, askJson } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import { safeUrl, withoutQuery } from './safe-url.ts'
import { readScopeList } from './scopes.ts'

/** What an authorization server says about itself. Every endpoint was checked. */
export interface AuthorizationServer {
  /** Its identity, compared character by character. */
  readonly issuer: string
  readonly authorizationEndpoint: URL | undefined
  readonly tokenEndpoint: URL | undefined
  readonly registrationEndpoint: URL | undefined
  readonly scopesSupported: readonly string[] | undefined
  readonly grantTypes: readonly string[] | undefined
  /** Undefined when it does not say, which for PKCE means that it has none. */
  readonly codeChallengeMethods: readonly string[] | undefined
  /** Undefined when it does not say. */
  readonly authMethods: readonly string[] | undefined
  readonly authSigningAlgorithms: readonly string[] | undefined
  readonly dpopAlgorithms: readonly string[] | undefined
  /** Whether it promises `iss` in every authorization response. */
  readonly issInResponses: boolean
  /** Whether a client id may be the URL of a document about the client. */
  readonly clientIdDocuments: boolean
  /** `published`: its metadata was found. `guessed`: it has none, and the endpoints are where older servers have them. */
  readonly found: 'published' | 'guessed'
  /**
   * True when no document of the resource named it: it is the origin of an older server, from a time when PKCE was not
   * announced.
   */
  readonly isOrigin: boolean
}

export interface DiscoverServerOptions {
  http: AuthHttp
  /** Whoever named the issuer. */
  namedBy: URL
  signal?: AbortSignal | undefined
}

/**
 * Fetches the metadata of an authorization server: RFC 8414, then OpenID Connect, with its path inserted, then with its
 * path in front. Documents of another issuer are discarded.
 * @throws {AuthError} `issuer_mismatch`, `no_metadata`, `unsafe_url`, `unreachable`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#authorization-server-metadata-discovery
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function discoverServer(
  issuer: string,
  { http, namedBy, signal }: DiscoverServerOptions,
): Promise<AuthorizationServer> {
  const url = safeUrl(issuer, { what: `authorization server of ${namedBy.origin}`, namedBy })
  const { document, mismatch } = await findDocument(metadataUrls(url), [issuer], { http, signal })
  if (document !== undefined) return readServer(document, { issuer, isOrigin: false })
  if (mismatch !== undefined) throw mismatch
  const message = `${issuer} publishes no metadata, neither of RFC 8414 nor of OpenID Connect, so its endpoints are unknown`
  throw new AuthError('no_metadata', message, { issuer })
}

/**
 * The authorization server of a resource without metadata: the origin itself, with its own metadata at the root, else with
 * the endpoints `/authorize`, `/token` and `/register`.
 * @throws {AuthError} `issuer_mismatch`, `unsafe_url`, `unreachable`
 * @see https://modelcontextprotocol.io/specification/2025-03-26/basic/authorization#fallbacks-for-servers-without-metadata-discovery
 */
export async function discoverOriginServer(
  server: URL,
  { http, signal }: Omit<DiscoverServerOptions, 'namedBy'>,
): Promise<AuthorizationServer> {
  const { origin } = safeUrl(server.origin, { what: 'the server', namedBy: server })
  // nobody published the issuer, so with and without the slash are the same word
  const issuers = [origin, `${origin}/`]
  const { document, mismatch } = await findDocument(metadataUrls(new URL(origin)), issuers, { http, signal })
  if (document !== undefined) return readServer(document, { issuer: String(document.issuer), isOrigin: true })
  if (mismatch !== undefined) throw mismatch
  return {
    ...readServer({}, { issuer: origin, isOrigin: true }),
    authorizationEndpoint: new URL('/authorize', origin),
    tokenEndpoint: new URL('/token', origin),
    registrationEndpoint: new URL('/register', origin),
    found: 'guessed',
  }
}

function metadataUrls({ origin, pathname }: URL): URL[] {
  const path = pathname.replace(/\/$/, '')
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => new URL(`${origin}/.well-known/${name}${path}`),
  )
  return path === '' ? inserted : [...inserted, new URL(`${origin}${path}/.well-known/openid-configuration`)]
}

async function findDocument(
  urls: readonly URL[],
  issuers: readonly string[],
  { http, signal }: { http: AuthHttp; signal: AbortSignal | undefined },
): Promise<{ document?: JsonObject; mismatch?: AuthError }> {
  let mismatch: AuthError | undefined
  for (const url of urls) {
    const { status, body } = await askJson(url, { signal }, http)
    const at = withoutQuery(url)
    // an outage must not look like a server without metadata
    if (status >= 500 || status === 429) {
      throw new AuthError('unreachable', `${at} answered ${status}; try again later`, { url: at, status })
    }
    if (status !== 200 || body === undefined) continue
    // "MUST be identical to the issuer identifier used to construct the URL": no normalisation
    if (typeof body.issuer === 'string' && issuers.includes(body.issuer)) return { document: body }
    const message = `${at} is the metadata of another issuer than ${issuers[0]}, so it is not used`
    mismatch ??= new AuthError('issuer_mismatch', message, { url: at, issuer: issuers[0] })
  }
  return mismatch === undefined ? {} : { mismatch }
}

function readServer(
  body: JsonObject,
  { issuer, isOrigin }: { issuer: string; isOrigin: boolean },
): AuthorizationServer {
  const endpoint = (name: string): URL | undefined =>
    body[name] === undefined
      ? undefined
      : safeUrl(body[name], { what: `${name} of ${issuer}`, namedBy: new URL(issuer) })
  return {
    issuer,
    authorizationEndpoint: endpoint('authorization_endpoint'),
    tokenEndpoint: endpoint('token_endpoint'),
    registrationEndpoint: endpoint('registration_endpoint'),
    scopesSupported: readScopeList(body.scopes_supported),
    grantTypes: words(body.grant_types_supported),
    codeChallengeMethods: words(body.code_challenge_methods_supported),
    authMethods: words(body.token_endpoint_auth_methods_supported),
    authSigningAlgorithms: words(body.token_endpoint_auth_signing_alg_values_supported),
    dpopAlgorithms: words(body.dpop_signing_alg_values_supported),
    issInResponses: body.authorization_response_iss_parameter_supported === true,
    clientIdDocuments: body.client_id_metadata_document_supported === true,
    found: 'published',
    isOrigin,
  }
}

function words(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : undefined
}
