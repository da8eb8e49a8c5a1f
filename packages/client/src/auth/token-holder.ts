import type { AuthHttp } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { Challenge } from './challenge.ts'
import { type Credentials, parseCredentials } from './credentials.ts'
import { type Discovery, discover } from './discover.ts'
import type { Grant, GrantContext } from './grant.ts'
import { selectScopes, unionOf } from './scopes.ts'
import { type IssuedToken, requestToken } from './token-endpoint.ts'
import type { TokenProof } from './token-proof.ts'
import type { TokenStore } from './token-store.ts'

/** How long before its end a token is renewed, in milliseconds; less for one that lives shortly. */
const REFRESH_AHEAD_MS = 30_000
/** How long a renewal that failed is not tried again while the token may do, in milliseconds. */
export const RENEWAL_PAUSE_MS = 30_000
/** A token that is refused within this time was never accepted, in milliseconds. */
const FRESH_MS = 30_000

/** The token at hand. */
export interface Held {
  readonly credentials: Credentials
  /** Headers that carry it; no others than `authorization`. */
  readonly headers: Readonly<Record<string, string>>
}

export interface TokenHolderOptions {
  grant: Grant
  store: TokenStore
  http: AuthHttp
  now: () => number
  server: URL
  scopes?: readonly string[] | undefined
  offline: boolean
  proof?: TokenProof | undefined
  account: string
  /** Called before a login that the server brought about. @throws {AuthError} when there were too many */
  spendLogin: () => void
}

/** Keeps one token for one server, in step with the store and whoever shares it. */
export interface TokenHolder {
  current(): Held | undefined
  /** True once the store was read. */
  isLoaded(): boolean
  /** Reads the store, the first time. */
  load(): Promise<Held | undefined>
  /** Whether the token should be renewed before it is sent. */
  isStale(held: Held): boolean
  /** Whether the token is so new that a refusal is no matter of age. */
  isFresh(held: Held): boolean
  /** Renews a token that is about to end, by a refresh token or where nobody has to be asked. */
  renewStale(stale: Held, signal: AbortSignal): Promise<void>
  /** Gets another token than the one that was refused: that of another process, by refreshing, or by a login. */
  renew(refused: Held | undefined, challenge: Challenge | undefined, signal: AbortSignal): Promise<void>
  /** Gets a token with the scopes of the challenge besides all that were asked for before. */
  stepUp(refused: Held | undefined, challenge: Challenge, signal: AbortSignal): Promise<void>
  identity(): string
}

export function createTokenHolder(options: TokenHolderOptions): TokenHolder {
  const { grant, store, http, now, server, proof, account } = options
  const place = server.origin + server.pathname
  const key = ['tokens', place, grant.name, account].join(' ').trimEnd()
  let held: Held | undefined
  let text: string | undefined
  let loading: Promise<Held | undefined> | undefined
  let loaded = false
  let discovered: Discovery | undefined
  /** The token whose renewal failed last, and when that may be tried again. */
  let paused: { readonly accessToken: string; readonly until: number; readonly isRefused: boolean } | undefined

  async function read(): Promise<Held | undefined> {
    const found = await store.read(key)
    if (found !== text) {
      text = found
      const credentials = parseCredentials(found)
      // kept from a time when it could be bound to nothing
      const mayBeSent = proof?.required !== true || credentials?.tokenType === proof.scheme.toLowerCase()
      held = credentials === undefined || !mayBeSent ? undefined : asHeld(credentials)
    }
    loaded = true
    return held
  }

  async function keep(credentials: Credentials): Promise<void> {
    // what was paid for is used, even if it cannot be kept
    held = asHeld(credentials)
    const next = JSON.stringify(credentials)
    for (let attempt = 0; attempt < 2; attempt++) {
      if (await store.write(key, next, text)) {
        text = next
        return
      }
      // somebody wrote without the lock; this token is the newest all the same
      text = await store.read(key)
    }
  }

  /** A token of an authorization server that the server does not name any more is not sent again. */
  async function forget(): Promise<void> {
    await store.write(key, undefined, text)
    await read()
  }

  async function discoverAnew(challenge: Challenge | undefined, signal: AbortSignal): Promise<Discovery> {
    const { chooseServer } = grant
    discovered = await discover(server, { http, challenge, chooseServer, signal })
    return discovered
  }

  function contextFor(discovery: Discovery, scopes: readonly string[], signal: AbortSignal): GrantContext {
    return { discovery, scopes, store, http, proof, now, signal }
  }

  /** False when the authorization server does not take the refresh token, so that a login is due. */
  async function refresh(old: Credentials, discovery: Discovery, signal: AbortSignal): Promise<boolean> {
    if (old.refreshToken === undefined) return false
    const client = await grant.authenticationOf(old.clientId, contextFor(discovery, [], signal))
    if (client === undefined) return false
    const params = { grant_type: 'refresh_token', refresh_token: old.refreshToken, resource: discovery.resource }
    let token: IssuedToken
    try {
      token = await requestToken({ server: discovery.server, params, client, proof, http, signal })
    } catch (failure) {
      if (!(failure instanceof AuthError && failure.code === 'token_refused')) throw failure
      if (isPassing(failure)) {
        const message = `${failure.message}; the token cannot be renewed at the moment, try again later`
        const { issuer, url, status, oauthError } = failure
        throw new AuthError('unreachable', message, { issuer, url, status, oauthError, cause: failure })
      }
      // a refresh token that is used up is not shown again
      if (failure.oauthError === 'invalid_grant') await keep({ ...old, refreshToken: undefined })
      return false
    }
    await keep({
      ...old,
      ...issued(token),
      // "If the authorization server does not issue a new refresh token, the old one stays"
      refreshToken: token.refreshToken ?? old.refreshToken,
      granted: token.scopes ?? old.granted,
      by: 'refresh',
    })
    return true
  }

  async function login(
    {
      discovery,
      before,
      challenge,
    }: { discovery: Discovery; before: readonly string[] | undefined; challenge: Challenge | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const scopes = selectScopes({
      challenged: challenge?.scopes,
      configured: options.scopes,
      resource: discovery.scopesSupported,
      server: discovery.server.scopesSupported,
      offline: options.offline,
      before,
    })
    const { token, clientId } = await grant.obtain(contextFor(discovery, scopes, signal))
    await keep({
      issuer: discovery.server.issuer,
      resource: discovery.resource,
      clientId,
      login: crypto.randomUUID(),
      ...issued(token),
      refreshToken: token.refreshToken,
      requested: scopes,
      granted: token.scopes ?? scopes,
      by: 'login',
      loggedInAt: now(),
      resourceMetadata: challenge?.resourceMetadata ?? held?.credentials.resourceMetadata,
    })
  }

  function issued({
    accessToken,
    tokenType,
    expiresInMs,
  }: IssuedToken): Pick<Credentials, 'accessToken' | 'tokenType' | 'expiresAt' | 'obtainedAt'> {
    const obtainedAt = now()
    return {
      accessToken,
      tokenType,
      obtainedAt,
      expiresAt: expiresInMs === undefined ? undefined : obtainedAt + expiresInMs,
    }
  }

  function pauseRenewal({ accessToken }: Credentials, isRefused: boolean): void {
    paused = { accessToken, until: now() + RENEWAL_PAUSE_MS, isRefused }
  }

  function asHeld(credentials: Credentials): Held {
    const { accessToken, tokenType } = credentials
    const scheme = tokenType === proof?.scheme.toLowerCase() ? proof.scheme : 'Bearer'
    return { credentials, headers: Object.freeze({ authorization: `${scheme} ${accessToken}` }) }
  }

  /** Tokens and clients of one authorization server are of no use at another. */
  function stillOwn(
    credentials: Credentials | undefined,
    { server: { issuer }, resource }: Discovery,
  ): Credentials | undefined {
    return credentials?.issuer === issuer && credentials.resource === resource ? credentials : undefined
  }

  function isFresh({ obtainedAt, expiresAt }: Credentials): boolean {
    return now() - obtainedAt < FRESH_MS && now() < (expiresAt ?? Number.POSITIVE_INFINITY)
  }

  return {
    current: () => held,
    isLoaded: () => loaded,
    load() {
      if (loaded) return Promise.resolve(held)
      loading ??= read().finally(() => {
        loading = undefined
      })
      return loading
    },
    isStale({ credentials: { accessToken, expiresAt, obtainedAt, refreshToken } }) {
      if (expiresAt === undefined || (refreshToken === undefined && !grant.unattended)) return false
      const isPaused = paused?.accessToken === accessToken && now() < paused.until
      if (isPaused && (paused?.isRefused === true || now() < expiresAt)) return false
      return now() >= expiresAt - Math.min(REFRESH_AHEAD_MS, (expiresAt - obtainedAt) / 10)
    },
    isFresh: ({ credentials }) => isFresh(credentials),
    async renewStale(stale, signal) {
      await using _lock = await store.lock(key, signal)
      const found = await read()
      if (found !== undefined && found.credentials.accessToken !== stale.credentials.accessToken) return
      try {
        const place = found?.credentials.resourceMetadata
        const challenge = place === undefined ? undefined : metadataAt(place)
        const discovery = discovered ?? (await discoverAnew(challenge, signal))
        const own = stillOwn(found?.credentials, discovery)
        if (own !== undefined && (await refresh(own, discovery, signal))) return
        if (grant.unattended) await login({ discovery, before: own?.requested, challenge }, signal)
        else if (own === undefined) await forget()
        // a refusal lasts: the server may take the token all the same, and says when it does not
        else pauseRenewal(own, true)
      } catch (failure) {
        // what is still valid is sent as long as it is
        const end = found?.credentials.expiresAt ?? 0
        if (failure instanceof AuthError && found !== undefined) pauseRenewal(found.credentials, false)
        if (!(failure instanceof AuthError) || now() >= end) throw failure
      }
    },
    async renew(refused, challenge, signal) {
      await using _lock = await store.lock(key, signal)
      const found = await read()
      // another process was here first
      if (found !== undefined && found.credentials.accessToken !== refused?.credentials.accessToken) return
      const seen = challenge?.resourceMetadata === undefined ? found?.credentials.resourceMetadata : undefined
      const discovery = await discoverAnew(
        seen === undefined ? challenge : { ...metadataAt(seen), ...challenge, resourceMetadata: seen },
        signal,
      )
      const own = stillOwn(found?.credentials, discovery)
      const triedRefresh = own?.by === 'refresh' && isFresh(own)
      if (own !== undefined && !triedRefresh && (await refresh(own, discovery, signal))) return
      if (
        own !== undefined &&
        now() - own.loggedInAt < FRESH_MS &&
        now() < (own.expiresAt ?? Number.POSITIVE_INFINITY)
      ) {
        const message = `${server.origin} does not accept the token that ${own.issuer} just gave for it; its operator has to look into that`
        throw new AuthError('rejected', message, { issuer: own.issuer, status: 401 })
      }
      options.spendLogin()
      await login({ discovery, before: own?.requested, challenge }, signal)
    },
    async stepUp(refused, challenge, signal) {
      await using _lock = await store.lock(key, signal)
      const found = await read()
      if (found !== undefined && found.credentials.accessToken !== refused?.credentials.accessToken) return
      const discovery = await discoverAnew(challenge, signal)
      const own = stillOwn(found?.credentials, discovery)
      options.spendLogin()
      await login({ discovery, before: unionOf(own?.requested), challenge }, signal)
    },
    identity: () => `${place} ${account} ${held?.credentials.login ?? 'nobody yet'}`,
  }
}

/** Errors of OAuth that say nothing of the refresh token. */
const PASSING: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/** Whether a refusal is one of the moment, after which the same refresh token may be taken. */
function isPassing({ status = 400, oauthError = '' }: AuthError): boolean {
  return status >= 500 || status === 408 || status === 429 || PASSING.has(oauthError)
}

/** What is known of a challenge when only the place it named was kept. */
function metadataAt(resourceMetadata: string): Challenge {
  return { scheme: 'bearer', error: undefined, scopes: undefined, resourceMetadata }
}
