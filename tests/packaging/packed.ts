import { readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Packed, type PackedSet, packAll } from '../../scripts/lib/pack.ts'

/** Longer than any run takes. */
const STALE_MS = 3_600_000

let made: Promise<PackedSet> | undefined

/** What all tests of a run share: building and packing once is enough. It goes away with the process. */
export function packedOnce(): Promise<PackedSet> {
  made ??= packAll().then((set) => {
    removeStale()
    process.once('exit', () => set[Symbol.dispose]())
    return set
  })
  return made
}

/** What runs left that were killed, or ended without a word as those of `bun test` do. */
function removeStale(): void {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name)
    if (!name.startsWith('bao-packed-')) continue
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > STALE_MS) rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws {Error} when no package has that name */
export function packageOf(set: PackedSet, name: string): Packed {
  const found = set.packages.find(({ manifest }) => manifest.name === `@bao-mcp/${name}`)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}
