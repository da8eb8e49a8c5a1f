import { numbers } from '../../http-hostile/random.ts'

/** Whole numbers from 0 to below `below`, the same ones for the same seed and name, whatever else draws numbers. */
export function seeded(seed: number, name: string): (below: number) => number {
  const below = numbers(seed ^ Number(Bun.hash.crc32(name)))
  // the first numbers of near seeds are near as well
  for (let spin = 0; spin < 8; spin++) below(2)
  return below
}
