/**
 * Checks a limit that was asked for, because one that is too small would let calls wait for ever.
 * @throws {TypeError} naming the limit
 */
export function atLeast(least: number, limit: string, value: number): number {
  if (value >= least) return value
  throw new TypeError(`${limit} must be at least ${least}, got ${value}`)
}
