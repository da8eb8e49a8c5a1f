import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { readChallenge } from './challenge.ts'
import { isTokenText } from './token-text.ts'

/** The part of a request that decides who may send it. */
export interface AuthorizedRequest {
  readonly method: string
  readonly url: URL
}

export interface AuthorizeOptions {
  signal?: AbortSignal | undefined
}

/** Gets HTTP requests past a server that wants to know who asks. */
export interface Authorizer {
  /**
   * Headers for one request; obtains or refreshes a token first where needed.
   * @throws {AuthError} when no token can be had
   * @throws the signal's reason
   */
  authorize(request: AuthorizedRequest, options?: AuthorizeOptions): MaybePromise<Readonly<Record<string, string>>>
  /**
   * Told of a 401 or 403; true when the request is worth sending again. Bounded by itself. Reads the headers only: the
   * body is the caller's to cancel. `sent` is what `authorize` gave for this very request, so that an answer to an old
   * token does not cost a new one.
   * @throws {AuthError} when it is over
   * @throws the signal's reason
   */
  challenged(
    answer: { readonly status: number; readonly headers: Headers },
    request: AuthorizedRequest,
    options?: AuthorizeOptions & { sent?: Readonly<Record<string, string>> | undefined },
  ): Promise<boolean>
  /** Who is logged in, for cache keys: changes with the credentials, never holds a secret. */
  readonly identity: string
}

let bearers = 0

/**
 * Sends a token that somebody else takes care of. A function is asked for each request; a refused request is sent once
 * more when the function has another token by then.
 */
export function bearer(token: string | (() => MaybePromise<string>)): Authorizer {
  const kind = `bearer ${++bearers}`
  let generation = 0
  let last: string | undefined

  function headersFor(next: string): Readonly<Record<string, string>> {
    if (!isTokenText(next)) {
      throw new AuthError(
        'invalid_options',
        `bearer() needs a token of the characters a header may hold, got ${next.length} characters of something else`,
      )
    }
    if (last !== next) {
      if (last !== undefined) generation++
      last = next
    }
    return { authorization: `Bearer ${next}` }
  }

  return {
    get identity() {
      return `${kind} ${generation}`
    },
    authorize() {
      const next = typeof token === 'string' ? token : token()
      return typeof next === 'string' ? headersFor(next) : next.then(headersFor)
    },
    async challenged({ status, headers }, { url }, { sent } = {}) {
      if (typeof token === 'function' && status === 401) {
        const before = sent?.authorization ?? (last === undefined ? undefined : `Bearer ${last}`)
        const { authorization } = headersFor(await token())
        if (authorization !== before) return true
      }
      const challenge = readChallenge(headers)
      // any other 403 is about the request and not about the token
      if (status !== 401 && challenge?.error !== 'insufficient_scope') return false
      const code = status === 401 ? 'rejected' : 'insufficient_scope'
      const scopes = challenge?.scopes
      const message = `${url.origin} refused the token that bearer() was given (${status}${scopes === undefined ? '' : `, it wants ${scopes.join(' ')}`}); hand in another one`
      throw new AuthError(code, message, { status, scopes })
    },
  }
}
