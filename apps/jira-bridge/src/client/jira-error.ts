/**
 * Why something about Jira could not be done.
 * - `not_found`: there is no such thing, or the account may not see it
 * - `unauthorized`: the server's credentials are missing, wrong or expired
 * - `forbidden`: the account may not do it
 * - `conflict`: somebody else changed it meanwhile
 * - `rate_limited`: too much was asked; `retryAfterMs` says when to come back, where that is known
 * - `invalid`: what was asked for is wrong; the message names it
 * - `declined`: a person was asked, and did not agree; nothing was done
 * - `unavailable`: nothing was done, because the server or Jira cannot be reached at the moment
 * - `timeout`: a read took too long
 * - `outcome_unknown`: a write may have been done or not; look before you repeat it
 * - `unsupported`: the server has no tool for it
 * - `failed`: the server failed, or answered something that is no answer, and did not say why
 */
export const JIRA_ERROR_CODES = [
  'not_found',
  'unauthorized',
  'forbidden',
  'conflict',
  'rate_limited',
  'invalid',
  'declined',
  'unavailable',
  'timeout',
  'outcome_unknown',
  'unsupported',
  'failed',
] as const

export type JiraErrorCode = (typeof JIRA_ERROR_CODES)[number]

export interface JiraErrorEvidence {
  readonly tool?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** Something about Jira could not be done; `code` says what to make of it. */
export class JiraError extends Error {
  override readonly name = 'JiraError'
  readonly code: JiraErrorCode
  /** The server's tool that was called or is missing. */
  readonly tool: string | undefined
  /** Milliseconds before which asking again is in vain, where that is known. */
  readonly retryAfterMs: number | undefined

  constructor(code: JiraErrorCode, message: string, evidence: JiraErrorEvidence = {}) {
    super(message, evidence.cause === undefined ? undefined : { cause: evidence.cause })
    this.code = code
    this.tool = evidence.tool
    this.retryAfterMs = evidence.retryAfterMs
  }
}
