import { type Packed, type PackedSet, packAll } from '../../scripts/lib/pack.ts'

let made: Promise<PackedSet> | undefined

/** What all tests of a run share: building and packing once is enough. It goes away with the process. */
export function packedOnce(): Promise<PackedSet> {
  made ??= packAll().then((set) => {
    process.once('exit', () => set[Symbol.dispose]())
    return set
  })
  return made
}

/** @throws {Error} when no package has that name */
export function packageOf(set: PackedSet, name: string): Packed {
  const found = set.packages.find(({ manifest }) => manifest.name === `@bao-mcp/${name}`)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}
