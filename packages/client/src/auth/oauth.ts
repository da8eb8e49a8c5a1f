import { type Clock, type JsonObject, systemClock } from '@bao-mcp/protocol/engine'
import { type AuthFetch, DEFAULT_AUTH_MAX_BYTES, DEFAULT_AUTH_TIMEOUT_MS } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import { authorizationCode, type RegisteredClient } from './authorization-code.ts'
import type { Authorizer } from './authorizer.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import { checkClientIdUrl } from './client-id-document.ts'
import { type DpopOptions, type DpopPlace, dpop } from './dpop.ts'
import { loopbackRedirect } from './loopback-redirect.ts'
import { type FollowRedirect, ownRedirect, type Redirect } from './redirect.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'
import type { TokenProof } from './token-proof.ts'
import { memoryTokens, type TokenStore } from './token-store.ts'

/** How a token is asked for, whoever asks for it. */
export interface OAuthCommonOptions {
  /** The MCP server that tokens are for. Default: the one of the first request. */
  server?: string | URL
  /** Where tokens and registrations are kept. Default: in memory, so that each start is a new login. */
  store?: TokenStore
  /** Keeps the logins of several people apart in one store. */
  account?: string
  /** Scopes to ask for where the server does not say which it needs. Default: all it lists, else none. */
  scopes?: readonly string[]
  /** Picks one of several authorization servers. Default: one that `client` belongs to, else the first. */
  chooseServer?: (issuers: readonly string[]) => string
  /** Binds tokens to a key by DPoP, where the authorization server does that. Needs the package `jose`. */
  dpop?: boolean | DpopOptions
  /** Another way to bind tokens to a key. */
  proof?: TokenProof
  fetch?: AuthFetch
  clock?: Clock
  /** The time of day, in epoch milliseconds. */
  now?: () => number
  /** Milliseconds one answer of an authorization server may take. Default 10 s. */
  timeoutMs?: number
  /** Longest answer of an authorization server. Default 256 KiB. */
  maxBytes?: number
}

export interface OAuthOptions extends OAuthCommonOptions {
  /** A client that was registered by hand, or one for each authorization server. */
  client?: RegisteredClient | readonly RegisteredClient[]
  /** URL of a document about this client, as `clientIdDocument` makes it; used where it is understood. */
  clientIdUrl?: string
  /** How the client of `clientIdUrl` proves itself. Default: not at all. */
  clientIdAuthentication?: ClientAuthentication
  /** Shown to the person who logs in, where this client registers itself. */
  clientName?: string
  /** More members of that registration. */
  clientMetadata?: JsonObject
  /** How a person is led to the login and back; a function needs `redirectUri`. Default: `loopbackRedirect()`. */
  redirect?: Redirect | FollowRedirect
  redirectUri?: string
  /** Asks for a refresh token where that takes a scope of its own. Default true. */
  offlineAccess?: boolean
  /** More parameters of the authorization request, such as `login_hint`. */
  authorizationParameters?: Readonly<Record<string, string>>
}

/** The name a client registers under, unless another is given. */
export const DEFAULT_CLIENT_NAME = '@bao-mcp/client'

/**
 * Logs a person in with OAuth 2.1 when a server asks for it, and keeps them logged in. Nothing is asked, listened to or
 * opened before the server wants a token.
 * @throws {AuthError} `invalid_options`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export function oauth(options: OAuthOptions = {}): Authorizer {
  const { client = [], clientIdUrl, clientName = DEFAULT_CLIENT_NAME, offlineAccess = true } = options
  if (clientIdUrl !== undefined) checkClientIdUrl(clientIdUrl)
  const grant = authorizationCode({
    redirect: redirectOf(options),
    clients: Array.isArray(client) ? client : [client],
    clientIdUrl,
    clientIdAuthentication: options.clientIdAuthentication,
    clientName,
    clientMetadata: options.clientMetadata,
    authorizationParameters: options.authorizationParameters,
    chooseServer: options.chooseServer,
  })
  return createTokenAuthorizer({ ...commonOptions(options), grant, offline: offlineAccess })
}

/** What every grant needs, with its defaults. */
export function commonOptions(
  options: OAuthCommonOptions,
): Omit<Parameters<typeof createTokenAuthorizer>[0], 'grant' | 'offline'> {
  const { clock = systemClock, now = Date.now, store = memoryTokens(), account = '', server } = options
  const { timeoutMs = DEFAULT_AUTH_TIMEOUT_MS, maxBytes = DEFAULT_AUTH_MAX_BYTES } = options
  const url = server === undefined ? undefined : serverUrl(server)
  return {
    store,
    now,
    account,
    http: { fetch: options.fetch ?? ((url, init) => fetch(url, init)), clock, timeoutMs, maxBytes },
    server: url,
    scopes: options.scopes,
    proof: proofOf(options, { store, now, place: ['dpop key', url?.href, account].filter(Boolean).join(' ') }),
  }
}

function proofOf({ proof, dpop: wanted = false }: OAuthCommonOptions, place: DpopPlace): TokenProof | undefined {
  if (wanted === false) return proof
  if (proof !== undefined) throw new AuthError('invalid_options', 'a token is bound once: dpop or proof, got both')
  return dpop(wanted === true ? {} : wanted, place)
}

function serverUrl(server: string | URL): URL {
  if (URL.canParse(String(server))) return new URL(server)
  throw new AuthError('invalid_options', `server must be an absolute URL, got ${JSON.stringify(String(server))}`)
}

function redirectOf({ redirect, redirectUri, clock }: OAuthOptions): Redirect {
  if (typeof redirect !== 'function') {
    if (redirectUri === undefined) return redirect ?? loopbackRedirect(clock === undefined ? {} : { clock })
    throw new AuthError(
      'invalid_options',
      'redirectUri belongs to a redirect that is a function; give the other one its own',
    )
  }
  if (redirectUri !== undefined) return ownRedirect(redirectUri, redirect)
  throw new AuthError('invalid_options', 'a redirect that is a function needs redirectUri, where it brings people back')
}
