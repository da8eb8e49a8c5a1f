import { ConnectionError } from '@bao-mcp/protocol/engine'
import type { Authorizer } from '../auth/authorizer.ts'
import { type HeaderMap, mergeHeaders } from './headers.ts'
import { takePlace } from './open-requests.ts'
import type { HttpClientOptions } from './options.ts'
import { sendingFailed } from './sending-failed.ts'
import { rememberSentWith } from './sent-with.ts'
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
  /**
   * Sends one request and resolves with what was read of its response, whose place is given back then.
   * @throws as `send` does, and what `read` throws
   */
  exchange<T>(request: WireRequest, read: ReadResponse<T>): Promise<T>
}

/** Reads a response to its end, or cancels it. */
type ReadResponse<T> = (response: Response) => Promise<T>

const MAX_REDIRECTS = 3
/** Times a request is sent again with other credentials, whatever the authorizer says. */
export const MAX_REPEATS = 10
/** Redirects that keep method and body. */
const REDIRECTS: ReadonlySet<number> = new Set([307, 308])
const ALL_REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export function createWire(url: URL, options: HttpClientOptions): Wire {
  const { auth, headers: configured } = options
  const { href } = url

  function start(request: WireRequest, target: URL, headers: HeaderMap): Promise<Response> {
    const { method, body, signal } = request
    const init: RequestInit = { method, headers, signal, redirect: 'manual' }
    if (body !== undefined) init.body = body
    const place = target === url ? href : target.href
    return options.fetch === undefined ? fetch(place, init) : whileWanted(options.fetch(place, init), signal)
  }

  /** Where a redirect leads, on the same origin only: credentials and messages are meant for nobody else. */
  async function redirected(answer: Sent, request: WireRequest, hops: number): Promise<URL> {
    const { target, response } = answer
    const { status, headers } = response
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
    return location
  }

  /** The response to who was refused, if it is not worth asking again with other credentials. */
  async function challenged(
    by: Authorizer,
    answer: Sent,
    { method, signal }: WireRequest,
    repeats: number,
  ): Promise<WireResponse | undefined> {
    const { status, headers } = answer.response
    // nobody is led to a login in order to say goodbye
    const mayRepeat = method !== 'DELETE' && repeats < MAX_REPEATS
    const asked = { method, url: answer.target, server: url }
    // a login may take minutes, and nobody reads the body of a 401: it would keep one of the runtime's requests
    if (status === 401) await discard(answer)
    let isWorthAnother = false
    try {
      const trying = { signal, sent: answer.credentials, repeats }
      isWorthAnother = mayRepeat && (await settleInTime(by.challenged({ status, headers }, asked, trying), signal))
    } catch (error) {
      await discard(answer)
      throw error
    }
    if (!isWorthAnother) return status === 401 ? withoutBody(answer) : answer
    await discard(answer)
    return undefined
  }

  function deliver(request: WireRequest): Promise<WireResponse>
  function deliver<T>(request: WireRequest, read: ReadResponse<T>): Promise<T>
  /** One function, because each one more that is awaited costs every call. */
  async function deliver<T>(request: WireRequest, read?: ReadResponse<T>): Promise<WireResponse | T> {
    const { method, signal, what } = request
    let target = request.url ?? url
    for (let hops = 0, repeats = 0; ; ) {
      const credentials =
        auth && (await settleInTime(auth.authorize({ method, url: target, server: url }, { signal }), signal))
      const own = typeof configured === 'function' ? await settleInTime(configured(), signal) : configured
      const headers = headersOf(own, credentials, request.headers)
      signal.throwIfAborted()
      const release = takePlace(what)
      let response: Response
      try {
        response = await start(request, target, headers)
      } catch (cause) {
        release()
        signal.throwIfAborted()
        throw sendingFailed(what, target, cause)
      }
      rememberSentWith(response, { headers, target, isAuthorized: auth !== undefined })
      const answer: Sent = { response, release, credentials, target }
      const { status } = response
      if (ALL_REDIRECTS.has(status)) {
        target = await redirected(answer, request, hops++)
        continue
      }
      const isRefused = auth !== undefined && (status === 401 || status === 403)
      const settled = isRefused ? await challenged(auth, answer, request, repeats++) : answer
      if (settled === undefined) {
        target = request.url ?? url
        hops = 0
        continue
      }
      if (read === undefined) return settled
      try {
        return await read(settled.response)
      } finally {
        settled.release()
      }
    }
  }

  return { url, send: (request) => deliver(request), exchange: (request, read) => deliver(request, read) }
}

function headersOf(
  own: HeaderMap | undefined,
  credentials: HeaderMap | undefined,
  asked: WireRequest['headers'],
): HeaderMap {
  if (isLayered(asked)) return mergeHeaders(own, credentials, ...asked)
  return mergeHeaders(own, credentials, asked)
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

function refused(message: string, status: number, outcome: 'not_run' | 'unknown' = 'not_run'): ConnectionError {
  return new ConnectionError('http_status', message, { status, outcome })
}
