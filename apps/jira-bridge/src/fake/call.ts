import type { Account } from './accounts.ts'
import type { Dialect } from './dialect.ts'
import { badRequest, forbidden } from './failure.ts'
import type { Site } from './site.ts'

/** One request, as an operation sees it. */
export interface Call {
  site: Site
  account: Account
  dialect: Dialect
  /** Named parts of the path. */
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  /** An object; empty when there was no body. */
  body: Readonly<Record<string, unknown>>
}

export interface Answer {
  status: number
  body?: unknown
}

export interface Route {
  method: string
  /** Below the root of the dialect; `{name}` stands for one part. */
  path: string
  run(call: Call): Answer
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

export function created(body: unknown): Answer {
  return { status: 201, body }
}

export const NO_CONTENT: Answer = { status: 204 }

/** A part of the path that the route names. */
export function part({ params }: Call, name: string): string {
  const value = params[name]
  if (value === undefined) throw new Error(`the route has no part {${name}}`)
  return value
}

/** @throws {JiraFailure} 403 for an account that may only read */
export function requireWrite({ account }: Call, what: string): void {
  if (!account.canWrite) throw forbidden(`You do not have permission to ${what}.`)
}

/** Where a page starts and how long it is, from the query.
 *  @throws {JiraFailure} 400 for anything but whole numbers from 0 */
export function pageOf({ query }: Call, { size, max = size }: { size: number; max?: number }): PageBounds {
  return {
    startAt: wholeNumber(query.get('startAt'), 'startAt', 0),
    maxResults: Math.min(max, wholeNumber(query.get('maxResults'), 'maxResults', size)),
  }
}

export interface PageBounds {
  startAt: number
  maxResults: number
}

/** One page of a list, with the numbers that tell where it is. */
export function page<Item>(items: readonly Item[], { startAt, maxResults }: PageBounds) {
  const values = items.slice(startAt, startAt + maxResults)
  return { startAt, maxResults, total: items.length, isLast: startAt + values.length >= items.length, values }
}

/** A list given as `a,b` or by repeating the parameter. */
export function listOf(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function wholeNumber(value: unknown, name: string, fallback: number): number {
  if (value === null || value === undefined) return fallback
  const number = typeof value === 'string' ? Number(value || Number.NaN) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw badRequest(`The value '${String(value)}' of '${name}' has to be a whole number from 0.`)
}
