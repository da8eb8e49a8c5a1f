const FIRST_MS = 25
const LONGEST_MS = 1000

/**
 * Milliseconds to wait before trying again: twice as long after every failure, and anything from half of it to all of it,
 * so that nodes which lost the same server do not come back in step.
 * @param failures how many there were in a row; 0 waits for nothing
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  if (failures === 0) return 0
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16))
  return most * (0.5 + random() / 2)
}
