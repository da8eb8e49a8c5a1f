export interface Summary {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The middle value; the mean of the two middle values of an even count.
 *  @throws {RangeError} when there are no values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  if (upper === undefined || lower === undefined) throw new RangeError('no values to take a median of')
  return (lower + upper) / 2
}

/** @throws {RangeError} when there are no values */
export function summarise(values: readonly number[]): Summary {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) }
}

/** `items` beginning at `by`, so that over several rounds nobody is always first. */
export function rotate<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
