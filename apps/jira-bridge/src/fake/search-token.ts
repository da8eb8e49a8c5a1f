import { badRequest } from './failure.ts'

/** A value that a page starts after. */
export type Bound = string | number

const TOKEN_LASTS_MS = 7 * 86_400_000

/** A token that continues a query after a row.
 *  @param position values of the row that the query sorts by, as a JSON list */
export function writeToken({ jql, position, nowMs }: { jql: string; position: string; nowMs: number }): string {
  const content = JSON.stringify({ query: digest(jql), position, untilMs: nowMs + TOKEN_LASTS_MS })
  return Buffer.from(content).toString('base64url')
}

/** The values a page starts after.
 *  @param count how many the query sorts by
 *  @throws {JiraFailure} 400 for a token that is broken, too old, or of another query */
export function readToken(
  token: string,
  { jql, count, nowMs }: { jql: string; count: number; nowMs: number },
): Bound[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (typeof content === 'object' && content !== null && 'position' in content) {
      const { position, query, untilMs } = content as Record<string, unknown> // proof: it is an object
      const values: unknown = JSON.parse(String(position))
      const isOurs = query === digest(jql) && typeof untilMs === 'number' && untilMs >= nowMs
      if (isOurs && Array.isArray(values) && values.length === count && values.every(isBound)) return values
    }
  } catch (error) {
    // what is no JSON is as wrong as any other token, and is told so below
    if (!(error instanceof SyntaxError)) throw error
  }
  throw badRequest('The provided next page token is invalid or expired.')
}

function isBound(value: unknown): value is Bound {
  return typeof value === 'string' || typeof value === 'number'
}

function digest(jql: string): string {
  return Bun.hash(jql).toString(36)
}
