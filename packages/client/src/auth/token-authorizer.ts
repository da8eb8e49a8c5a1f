import type { MaybePromise } from '@bao-mcp/protocol/engine'
import type { AuthHttp } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { AuthorizedRequest, Authorizer } from './authorizer.ts'
import { createBudget } from './budget.ts'
import { type Challenge, readChallenge } from './challenge.ts'
import { createFlights } from './flights.ts'
import type { Grant } from './grant.ts'
import { includesAll } from './scopes.ts'
import { createStepUps } from './step-ups.ts'
import { createTokenHolder, type Held, type TokenHolder } from './token-holder.ts'
import type { TokenProof } from './token-proof.ts'
import type { TokenStore } from './token-store.ts'

/** Most logins that a server can bring about within {@link LOGIN_WINDOW_MS}. */
export const MAX_LOGINS = 8
export const LOGIN_WINDOW_MS: number = 10 * 60_000
/** Most requests that are repeated for a new proof within {@link PROOF_WINDOW_MS}. */
const MAX_PROOF_REPEATS = 100
const PROOF_WINDOW_MS = 10_000

export interface TokenAuthorizerOptions {
  grant: Grant
  store: TokenStore
  http: AuthHttp
  /** Epoch milliseconds. */
  now: () => number
  /** The server that tokens are for. Default: the one of the first request. */
  server?: URL | undefined
  scopes?: readonly string[] | undefined
  /** Whether a refresh token is asked for where that takes a scope. */
  offline: boolean
  proof?: TokenProof | undefined
  /** Keeps the logins of several people apart in one store. */
  account: string
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** Sends the token of a grant, renews it, and gets more scopes where a server asks for them. */
export function createTokenAuthorizer(options: TokenAuthorizerOptions): Authorizer {
  const { http, proof } = options
  const logins = createBudget({ clock: http.clock, times: MAX_LOGINS, windowMs: LOGIN_WINDOW_MS })
  const proofs = createBudget({ clock: http.clock, times: MAX_PROOF_REPEATS, windowMs: PROOF_WINDOW_MS })
  const stepUps = createStepUps(http.clock)
  const flights = createFlights<void>()
  let server = options.server
  let holder = server === undefined ? undefined : holderFor(server)

  function holderFor(url: URL): TokenHolder {
    const spend = (): void => {
      if (logins.spend()) return
      const message = `${url.origin} asked for ${MAX_LOGINS} logins within ${LOGIN_WINDOW_MS} ms (MAX_LOGINS) and accepted none; its operator has to look into that`
      throw new AuthError('rejected', message)
    }
    return createTokenHolder({ ...options, server: url, spendLogin: spend })
  }

  /** A token goes to the server it is for and to nobody else. */
  function ownHolder({ url, server: asked }: AuthorizedRequest): TokenHolder {
    server ??= new URL(asked ?? url)
    holder ??= holderFor(server)
    if (url.origin === server.origin && (asked === undefined || isFor(server, asked))) return holder
    const [mine, theirs] =
      url.origin === server.origin ? [server, asked ?? url].map(placeOf) : [server.origin, url.origin]
    const message = `this login is for ${mine}, got a request to ${theirs}; another server needs an authorizer of its own`
    throw new AuthError('invalid_options', message)
  }

  /** What was handed in may be the place that several servers are under; what was learned is one server. */
  function isFor(own: URL, asked: URL): boolean {
    const [mine, theirs] = [own, asked].map(({ pathname }) => pathname.replace(/\/+$/, ''))
    if (own.origin !== asked.origin || mine === undefined || theirs === undefined) return false
    return theirs === mine || (options.server !== undefined && theirs.startsWith(`${mine}/`))
  }

  async function headersOf(held: Held, { method, url }: AuthorizedRequest): Promise<Readonly<Record<string, string>>> {
    if (proof === undefined || held.credentials.tokenType !== proof.scheme.toLowerCase()) return held.headers
    const accessToken = held.credentials.accessToken
    return { ...held.headers, ...(await proof.headers({ method, url, accessToken })) }
  }

  async function prepare(
    request: AuthorizedRequest,
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, string>>> {
    const own = ownHolder(request)
    const held = await own.load()
    // the first token waits for the challenge, which says where to get it and for which scopes
    if (held === undefined) return NO_HEADERS
    if (own.isStale(held)) {
      await flights.join('renew', (shared) => own.renewStale(held, shared), signal)
    }
    const current = own.current()
    return current === undefined ? NO_HEADERS : headersOf(current, request)
  }

  /** True when it was another token that was refused; where that cannot be told, a new token gets one chance more. */
  function mayBeOld(own: TokenHolder, held: Held, sent: Readonly<Record<string, string>> | undefined): boolean {
    if (sent !== undefined) return sent.authorization !== held.headers.authorization
    return own.isFresh(held) && stepUps.mayRepeat('401', held.credentials.accessToken)
  }

  async function stepUp(
    challenge: Challenge,
    request: AuthorizedRequest,
    sent: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const own = ownHolder(request)
    const held = own.current()
    if (held !== undefined && sent !== undefined && sent !== held.headers.authorization) return true
    const wanted = challenge.scopes ?? []
    const operation = `${request.method} ${request.url.pathname} ${[...wanted].sort().join(' ')}`
    const give = (why: string): AuthError => {
      stepUps.failed(operation)
      const message = `${request.url.origin} wants ${wanted.length === 0 ? 'scopes it does not name' : `the scopes ${wanted.join(' ')}`}: ${why}`
      return new AuthError('insufficient_scope', message, { status: 403, scopes: wanted })
    }
    if (stepUps.isHopeless(operation))
      throw give('that was tried before and did not help; ask its operator for these rights')
    if (wanted.length === 0) throw give('there is nothing more to ask for')
    if (held !== undefined && includesAll(held.credentials.granted, wanted)) {
      // without knowing which token was sent, the new one gets a chance
      if (sent === undefined && stepUps.mayRepeat(operation, held.credentials.accessToken)) return true
      throw give('the token has them already; its operator has to look into that')
    }
    const work = (shared: AbortSignal): Promise<void> => {
      stepUps.tried(operation)
      return own.stepUp(held, challenge, shared)
    }
    try {
      await flights.join(`step up ${operation}`, work, signal)
    } catch (failure) {
      if (failure instanceof AuthError && failure.code === 'denied') stepUps.failed(operation)
      throw failure
    }
    return true
  }

  return {
    get identity() {
      return holder?.identity() ?? 'nobody yet'
    },
    authorize(request, { signal } = {}): MaybePromise<Readonly<Record<string, string>>> {
      const own = ownHolder(request)
      const held = own.current()
      if (proof === undefined && held !== undefined && !own.isStale(held)) return held.headers
      if (held === undefined && own.isLoaded()) return NO_HEADERS
      return prepare(request, signal)
    },
    async challenged(answer, request, { signal, sent } = {}) {
      const own = ownHolder(request)
      await own.load()
      const order = proof === undefined ? ['bearer', 'dpop'] : ['dpop', 'bearer']
      const challenge = readChallenge(answer.headers, order)
      // not spread: a Response keeps its members elsewhere
      const { status, headers } = answer
      if (proof?.learn({ status, headers, error: challenge?.error, sent }, request.url) === true && proofs.spend()) {
        return true
      }
      if (answer.status === 403) {
        // any other 403 is about the request and not about the token
        if (challenge?.error !== 'insufficient_scope') return false
        return stepUp(challenge, request, sent?.authorization, signal)
      }
      if (answer.status !== 401) return false
      const held = own.current()
      if (held !== undefined && mayBeOld(own, held, sent)) return true
      await flights.join('renew', (shared) => own.renew(held, challenge, shared), signal)
      return true
    },
  }
}

function placeOf({ origin, pathname }: URL): string {
  return origin + pathname
}
