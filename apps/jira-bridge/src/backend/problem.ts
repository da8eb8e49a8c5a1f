import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import { JIRA_ERROR_CODES, JiraError, type JiraErrorCode } from '../client/jira-error.ts'

/** Seconds a caller is told to wait where nobody knows better. */
export const DEFAULT_RETRY_AFTER_SECONDS = 2
export const PROBLEM_TYPE = 'application/problem+json'

/** What every error answers with. @see https://www.rfc-editor.org/rfc/rfc9457 */
export const Problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.enum([
    ...JIRA_ERROR_CODES,
    'bad_request',
    'no_such_route',
    'no_such_method',
    'foreign_caller',
    'no_json',
    'too_large',
    'late',
    'internal',
  ]),
  advice: z.string().optional().describe('What to do'),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  requestId: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>
export type ProblemCode = Problem['code']

/** Status of every kind of error, and what its caller can do about it. */
const KINDS: Readonly<Record<ProblemCode, readonly [status: number, advice?: string]>> = {
  not_found: [404, 'check the key, and whether the account may see it'],
  unauthorized: [502, 'the operator has to give the Jira server valid credentials'],
  forbidden: [403, 'the account lacks the permission, or writes are switched off'],
  conflict: [409, 'read the issue again and decide anew'],
  rate_limited: [429, 'ask again after Retry-After'],
  invalid: [422],
  declined: [409, 'a person was asked and did not agree: nothing was done'],
  unavailable: [503, 'nothing was done; ask again after Retry-After'],
  timeout: [504, 'nothing was changed; ask again'],
  outcome_unknown: [409, 'it may have been done: look for it before you send it again'],
  unsupported: [501, 'the Jira server in use has no tool for it, or the tool is switched off'],
  failed: [502],
  bad_request: [400],
  no_such_route: [404, 'GET /openapi.json lists the routes'],
  no_such_method: [405],
  foreign_caller: [403, 'call this service by the address it listens on, and not from the pages of others'],
  no_json: [415, 'send content-type: application/json'],
  too_large: [413],
  late: [408, 'send the whole request at once'],
  internal: [500],
}

/** Errors that pass by themselves, and say so with `Retry-After`. */
const PASSING: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['unavailable', 'rate_limited'])

export function problemOf(
  code: ProblemCode,
  detail: string,
  more: Pick<Problem, 'errors' | 'requestId'> = {},
): Problem {
  const [status, advice] = KINDS[code]
  const title = STATUS_CODES[status] ?? 'Error'
  return { type: 'about:blank', title, status, detail, code, ...(advice !== undefined && { advice }), ...more }
}

/** What an error is to a caller. Of one that is unexpected nothing but that is told. */
export function problemOfError(error: unknown, requestId: string | undefined): Problem {
  const id = requestId === undefined ? {} : { requestId }
  return error instanceof JiraError
    ? problemOf(error.code, error.message, id)
    : problemOf('internal', 'an unexpected error; the log has it under the id of this request', id)
}

/** A problem as an answer. @param waitMs milliseconds until it is worth asking again, where that is known */
export function respond(problem: Problem, waitMs?: number): Response {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE }
  if (problem.requestId !== undefined) headers['x-request-id'] = problem.requestId
  if (PASSING.has(problem.code)) headers['retry-after'] = String(retryAfterSeconds(waitMs))
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

export function retryAfterSeconds(waitMs: number | undefined): number {
  return waitMs === undefined ? DEFAULT_RETRY_AFTER_SECONDS : Math.max(1, Math.ceil(waitMs / 1_000))
}

/** Statuses each kind of route may answer with, for its description. */
export function statusesOf(codes: readonly (ProblemCode | JiraErrorCode)[]): number[] {
  return [...new Set(codes.map((code) => KINDS[code][0]))].sort((a, b) => a - b)
}
