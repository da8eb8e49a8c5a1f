/** Milliseconds the first pause takes at most. */
const FIRST_MS = 500
const LONGEST_MS = 30_000

/**
 * Milliseconds before the next attempt: they double with every failure, and a random half of them keeps many clients
 * from coming back at once.
 * @param failures in a row, from 1
 * @param random between 0 and 1
 */
export function backoffMs(
  failures: number,
  random: () => number,
  { firstMs = FIRST_MS, longestMs = LONGEST_MS }: { firstMs?: number; longestMs?: number } = {},
): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** (failures - 1))
  return ceiling / 2 + (random() * ceiling) / 2
}
