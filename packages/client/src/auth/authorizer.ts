import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { readChallenge } from './challenge.ts'
import { isTokenText } from './token-text.ts'

/** The part of a request that decides who may send it. */
export interface AuthorizedRequest {
  readonly method: string
  readonly url: URL
  /** The server it belongs to, which `url` may be another place of. Default: not known. */
  readonly server?: URL | undefined
}

/** Who may end it. */
export interface AuthorizeOptions {
  signal?: AbortSignal | undefined
}

export interface ChallengeOptions extends AuthorizeOptions {
  /** What `authorize` gave for the request that was refused. */
  sent?: Readonly<Record<string, string>> | undefined
  /** Times this request was sent again after a refusal. Default: not known. */
  repeats?: number | undefined
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
    options?: ChallengeOptions,
  ): Promise<boolean>
  /** Who is logged in, for cache keys: changes with the credentials, never holds a secret. */
  readonly identity: string
  /** The identity of the request that is sent next, where that has to be asked for first. */
  identify?: (() => MaybePromise<string>) | undefined
}

let bearers = 0

/**
 * Sends a token that somebody else takes care of. A function is asked for each request; a refused request is sent once
 * more when the function has another token by then.
 * @throws {TypeError} for what is neither a token nor a function
 */
export function bearer(token: string | (() => MaybePromise<string>)): Authorizer {
  const given: unknown = token
  if (typeof given !== 'string' && typeof given !== 'function') {
    throw new TypeError(
      `bearer() needs a token or a function that gives one, got ${given === null ? 'null' : typeof given}`,
    )
  }
  const kind = `bearer ${++bearers}`
  let generation = 0
  let last: string | undefined

  function headersFor(next: string): Readonly<Record<string, string>> {
    const fault = faultOf(next)
    if (fault !== undefined) throw new AuthError('invalid_options', `bearer() needs a token, ${fault}`)
    if (last !== next) {
      if (last !== undefined) generation++
      last = next
    }
    return { authorization: `Bearer ${next}` }
  }

  function identity(): string {
    return `${kind} ${generation}`
  }

  function authorize(): MaybePromise<Readonly<Record<string, string>>> {
    const next = typeof token === 'string' ? token : token()
    return isThenable(next) ? next.then(headersFor) : headersFor(next)
  }

  function identify(): MaybePromise<string> {
    const headers = authorize()
    return isThenable(headers) ? headers.then(identity) : identity()
  }

  return {
    get identity() {
      return identity()
    },
    ...(typeof token === 'function' && { identify }),
    authorize,
    async challenged({ status, headers }, { url }, { sent, repeats = 0 } = {}) {
      // a function that makes a new token each time would go on for ever
      if (typeof token === 'function' && status === 401 && repeats === 0) {
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

function isThenable<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value
}

/** What is wrong with a token, without showing it. */
function faultOf(token: unknown): string | undefined {
  if (token === '') return 'got one that is empty'
  if (typeof token !== 'string') return `its function gave ${token === null ? 'null' : typeof token}`
  if (isTokenText(token)) return undefined
  return `of the characters a header may hold, got ${token.length} characters of something else`
}
