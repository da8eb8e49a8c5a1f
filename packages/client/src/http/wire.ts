import { ConnectionError } from '@bao-mcp/protocol/engine'
import { type HeaderMap, mergeHeaders } from './headers.ts'
import { takePlace } from './open-requests.ts'
import type { Fetch, HttpClientOptions } from './options.ts'
import { rememberSentWith, shownUrl } from './sent-with.ts'
import { settleInTime } from './settle-in-time.ts'

/** One request to be sent. */
export interface WireRequest {
  readonly method: 'POST' | 'GET' | 'DELETE'
  /** In layers, of which a later one replaces what an earlier one holds. */
  readonly headers: HeaderMap | readonly (HeaderMap | undefined)[]
  readonly body?: string
  readonly signal: AbortSignal
  /** What it carries, for messages. */
  readonly what: string
  /** Where it goes, if not to the server's URL; on the same origin. */
  readonly url?: URL
}

/** A response whose place among the open requests is kept until it is let go. */
export interface WireResponse {
  readonly response: Response
  /** Gives the place back; the body must have been read or cancelled. */
  release(): void
}

/** A response with what its request was sent with. */
interface Sent extends WireResponse {
  readonly credentials: Readonly<Record<string, string>> | undefined
  readonly target: URL
}

/** The way to one server over HTTP: headers, credentials, redirects, and a count of what is open. */
export interface Wire {
  readonly url: URL
  /**
   * Sends one request and resolves when the head of its response is there.
   * @throws {ConnectionError} `unreachable` or `open_limit`, when nothing was done with it; `dropped` when that is unknown
   * @throws {AuthError} when the server wants credentials that cannot be had
   * @throws the signal's reason
   */
  send(request: WireRequest): Promise<WireResponse>
}

const MAX_REDIRECTS = 3
/** Times a request is sent again with other credentials, whatever the authorizer says. */
export const MAX_REPEATS = 10
/** Causes of a failure that are told. */
const MAX_CAUSES = 3
/** Redirects that keep method and body. */
const REDIRECTS: ReadonlySet<number> = new Set([307, 308])
const ALL_REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Failures of a connection that never was one. */
const NEVER_CONNECTED: RegExp = new RegExp(
  [
    'ECONNREFUSED|ConnectionRefused|Unable to connect|FailedToOpenSocket|UND_ERR_CONNECT_TIMEOUT|bad port',
    'ENOTFOUND|EAI_AGAIN',
    'SELF_SIGNED_CERT|CERT_HAS_EXPIRED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|TLS_CERT_ALTNAME_INVALID',
    'TLS handshake failed|ERR_SSL_WRONG_VERSION_NUMBER',
  ].join('|'),
  'i',
)

/** Codes of a connection that never was one, and also of one that broke off: what was called when it came tells them apart. */
const NO_WAY: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH'])

export function createWire(url: URL, options: HttpClientOptions): Wire {
  const { auth } = options
  const fetch: Fetch = options.fetch ?? ((target, init) => globalThis.fetch(target, init))

  async function fetchOnce(request: WireRequest, target: URL): Promise<Sent> {
    const { method, body, signal, what } = request
    const credentials =
      auth === undefined
        ? undefined
        : await settleInTime(auth.authorize({ method, url: target, server: url }, { signal }), signal)
    const own = typeof options.headers === 'function' ? await settleInTime(options.headers(), signal) : options.headers
    const headers = mergeHeaders(own, credentials, ...layersOf(request))
    signal.throwIfAborted()
    const release = takePlace(what)
    try {
      const init: RequestInit = { method, headers, signal, redirect: 'manual', ...(body !== undefined && { body }) }
      const fetching = fetch(target.href, init)
      const response = await (options.fetch === undefined ? fetching : whileWanted(fetching, signal))
      rememberSentWith(response, { headers, target, isAuthorized: auth !== undefined })
      return { response, release, credentials, target }
    } catch (cause) {
      release()
      signal.throwIfAborted()
      throw failed(what, target, cause)
    }
  }

  /** A redirect is followed on the same origin only: credentials and messages are meant for nobody else. */
  async function fetchFollowing(request: WireRequest): Promise<Sent> {
    let target = request.url ?? url
    for (let hops = 0; ; hops++) {
      const answer = await fetchOnce(request, target)
      const { status, headers } = answer.response
      if (!ALL_REDIRECTS.has(status)) return answer
      await discard(answer)
      const given = headers.get('location')
      const location = given === null ? null : URL.parse(given, target)
      const words = `${request.what} was redirected with HTTP ${status} to ${location?.origin ?? 'nowhere'}`
      if (!REDIRECTS.has(status) && request.method !== 'GET')
        throw refused(`${words}, which would change its method`, status, 'unknown')
      if (location?.origin !== target.origin)
        throw refused(`${words}, which is another origin than ${target.origin}`, status)
      if (hops >= MAX_REDIRECTS) throw refused(`${words}, the ${hops + 1}th time in a row`, status)
      // such a URL is none that may be asked for
      location.username = ''
      location.password = ''
      target = location
    }
  }

  return {
    url,
    async send(request) {
      for (let repeats = 0; ; repeats++) {
        const answer = await fetchFollowing(request)
        const { status, headers } = answer.response
        if (auth === undefined || (status !== 401 && status !== 403)) return answer
        // nobody is led to a login in order to say goodbye
        const mayRepeat = request.method !== 'DELETE' && repeats < MAX_REPEATS
        const asked = { method: request.method, url: answer.target, server: url }
        const options = { signal: request.signal, sent: answer.credentials, repeats }
        // a login may take minutes, and nobody reads the body of a 401: it would keep one of the runtime's requests
        if (status === 401) await discard(answer)
        let isWorthAnother = false
        try {
          isWorthAnother =
            mayRepeat && (await settleInTime(auth.challenged({ status, headers }, asked, options), request.signal))
        } catch (error) {
          await discard(answer)
          throw error
        }
        if (!isWorthAnother) return status === 401 ? withoutBody(answer) : answer
        await discard(answer)
      }
    },
  }
}

function layersOf({ headers }: WireRequest): readonly (HeaderMap | undefined)[] {
  return isLayered(headers) ? headers : [headers]
}

function isLayered(headers: WireRequest['headers']): headers is readonly (HeaderMap | undefined)[] {
  return Array.isArray(headers)
}

/** Lets go of a response nobody reads. */
export async function discard({ response, release }: WireResponse): Promise<void> {
  try {
    await response.body?.cancel()
  } catch {
    // it had ended by itself
  }
  release()
}

/** The same answer for whoever looks at its head only. */
function withoutBody(answer: Sent): Sent {
  const { status, headers } = answer.response
  const response = new Response(null, { status, headers })
  rememberSentWith(response, { headers: {}, target: answer.target, isAuthorized: true })
  return { ...answer, response }
}

/** A response that comes when nobody waits for it any more is let go of. */
async function whileWanted(fetching: Promise<Response>, signal: AbortSignal): Promise<Response> {
  try {
    return await settleInTime(fetching, signal)
  } catch (error) {
    // one that failed, or has no body that could be let go of, leaves nothing behind
    if (signal.aborted) void fetching.then((late) => late.body?.cancel()).catch(() => undefined)
    throw error
  }
}

function failed(what: string, target: URL, cause: unknown): ConnectionError {
  forgetQuery(cause, target)
  const words = wordsOf(cause)
  const place = shownUrl(target)
  if (NEVER_CONNECTED.test(words) || isWithoutWay(cause)) {
    return new ConnectionError(
      'unreachable',
      `${what} was not sent: the server at ${place} cannot be reached (${words})`,
      {
        outcome: 'not_run',
        cause,
      },
    )
  }
  return new ConnectionError('dropped', `${what} had no answer: the connection to ${place} broke off (${words})`, {
    outcome: 'unknown',
    cause,
  })
}

/** Whether there was no way while it was being connected: later the request may have been heard. */
function isWithoutWay(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error)) return false
  // each member is looked at before it is used
  const { code, syscall, errors } = error as Error & { code?: unknown; syscall?: unknown; errors?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors.every((one) => isWithoutWay(one, depth))
  if (typeof code === 'string' && NO_WAY.has(code)) return syscall === 'connect'
  return depth < MAX_CAUSES && isWithoutWay(error.cause, depth + 1)
}

/** Some runtimes put the whole URL into their errors, and a query may hold a secret. */
function forgetQuery(error: unknown, target: URL): void {
  if (target.search === '' || !(error instanceof Error) || !('path' in error)) return
  // it can be written and not be taken away
  if (String(error.path).includes(target.search)) Reflect.set(error, 'path', shownUrl(target))
}

/** What an error says, and the one it came of: each runtime hides what matters in another place. */
function wordsOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // advice for who calls fetch
  const message = error.message.replace(/ ?For more information, pass `verbose.*/, '')
  const own = message.includes(code) ? message : `${code}: ${message}`.replace(/: $/, '')
  const isDeeper = error.cause instanceof Error && depth < MAX_CAUSES
  return isDeeper ? `${own}: ${wordsOf(error.cause, depth + 1)}` : own
}

function refused(message: string, status: number, outcome: 'not_run' | 'unknown' = 'not_run'): ConnectionError {
  return new ConnectionError('http_status', message, { status, outcome })
}
