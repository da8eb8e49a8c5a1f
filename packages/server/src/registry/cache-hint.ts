import type { CacheHint } from '@bao-mcp/protocol/engine'

/**
 * A hint that a client can use, or undefined for none.
 * @throws {TypeError} naming the member that is wrong
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching
 */
export function checkedHint(hint: CacheHint | undefined, what: string): CacheHint | undefined {
  if (hint === undefined) return undefined
  const { ttlMs, cacheScope } = hint
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 0) {
    throw new TypeError(`${what}: cache.ttlMs must be a whole number of milliseconds, 0 or more, got ${ttlMs}`)
  }
  if (cacheScope !== 'public' && cacheScope !== 'private') {
    throw new TypeError(`${what}: cache.cacheScope must be "public" or "private", got ${JSON.stringify(cacheScope)}`)
  }
  return { ttlMs, cacheScope }
}
