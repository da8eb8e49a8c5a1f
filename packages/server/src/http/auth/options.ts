import { atLeast } from '../../at-least.ts'
import type { TokenVerifier } from './auth-info.ts'
import { canonicalResource, metadataUrl } from './resource-uri.ts'
import { checkedScopes, type ImpliedScopes } from './scopes.ts'
import { secureUrl } from './secure-url.ts'

/** How a server on HTTP is protected by access tokens. */
export interface HttpAuthOptions {
  /** Tells whom a token belongs to, such as `jwtVerifier(…)`. */
  verifier: TokenVerifier
  /** The server's URL as its clients know it, such as `https://mcp.example.com/mcp`. */
  resource: string | URL
  /** Issuers whose tokens are accepted, at least one; published as they are written here. */
  authorizationServers: readonly string[]
  /** Scopes that every request needs. Default none. */
  scopes?: readonly string[]
  /** Scopes to publish. Default: `scopes`. */
  scopesSupported?: readonly string[]
  /** The server's name for people. */
  resourceName?: string
  /** A page for developers. */
  resourceDocumentation?: string | URL
  /** What a scope contains besides itself. Default nothing. */
  implies?: ImpliedScopes
  /** Milliseconds for which a verified token is not verified again; never longer than it is valid. 0 is off. Default 60 s. */
  cacheTtlMs?: number
  /** Verified tokens that are remembered; past it the one unused for longest goes. Default 10,000. */
  maxCachedTokens?: number
  /** Milliseconds a verification may take. Default 10 s. */
  verifyTimeoutMs?: number
  /** Tokens that are verified at once; past it requests with another one are told when to come back. Default 1000. */
  maxVerifying?: number
}

/** The options with everything checked and in the form it is used in. */
export interface AuthSettings {
  readonly verifier: TokenVerifier
  readonly resource: string
  readonly metadataUrl: string
  readonly authorizationServers: readonly string[]
  readonly scopes: readonly string[]
  readonly scopesSupported: readonly string[]
  readonly resourceName: string | undefined
  readonly resourceDocumentation: string | undefined
  readonly implies: ImpliedScopes | undefined
  readonly cacheTtlMs: number
  readonly maxCachedTokens: number
  readonly verifyTimeoutMs: number
  readonly maxVerifying: number
}

const DEFAULT_CACHE_TTL_MS = 60_000
const DEFAULT_MAX_CACHED_TOKENS = 10_000
const DEFAULT_VERIFY_TIMEOUT_MS = 10_000
const DEFAULT_MAX_VERIFYING = 1000

/** @throws {TypeError} naming the option and what it must be */
export function checkedSettings(options: HttpAuthOptions): AuthSettings {
  const {
    verifier,
    authorizationServers,
    cacheTtlMs = DEFAULT_CACHE_TTL_MS,
    maxCachedTokens = DEFAULT_MAX_CACHED_TOKENS,
    verifyTimeoutMs = DEFAULT_VERIFY_TIMEOUT_MS,
    maxVerifying = DEFAULT_MAX_VERIFYING,
  } = options
  if (typeof verifier?.verify !== 'function') throw new TypeError('auth.verifier must have a verify method')
  if (!Array.isArray(authorizationServers) || authorizationServers.length === 0) {
    throw new TypeError('auth.authorizationServers must name at least one issuer')
  }
  for (const issuer of authorizationServers) secureUrl(issuer, 'auth.authorizationServers')
  const resource = canonicalResource(options.resource)
  const scopes = checkedScopes(options.scopes ?? [], 'auth.scopes')
  return {
    verifier,
    resource,
    metadataUrl: metadataUrl(resource),
    authorizationServers: authorizationServers.map(String),
    scopes,
    scopesSupported: checkedScopes(options.scopesSupported ?? scopes, 'auth.scopesSupported'),
    resourceName: options.resourceName,
    resourceDocumentation: documentationUrl(options.resourceDocumentation),
    implies: options.implies,
    cacheTtlMs: atLeast(0, 'auth.cacheTtlMs', cacheTtlMs),
    maxCachedTokens: atLeast(1, 'auth.maxCachedTokens', maxCachedTokens),
    verifyTimeoutMs: atLeast(1, 'auth.verifyTimeoutMs', verifyTimeoutMs),
    maxVerifying: atLeast(1, 'auth.maxVerifying', maxVerifying),
  }
}

/** It is shown to people, so it must not be a script. */
function documentationUrl(page: string | URL | undefined): string | undefined {
  if (page === undefined) return undefined
  const text = String(page)
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new TypeError(`auth.resourceDocumentation must be an http(s) URL, got ${JSON.stringify(text)}`)
}
