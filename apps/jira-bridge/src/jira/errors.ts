import { isJsonObject } from '@bao-mcp/protocol/engine'

export type JiraFailure =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'invalid'
  | 'rate_limited'
  | 'unavailable'
  | 'network'
  | 'timeout'
  | 'unexpected'

/** What became of a request that failed: it changed nothing, or it may have. */
export type Outcome = 'not_run' | 'unknown'

export interface JiraApiErrorDetails {
  status?: number
  /** What Jira says of single fields, by field id. */
  fields?: Readonly<Record<string, string>>
  retryAfterMs?: number
  /** Where it is known. */
  outcome?: Outcome | undefined
  cause?: unknown
}

/** Jira did not do it. The message is one or two sentences for a model: what happened, and what to do. It holds no secret. */
export class JiraApiError extends Error {
  override readonly name = 'JiraApiError'
  readonly failure: JiraFailure
  readonly status: number | undefined
  readonly fields: Readonly<Record<string, string>>
  /** As Jira asked for. */
  readonly retryAfterMs: number | undefined
  /** Undefined where it is not known whether a request was under way. */
  readonly outcome: Outcome | undefined

  constructor(failure: JiraFailure, message: string, details: JiraApiErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.failure = failure
    this.status = details.status
    this.fields = details.fields ?? {}
    this.retryAfterMs = details.retryAfterMs
    this.outcome = details.outcome
  }
}

/** An answer that is no success, with what is needed to explain it. */
export interface Refusal {
  status: number
  /** Parsed where it was JSON. */
  body: unknown
  method: string
  path: string
  retryAfterMs?: number | undefined
  /** Environment variables that hold the credentials, in words. */
  credentials: string
  attempts: number
}

/** What to do after a write nobody knows the outcome of. */
export const LOOK_FIRST = 'The change may have been made: look before you repeat it.'

/** Statuses that say of a request that it was not done; others leave it open. */
const REFUSED: ReadonlySet<number> = new Set([400, 401, 403, 404, 409, 410, 413, 422, 429])
const MAX_SAID = 1_000
const MAX_FIELDS = 20
const MAX_FIELD_TEXT = 200

/** Explains an answer of Jira that is no success. @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-codes */
export function refused(refusal: Refusal): JiraApiError {
  const { status, body, retryAfterMs } = refusal
  const { said, fields } = readRefusal(body)
  const because = said === '' ? '' : `: ${said}`
  const [failure, message] = explain(refusal, because, Object.keys(fields).length > 0)
  return new JiraApiError(failure, message, {
    status,
    fields,
    outcome: isRead(refusal.method, refusal.path) || REFUSED.has(status) ? 'not_run' : 'unknown',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** Milliseconds a `Retry-After` asks for, in seconds or as a date; undefined for none. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

function explain(refusal: Refusal, because: string, hasFields: boolean): [JiraFailure, string] {
  const { status, method, path, credentials, attempts } = refusal
  switch (status) {
    case 401:
      return [
        'unauthorized',
        `Jira refused the credentials (401)${because}. Check ${credentials}: tokens expire and can be revoked; set a new one and start this server again.`,
      ]
    case 403:
      return [
        'forbidden',
        `Jira does not allow this account to do that (403)${because}. Another account, or a permission from the project's administrators, is needed; jira_whoami shows what this one may do.`,
      ]
    case 404:
      return [
        'not_found',
        `Jira found nothing there (404)${because}. Check the key; for what this account has no permission to see, Jira says the same.`,
      ]
    case 409:
      return [
        'conflict',
        `Somebody else changed it at the same time (409)${because}. Read it again, then repeat the change if it still fits.`,
      ]
    case 410:
      return [
        'gone',
        `This Jira no longer has ${method} ${path} (410)${because}. Repeating will not help: this server needs an update.`,
      ]
    case 413:
      return ['too_large', `That is too large for Jira (413)${because}. Shorten it, or split it over several comments.`]
    case 400:
    case 422:
      return [
        'invalid',
        `Jira refused the request (${status})${because}. Correct ${hasFields ? 'the fields it names' : 'it'} and call again.`,
      ]
    case 429:
      return [
        'rate_limited',
        `Jira takes no more requests for now (429, after ${tries(attempts)})${because}. Call again in ${waitOf(refusal)}, and ask for less at once.`,
      ]
    default:
      if (status >= 500) {
        return [
          'unavailable',
          `Jira failed (${status}, after ${tries(attempts)})${because}. ${afterwards(method, path)}`,
        ]
      }
      return ['unexpected', `Jira answered ${method} ${path} with the unexpected status ${status}${because}.`]
  }
}

/** What to do after a request nobody knows the outcome of. */
export function afterwards(method: string, path: string): string {
  if (isRead(method, path)) return 'Call again later.'
  return LOOK_FIRST
}

/** Whether a request changes nothing in Jira; a search is one, however it is sent. */
export function isRead(method: string, path: string): boolean {
  return method === 'GET' || /\/search(?:\/[a-z-]+)?$/.test(path)
}

function tries(attempts: number): string {
  return attempts === 1 ? 'one try' : `${attempts} tries`
}

function waitOf({ retryAfterMs: waitMs }: Refusal): string {
  return waitMs === undefined ? 'a minute' : `${Math.max(1, Math.ceil(waitMs / 1_000))} seconds`
}

/** Jira's own words: its messages, then each field with what is wrong with it. */
function readRefusal(body: unknown): { said: string; fields: Record<string, string> } {
  if (!isJsonObject(body)) return { said: '', fields: {} }
  const { errorMessages, errors, message } = body
  const messages: unknown[] = Array.isArray(errorMessages) ? errorMessages : [message]
  const fields: Record<string, string> = {}
  if (isJsonObject(errors)) {
    const told = Object.entries(errors).filter(([, wrong]) => typeof wrong === 'string')
    for (const [field, wrong] of told.slice(0, MAX_FIELDS)) {
      fields[cut(field, MAX_FIELD_TEXT)] = cut(String(wrong), MAX_FIELD_TEXT)
    }
  }
  const said = [
    ...messages.filter((one) => typeof one === 'string' && one !== '').map((one) => String(one).replace(/[.\s]+$/, '')),
    ...Object.entries(fields).map(([field, wrong]) => `${field}: ${wrong.replace(/[.\s]+$/, '')}`),
  ].join('; ')
  return { said: cut(said, MAX_SAID), fields }
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
