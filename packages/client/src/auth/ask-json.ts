import { type Clock, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { AuthError } from './auth-error.ts'
import { withoutQuery } from './safe-url.ts'

/** The part of `fetch` that is used here. */
export type AuthFetch = (
  url: string,
  init: {
    method: 'GET' | 'POST'
    headers: Record<string, string>
    body?: string
    redirect: 'manual'
    signal: AbortSignal
  },
) => Promise<Response>

/** How authorization servers are spoken to. */
export interface AuthHttp {
  fetch: AuthFetch
  clock: Clock
  /** Milliseconds until a whole answer must be there. */
  timeoutMs: number
  /** Longest answer that is read. */
  maxBytes: number
}

export const DEFAULT_AUTH_TIMEOUT_MS = 10_000
export const DEFAULT_AUTH_MAX_BYTES: number = 256 * 1024

export interface JsonQuestion {
  /** Sent by POST when there is one, else the question is a GET. */
  body?: string
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal | undefined
}

export interface JsonAnswer {
  readonly status: number
  readonly headers: Headers
  /** Undefined when the body is no JSON object. */
  readonly body: JsonObject | undefined
}

/**
 * Asks for a JSON object. A redirect is an answer like any other and is not followed, because it could lead to where no
 * check was made.
 * @param url one that may be fetched
 * @throws {AuthError} `unreachable` when no whole answer comes in time, or it is too long; tells nothing of what was sent
 * @throws the signal's reason
 */
export async function askJson(url: URL, question: JsonQuestion, http: AuthHttp): Promise<JsonAnswer> {
  const { body, headers = {}, signal } = question
  signal?.throwIfAborted()
  const shown = withoutQuery(url)
  const limit = new AbortController()
  const stop = http.clock.after(http.timeoutMs, () => {
    const message = `${shown} did not answer within ${http.timeoutMs} ms (timeoutMs); check that it can be reached from here`
    limit.abort(new AuthError('unreachable', message, { url: shown }))
  })
  const follow = (): void => limit.abort(signal?.reason)
  signal?.addEventListener('abort', follow, { once: true })
  // a fetch that was handed in may not listen to its signal
  const given = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true })
  })
  given.catch(() => {
    // whoever waits for the answer hears of it
  })
  try {
    const response = await Promise.race([
      given,
      http.fetch(url.href, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { accept: 'application/json', ...headers },
        ...(body !== undefined && { body }),
        redirect: 'manual',
        signal: limit.signal,
      }),
    ])
    const text = await Promise.race([given, readText(response, shown, http.maxBytes)])
    return { status: response.status, headers: response.headers, body: parseObject(text) }
  } catch (cause) {
    if (limit.signal.aborted) throw limit.signal.reason
    if (cause instanceof AuthError) throw cause
    // the cause itself stays behind: it may hold the request, and that may hold secrets
    throw new AuthError('unreachable', `${shown} could not be reached${named(cause)}`, { url: shown })
  } finally {
    stop()
    signal?.removeEventListener('abort', follow)
    limit.abort()
  }
}

async function readText(response: Response, shown: string, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    // leaving the loop cancels the body
    if (length > maxBytes) {
      throw new AuthError('unreachable', `${shown} answered more than ${maxBytes} bytes (maxBytes)`, { url: shown })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    // a page for people is an answer too; the status says what it means
    return undefined
  }
}

/** The code of a system error, when it is a plain word. */
function named(cause: unknown): string {
  const { code } = cause instanceof Error && 'code' in cause ? cause : { code: undefined }
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? ` (${code})` : ''
}
