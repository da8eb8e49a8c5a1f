import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './commands.ts'
import { must } from './must.ts'
import { type Manifest, published } from './pack.ts'

/** What the next release makes of one package. */
export interface PlannedPackage {
  name: string
  from: string
  to: string
  /** The part of the changelog that this release adds, without its heading; empty when the version stays. */
  news: string
}

/** What every packer takes without being told. */
const ALWAYS_PACKED = ['package.json', 'README.md', 'LICENSE']

/**
 * Copies the built packages to `folder` and gives them their next versions there, so that a release can be looked at
 * before it is made. Nothing in the checkout changes, no network is used, and nobody has to be logged in.
 *
 * @throws {Error} with the output of the step that failed
 */
export async function stageRelease(folder: string): Promise<PlannedPackage[]> {
  await copyHistory(folder)
  cpSync(join(root, '.changeset'), join(folder, '.changeset'), { recursive: true })
  // by its lockfile changesets knows whose workspaces these are
  cpSync(join(root, 'bun.lock'), join(folder, 'bun.lock'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const { devDependencies: _, optionalDependencies: __, ...manifest } = await readJson(join(root, 'package.json'))
  const workspaces = { ...Object(manifest.workspaces), packages: ['packages/*'] }
  await Bun.write(join(folder, 'package.json'), JSON.stringify({ ...manifest, workspaces }, null, 2))
  for (const name of published) await copyPackage(name, folder)
  const before = await versions(folder)
  await must(changesets('version'), folder)
  const after = await versions(folder)
  return Promise.all(
    [...before].map(async ([name, { version, path }]) => {
      const to = after.get(name)?.version ?? version
      return { name, from: version, to, news: to === version ? '' : await newsOf(join(path, 'CHANGELOG.md'), to) }
    }),
  )
}

/** The changesets tool, started through Bun: it refuses Nodes before 22.11. */
export function changesets(...args: string[]): string[] {
  return [process.execPath, join(root, 'node_modules/@changesets/cli/bin.js'), ...args]
}

/** The history tells which commit brought a change, and takes the tags. A checkout without one gets an empty one. */
async function copyHistory(folder: string): Promise<void> {
  if (existsSync(join(root, '.git'))) {
    await must(['git', 'clone', '--quiet', '--shared', '--no-checkout', root, folder], root)
    return
  }
  mkdirSync(folder, { recursive: true })
  const nobody = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.com']
  await must(['git', 'init', '--quiet'], folder)
  await must(['git', ...nobody, 'commit', '--quiet', '--allow-empty', '--message', 'empty'], folder)
}

/** Copies what is packed of a package. The rest is installed, built for tests, or tests. */
async function copyPackage(name: string, folder: string): Promise<void> {
  const into = join(folder, 'packages', name)
  mkdirSync(into, { recursive: true })
  const { files }: Manifest = await Bun.file(join(root, 'packages', name, 'package.json')).json()
  for (const part of [...ALWAYS_PACKED, ...files.filter((each) => !each.startsWith('!'))]) {
    const from = join(root, 'packages', name, part)
    if (existsSync(from)) cpSync(from, join(into, part), { recursive: true })
  }
}

async function versions(folder: string): Promise<Map<string, { version: string; path: string }>> {
  const found = published.map(async (name) => {
    const path = join(folder, 'packages', name)
    const manifest: Manifest = await Bun.file(join(path, 'package.json')).json()
    return [manifest.name, { version: manifest.version, path }] as const
  })
  return new Map(await Promise.all(found))
}

async function newsOf(changelog: string, version: string): Promise<string> {
  const text = await Bun.file(changelog).text()
  const [, part = ''] = text.split(`\n## ${version}\n`)
  return (part.split('\n## ')[0] ?? '').trim()
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const read: Record<string, unknown> = await Bun.file(path).json()
  return read
}
