import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { boundedText } from './bounded-text.ts'
import { afterwards, isRead, JiraApiError, LOOK_FIRST, type Outcome, refused, retryAfterMs } from './errors.ts'
import { type Redact, redactor } from './redact.ts'

export interface JiraRequest {
  method: string
  /** Below the base, from `/rest` on. */
  path: string
  /** Values are sent as text, lists as one parameter each; undefined ones are left out. */
  query?: Readonly<Record<string, unknown>> | undefined
  /** Sent as JSON. */
  body?: unknown
  signal?: AbortSignal | undefined
  /** Called before each sending; what it throws ends the request. */
  beforeSending?: (() => void) | undefined
}

export interface JiraHttpOptions {
  /** Without a slash at its end. */
  baseUrl: string
  /** The value of the `Authorization` header. */
  authorization: string
  /** Texts that must never be in an error, beside the header's value. */
  secrets?: readonly string[]
  /** The environment variables that hold the credentials, in words. */
  credentials: string
  /** Milliseconds for one answer. Default 30 s. */
  timeoutMs?: number
  /** Longest answer that is read, in bytes. Default 32 MiB. */
  maxAnswerBytes?: number
  /** Sendings of one request, where repeating it is safe. Default 4. */
  maxAttempts?: number
  /** Milliseconds that are waited for one request in all; a `Retry-After` past it is left to the caller. Default 20 s. */
  maxWaitMs?: number
  clock?: Clock
  fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/** Sends requests to one Jira, with its credentials. */
export interface JiraHttp {
  readonly baseUrl: string
  /**
   * The parsed answer; undefined for one without a body. Reads are repeated when Jira is busy or gone for a moment, writes
   * only when they are known not to have run (429, and a connection that never came about).
   * @throws {JiraApiError} saying what to do
   * @throws the reason of `signal`
   */
  send(request: JiraRequest): Promise<unknown>
}

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_MAX_ANSWER_BYTES = 32 * 1024 * 1024
const DEFAULT_MAX_ATTEMPTS = 4
const DEFAULT_MAX_WAIT_MS = 20_000
const FIRST_BACKOFF_MS = 500
const PASSING = new Set([429, 502, 503, 504])
const NEVER_CONNECTED = new Set(['ConnectionRefused', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

export function createJiraHttp(options: JiraHttpOptions): JiraHttp {
  const {
    baseUrl,
    authorization,
    credentials,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES,
    maxAttempts = DEFAULT_MAX_ATTEMPTS,
    maxWaitMs = DEFAULT_MAX_WAIT_MS,
    clock = systemClock,
    fetch = globalThis.fetch,
  } = options
  const redact: Redact = redactor([authorization, ...(options.secrets ?? [])])

  async function send(request: JiraRequest): Promise<unknown> {
    let waitedMs = 0
    for (let attempt = 1; ; attempt++) {
      request.signal?.throwIfAborted()
      request.beforeSending?.()
      const tried = await once(request, attempt)
      if (tried.failed === undefined) return tried.answer
      const waitMs = tried.failed.retryAfterMs ?? FIRST_BACKOFF_MS * 2 ** (attempt - 1)
      if (!tried.mayRepeat || attempt >= maxAttempts || waitedMs + waitMs > maxWaitMs) throw redact.error(tried.failed)
      waitedMs += waitMs
      await delay(waitMs, clock, request.signal)
    }
  }

  async function once(request: JiraRequest, attempts: number): Promise<Tried> {
    const { method, path, signal } = request
    const late = new AbortController()
    const cancel = clock.after(timeoutMs, () => late.abort())
    try {
      const response = await fetch(urlOf(baseUrl, request), {
        method,
        redirect: 'manual',
        signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        headers: {
          Accept: 'application/json',
          Authorization: authorization,
          ...(request.body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      })
      const said = await boundedText(response, maxAnswerBytes)
      if (said === undefined) return tooLong(request)
      if (response.ok) return read(said, response, request)
      if (response.status >= 300 && response.status < 400)
        return { failed: redirected(response, request), mayRepeat: false }
      const failed = refused({
        status: response.status,
        // before anything is cut: half a secret is not recognized
        body: jsonOf(redact(said)),
        method,
        path,
        credentials,
        attempts,
        retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
      })
      const isSafe = response.status === 429 || isRead(method, path)
      return { failed, mayRepeat: isSafe && PASSING.has(response.status) }
    } catch (error) {
      signal?.throwIfAborted()
      return late.signal.aborted ? tooLate(request) : unreachable(request, error)
    } finally {
      cancel()
    }
  }

  function read(said: string, response: Response, { method, path }: JiraRequest): Tried {
    if (said === '') return { answer: undefined }
    const answer = jsonOf(said)
    if (answer !== undefined) return { answer }
    const type = response.headers.get('content-type') ?? 'no content type'
    const message = `Jira answered ${response.status} with ${type} where JSON was expected. JIRA_URL must be the address of Jira itself, not of a page or a login in front of it.${orElse(method, path)}`
    return {
      failed: new JiraApiError('unexpected', message, { status: response.status, outcome: outcomeOf(method, path) }),
      mayRepeat: false,
    }
  }

  function tooLong({ method, path }: JiraRequest): Tried {
    const message = `Jira's answer to ${method} ${path} is longer than ${maxAnswerBytes} bytes. ${isRead(method, path) ? 'Ask for less at once.' : LOOK_FIRST}`
    const failure = isRead(method, path) ? 'too_large' : 'unexpected'
    return { failed: new JiraApiError(failure, message, { outcome: outcomeOf(method, path) }), mayRepeat: false }
  }

  function tooLate({ method, path }: JiraRequest): Tried {
    const message = `Jira did not answer ${method} ${path} within ${timeoutMs} ms. ${afterwards(method, path)}`
    return { failed: new JiraApiError('timeout', message, { outcome: outcomeOf(method, path) }), mayRepeat: false }
  }

  function unreachable({ method, path }: JiraRequest, cause: unknown): Tried {
    const code = codeOf(cause)
    const never = NEVER_CONNECTED.has(code)
    const message = `Jira at ${new URL(baseUrl).host} could not be reached (${code}). Check JIRA_URL and the network. ${
      never ? 'Nothing was changed.' : afterwards(method, path)
    }`
    const outcome = never ? 'not_run' : outcomeOf(method, path)
    return {
      failed: new JiraApiError('network', message, { cause, outcome }),
      mayRepeat: never || isRead(method, path),
    }
  }

  return { baseUrl, send }
}

type Tried = { failed?: undefined; answer: unknown } | { failed: JiraApiError; mayRepeat: boolean }

/** Of a request that is under way, and has no answer that says more. */
function outcomeOf(method: string, path: string): Outcome {
  return isRead(method, path) ? 'not_run' : 'unknown'
}

/** What a strange answer to a write leaves to be said. */
function orElse(method: string, path: string): string {
  return isRead(method, path) ? '' : ` ${LOOK_FIRST}`
}

function redirected(response: Response, { method, path }: JiraRequest): JiraApiError {
  const to = URL.parse(response.headers.get('location') ?? '')?.origin ?? 'another address'
  const message = `Jira sends this request on to ${to} (${response.status}), and credentials are not sent there. Set JIRA_URL to the address that answers, or sign in without a redirect.${orElse(method, path)}`
  return new JiraApiError('unexpected', message, { status: response.status, outcome: outcomeOf(method, path) })
}

function urlOf(baseUrl: string, { path, query = {} }: JiraRequest): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const one of values) if (one !== undefined && one !== null) parameters.append(name, String(one))
  }
  return `${baseUrl}${path}${parameters.size === 0 ? '' : `?${parameters}`}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // what is no JSON is judged by the caller
    return undefined
  }
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return 'network error'
}

function delay(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    function stop(): void {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
