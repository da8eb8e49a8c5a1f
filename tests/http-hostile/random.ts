/** Whole numbers from 0 to below `below`, the same ones for the same seed. */
export function numbers(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b9) || 1
  return (below) => {
    // xorshift needs no more than 32 bits
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}
