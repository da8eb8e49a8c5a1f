import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, root } from './commands.ts'
import { must } from './must.ts'

export interface Manifest {
  name: string
  version: string
  private?: boolean
  sideEffects?: boolean
  /** What is packed, and after a `!` what is not. */
  files: readonly string[]
  exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  dependencies?: Readonly<Record<string, string>>
  peerDependencies?: Readonly<Record<string, string>>
  optionalDependencies?: Readonly<Record<string, string>>
}

/** A package as its users get it. */
export interface Packed {
  /** The folder it was packed from. */
  folder: string
  tarball: string
  /** Where the tarball is unpacked. */
  unpacked: string
  /** All files in the tarball, relative to the package and sorted. */
  files: readonly string[]
  manifest: Manifest
}

export interface PackedSet extends Disposable {
  /** A folder that goes away with the set. */
  folder: string
  packages: readonly Packed[]
}

/** The packages that are published, in the order of their dependencies. */
export const published: readonly string[] = ['protocol', 'client', 'server']

/**
 * Builds and packs all published packages. The caller disposes of the result.
 *
 * @throws {Error} with the output of the step that failed
 */
export async function packAll(): Promise<PackedSet> {
  await must(build, root)
  const folder = mkdtempSync(join(tmpdir(), 'bao-packed-'))
  const packages = await packEach(join(root, 'packages'), folder)
  return { folder, packages, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Packs the published packages below `from` as they are built, each as `<name>.tgz` and unpacked beside it in `into`. */
export function packEach(from: string, into: string): Promise<Packed[]> {
  return Promise.all(
    published.map(async (name) => {
      const tarball = join(into, `${name}.tgz`)
      dropStale(join(from, name))
      await packTarball(join(from, name), tarball)
      return { folder: join(from, name), ...(await unpack(tarball, join(into, name))) }
    }),
  )
}

/**
 * Writes the tarball of one built package. Bun does it, because npm would leave `workspace:` and `catalog:` inside.
 *
 * @throws {Error} naming every dependency whose range is no version that a registry knows, or every file of `exports`
 *   and `imports` that the tarball lacks
 */
export async function packTarball(folder: string, tarball: string): Promise<void> {
  await must([process.execPath, 'pm', 'pack', '--quiet', '--ignore-scripts', '--filename', tarball], folder)
  const text = await must(['tar', '-xzOf', tarball, 'package/package.json'], folder)
  const manifest: Manifest = JSON.parse(text)
  const wrong = unpublishable(manifest)
  if (wrong.length > 0) throw new Error(`${manifest.name} would be published with ${wrong.join(', ')}`)
  const listed = await must(['tar', '-tzf', tarball], folder)
  const files = listed.split('\n').map((line) => line.trim().replace(/^package\//, ''))
  const missing = missingTargets(manifest, files)
  if (missing.length > 0) throw new Error(`${manifest.name} would be published without ${missing.join(', ')}`)
}

/** What `exports` and `imports` lead to and `files`, relative to the package, does not hold. */
export function missingTargets(manifest: Manifest, files: readonly string[]): string[] {
  const conditions = [...Object.values(manifest.exports), ...Object.values(manifest.imports ?? {})]
  const targets = conditions.flatMap((each) => (typeof each === 'string' ? [each] : Object.values(each)))
  return targets.filter((target) => {
    const [start = '', end] = target.replace(/^\.\//, '').split('*')
    // what a star stands for may have slashes in it
    const found = (file: string): boolean =>
      end === undefined ? file === start : file.startsWith(start) && file.endsWith(end)
    return !files.some(found)
  })
}

/** The dependencies that no registry could resolve, each as `name@range`. */
export function unpublishable(manifest: Manifest): string[] {
  const { dependencies, peerDependencies, optionalDependencies } = manifest
  return Object.entries({ ...optionalDependencies, ...peerDependencies, ...dependencies })
    .filter(([, range]) => !/^[\^~]?\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(range))
    .map(([name, range]) => `${name}@${range}`)
}

/** Removes what was built from sources that are gone: the compiler leaves such files, and they would be published. */
export function dropStale(folder: string): void {
  for (const file of new Bun.Glob('dist/**/*.{js,d.ts,js.map,d.ts.map}').scanSync({ cwd: folder })) {
    const source = file.replaceAll('\\', '/').replace(/^dist\/(.+?)\.(?:d\.ts|js)(?:\.map)?$/, 'src/$1.ts')
    if (!existsSync(join(folder, source))) rmSync(join(folder, file))
  }
}

async function unpack(tarball: string, into: string): Promise<Omit<Packed, 'folder'>> {
  mkdirSync(into)
  await must(['tar', '-xzf', tarball, '-C', into, '--strip-components=1'], into)
  const files = [...new Bun.Glob('**/*').scanSync({ cwd: into, dot: true })].map((file) => file.replaceAll('\\', '/'))
  const manifest: Manifest = await Bun.file(join(into, 'package.json')).json()
  return { tarball, unpacked: into, files: files.sort(), manifest }
}
