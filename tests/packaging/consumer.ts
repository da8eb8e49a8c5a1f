import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { must } from '../../scripts/lib/must.ts'
import type { Manifest, PackedSet } from '../../scripts/lib/pack.ts'
import { packedOnce } from './packed.ts'

/** A project of its own that has the packages from their tarballs. It lies where those lie and goes away with them. */
export interface Consumer {
  folder: string
  set: PackedSet
}

/** The Nodes that this checkout installs, by the names that tests give them. */
export const nodes: readonly { name: string; binary: string; missing: boolean }[] = ['22', '24'].map((version) => {
  const binary = join(root, 'node_modules', `n${version}`, 'bin', 'node')
  return { name: `node ${version}`, binary, missing: !existsSync(binary) }
})

let made: Promise<Consumer> | undefined
const tarballsOf = new WeakMap<PackedSet, Promise<Record<string, string>>>()

/** The consumer that all tests of a run share, installed by Bun with zod beside the packages. */
export function bunConsumer(): Promise<Consumer> {
  made ??= packedOnce().then((set) =>
    installByBun(
      set,
      'consumer',
      set.packages.map(({ manifest }) => manifest.name),
    ),
  )
  return made
}

/** A consumer in a folder of that name, for which Bun installs the given ones of our packages, and zod. */
export async function installByBun(set: PackedSet, project: string, names: readonly string[]): Promise<Consumer> {
  const folder = join(set.folder, project)
  mkdirSync(folder)
  const others = Object.entries(await dependencyTarballs(set)).map(([name, tarball]) => [name, `file:${tarball}`])
  const own = Object.fromEntries(set.packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  const overrides: Record<string, string> = { ...own, ...Object.fromEntries(others) }
  const dependencies = Object.fromEntries([...names, 'zod'].map((name) => [name, overrides[name]]))
  const manifest = { name: 'consumer', version: '0.0.0', private: true, type: 'module', dependencies, overrides }
  await Bun.write(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  await must([process.execPath, 'install', '--ignore-scripts'], folder)
  return { folder, set }
}

/** Writes everything that the packages depend on as tarballs, and returns them by name: so nothing is ever fetched. */
export function dependencyTarballs(set: PackedSet): Promise<Record<string, string>> {
  const known = tarballsOf.get(set) ?? packDependencies(set)
  tarballsOf.set(set, known)
  return known
}

async function packDependencies(set: PackedSet): Promise<Record<string, string>> {
  const found = new Map<string, string>()
  for (const { manifest, folder } of set.packages) collect(manifest, folder, found)
  const tarballs = [...found].map(async ([name, folder]) => {
    // A tarball and not the folder, for which an installer would want the development dependencies as well.
    const staged = join(set.folder, 'dependencies', name)
    const tarball = join(staged, 'package.tgz')
    // npm takes what lies under `package`
    cpSync(folder, join(staged, 'package'), { recursive: true })
    await must(['tar', '-czf', tarball, 'package'], staged)
    return [name, tarball] as const
  })
  return Object.fromEntries(await Promise.all(tarballs))
}

/** Follows dependencies to the folders in which this checkout has them. */
function collect(
  { dependencies = {} }: Pick<Manifest, 'dependencies'>,
  from: string,
  found: Map<string, string>,
): void {
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith('@bao-mcp/') || found.has(name)) continue
    const folder = installed(name, from)
    found.set(name, folder)
    const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    collect(manifest, folder, found)
  }
}

function installed(name: string, from: string): string {
  for (let at = realpathSync(from); ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (dirname(at) === at) throw new Error(`${name} is not installed for ${from}`)
  }
}
