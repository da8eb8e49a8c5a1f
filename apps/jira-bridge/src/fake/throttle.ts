import { JiraFailure } from './failure.ts'

/** A bucket of requests for each account. */
export interface RateLimit {
  /** Requests that a full bucket allows at once. */
  capacity: number
  /** Requests that come back in a second. */
  perSecond: number
}

/** Counts the requests of each account against a limit; calling it takes one.
 *  @throws {JiraFailure} 429 with `Retry-After` in whole seconds when the bucket is empty */
export function createThrottle({ capacity, perSecond }: RateLimit, nowMs: () => number): (accountId: string) => void {
  const buckets = new Map<string, { level: number; atMs: number }>()
  return (accountId) => {
    const now = nowMs()
    const { level, atMs } = buckets.get(accountId) ?? { level: capacity, atMs: now }
    const refilled = Math.min(capacity, level + ((now - atMs) / 1_000) * perSecond)
    const isAllowed = refilled >= 1
    buckets.set(accountId, { level: isAllowed ? refilled - 1 : refilled, atMs: now })
    if (isAllowed) return
    const waitSeconds = Math.ceil((1 - refilled) / perSecond)
    throw new JiraFailure(429, {
      errorMessages: ['Rate limit exceeded.'],
      headers: {
        'retry-after': String(waitSeconds),
        'x-ratelimit-limit': String(capacity),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': new Date(now + waitSeconds * 1_000).toISOString(),
        'ratelimit-reason': 'jira-burst-based',
      },
    })
  }
}
