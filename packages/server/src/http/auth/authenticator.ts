import type { Clock, MaybePromise } from '@bao-mcp/protocol/engine'
import type { ServerLog } from '../../serving.ts'
import { type AuthInfo, InvalidTokenError } from './auth-info.ts'
import { readToken } from './credentials.ts'
import { checkedSettings, type HttpAuthOptions } from './options.ts'
import { metadataResponder } from './protected-resource.ts'
import { loggable, withoutToken } from './redact.ts'
import { createRefusals } from './refusals.ts'
import { missingScopes, withImplied } from './scopes.ts'
import { sha256OfAscii } from './sha256.ts'
import { createTokenCache } from './token-cache.ts'
import { ownAuthInfo } from './verified.ts'

/** Decides about the requests of one protected server. */
export interface Authenticator {
  /** Answers the requests for the server's metadata, with or without a token; undefined for every other request. */
  metadata(request: Request): Response | undefined
  /**
   * Who a request comes from, or the answer to a request that is not let in. Comes without a promise for a token that was
   * verified a moment ago, and never rejects.
   */
  authenticate(request: Request): MaybePromise<AuthInfo | Response>
  /** True when the scopes are granted, or implied by granted ones. */
  grants(auth: AuthInfo, scopes: readonly string[]): boolean
  /** The 403 for an operation that needs these scopes. It names all of them and those that every request needs. */
  insufficient(auth: AuthInfo, scopes: readonly string[]): Response
}

export interface AuthenticatorDependencies {
  log: ServerLog
  clock: Clock
  /** Epoch milliseconds; tokens expire by it. Default: the system's. */
  now?: () => number
}

/** What a verification came to. Not a response, because each of those who wait for it needs one of its own. */
type Verdict =
  | { readonly kind: 'valid'; readonly auth: AuthInfo; readonly missing: readonly string[] }
  | { readonly kind: 'invalid'; readonly description: string }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'busy' }

type ValidVerdict = Extract<Verdict, { kind: 'valid' }>

/**
 * @throws {TypeError} for options that cannot protect anything
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
export function createAuthenticator(
  options: HttpAuthOptions,
  { log, clock, now = Date.now }: AuthenticatorDependencies,
): Authenticator {
  const settings = checkedSettings(options)
  const { verifier, resource, scopes: baseScopes, implies, cacheTtlMs, verifyTimeoutMs, maxVerifying } = settings
  const refusals = createRefusals(settings)
  const verified = createTokenCache<ValidVerdict>(settings.maxCachedTokens, () => clock.now())
  const verifying = new Map<string, Promise<Verdict>>()
  /** What the scopes of a token come to, once they had to be followed. */
  const granted = new WeakMap<AuthInfo, ReadonlySet<string>>()
  // requests are let in as soon as it can, so this is a word for whoever looks after the server
  verifier.prepare?.().catch((error: unknown) => log.error('no access token can be checked', error))

  function grants(auth: AuthInfo, scopes: readonly string[]): boolean {
    for (const scope of scopes) {
      if (!auth.scopes.includes(scope) && !impliedBy(auth).has(scope)) return false
    }
    return true
  }

  function impliedBy(auth: AuthInfo): ReadonlySet<string> {
    if (implies === undefined) return nothing
    const known = granted.get(auth) ?? withImplied(auth.scopes, implies)
    granted.set(auth, known)
    return known
  }

  /** Verifies a token once for all who wait for it. */
  function verify(token: string, digest: string): Promise<Verdict> {
    const underWay = verifying.get(digest)
    if (underWay !== undefined) return underWay
    if (verifying.size >= maxVerifying) return busy
    const verification = examine(token)
      .then((verdict) => {
        if (verdict.kind !== 'valid') return verdict
        const { expiresAt = Number.POSITIVE_INFINITY } = verdict.auth
        verified.set(digest, verdict, Math.min(cacheTtlMs, expiresAt - now()))
        return verdict
      })
      .finally(() => verifying.delete(digest))
    verifying.set(digest, verification)
    return verification
  }

  /** Never rejects: what went wrong on this side is logged, and the caller is told that it did. */
  async function examine(token: string): Promise<Verdict> {
    let stop: (() => void) | undefined
    try {
      const overdue = new Promise<never>((_, reject) => {
        stop = clock.after(verifyTimeoutMs, () =>
          reject(new Error(`the verifier did not answer within ${verifyTimeoutMs} ms (verifyTimeoutMs)`)),
        )
      })
      const auth = ownAuthInfo(await Promise.race([verifier.verify(token, { resource }), overdue]), token)
      if (isOver(auth)) return expired
      return { kind: 'valid', auth, missing: missingScopes(auth.scopes, baseScopes, implies) }
    } catch (thrown) {
      if (thrown instanceof InvalidTokenError) {
        const description = withoutToken(thrown.message, token)
        log.debug(`an access token was refused: ${description}`)
        return { kind: 'invalid', description }
      }
      log.error('an access token could not be checked', loggable(thrown, token))
      return unavailable
    } finally {
      stop?.()
    }
  }

  function isOver({ expiresAt }: AuthInfo): boolean {
    return expiresAt !== undefined && expiresAt <= now()
  }

  function conclude(verdict: Verdict): AuthInfo | Response {
    switch (verdict.kind) {
      case 'valid':
        if (verdict.missing.length === 0) return verdict.auth
        return refusals.insufficientScope(baseScopes, verdict.missing)
      case 'invalid':
        return refusals.invalidToken(verdict.description)
      case 'unavailable':
        return refusals.unavailable()
      case 'busy':
        return refusals.busy()
      default:
        return verdict satisfies never
    }
  }

  return {
    metadata: metadataResponder(settings),
    authenticate(request) {
      const token = readToken(request)
      if (typeof token === 'string') {
        const digest = sha256OfAscii(token)
        const known = verified.get(digest)
        // the wall clock may have been set since
        if (known !== undefined) return conclude(isOver(known.auth) ? expired : known)
        return verify(token, digest).then(conclude)
      }
      switch (token.kind) {
        case 'absent':
          return refusals.unauthenticated(token.message)
        case 'malformed':
          return refusals.malformed(token.message)
        case 'too_long':
          return refusals.invalidToken(token.message)
        default:
          return token.kind satisfies never
      }
    },
    grants,
    insufficient(auth, scopes) {
      const all = [...new Set([...baseScopes, ...scopes])]
      return refusals.insufficientScope(all, missingScopes(auth.scopes, all, implies))
    },
  }
}

const nothing: ReadonlySet<string> = new Set()
const expired: Verdict = { kind: 'invalid', description: 'the access token has expired' }
const unavailable: Verdict = { kind: 'unavailable' }
const busy: Promise<Verdict> = Promise.resolve({ kind: 'busy' })
