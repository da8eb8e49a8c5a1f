import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, quietEnv, root } from '../../scripts/lib/commands.ts'
import { run } from '../../scripts/lib/run.ts'

export interface Manifest {
  name: string
  version: string
  exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  dependencies?: Readonly<Record<string, string>>
  peerDependencies?: Readonly<Record<string, string>>
}

/** A package as its users get it. */
export interface Packed {
  /** The folder in `packages/`. */
  folder: string
  tarball: string
  /** Where the tarball is unpacked. */
  unpacked: string
  /** All files in the tarball, relative to the package. */
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
  const packages: Packed[] = []
  for (const name of published) packages.push(await pack(name, folder))
  return { folder, packages, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/**
 * Runs a command and returns its output.
 *
 * @throws {Error} with that output when it fails
 */
export async function must(command: readonly string[], cwd: string): Promise<string> {
  const { code, trouble, output } = await run(command, { cwd, env: quietEnv, capture: true, limitMs: 120_000 })
  if (code !== 0) throw new Error(`${command.join(' ')} failed in ${cwd}: ${trouble ?? `exit code ${code}`}\n${output}`)
  return output
}

async function pack(name: string, into: string): Promise<Packed> {
  const source = join(root, 'packages', name)
  const tarball = join(into, `${name}.tgz`)
  const unpacked = join(into, name)
  await must([process.execPath, 'pm', 'pack', '--quiet', '--filename', tarball], source)
  mkdirSync(unpacked)
  await must(['tar', '-xzf', tarball, '-C', unpacked, '--strip-components=1'], into)
  const files = [...new Bun.Glob('**/*').scanSync({ cwd: unpacked, dot: true })].map((file) =>
    file.replaceAll('\\', '/'),
  )
  const manifest: Manifest = await Bun.file(join(unpacked, 'package.json')).json()
  return { folder: source, tarball, unpacked, files: files.sort(), manifest }
}
