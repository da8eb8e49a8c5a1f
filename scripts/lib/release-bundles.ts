import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from './must.ts'
import { run } from './run.ts'

export interface PublishBundlesOptions {
  /** Holds a folder for each bundle, with the `.mcpb` and its `server.json`, as `bun run bundle --out` makes it. */
  folder: string
  /** The commit that the tags name. */
  target: string
}

/** What became of one bundle. */
export interface PublishedBundle {
  tag: string
  kind: 'published' | 'already there'
}

/**
 * Makes a release of the repository for each bundle that has none, with the `gh` that finds the repository and the token
 * in its environment. Runs under Node as well, with nothing installed.
 *
 * @throws {Error} naming the bundle whose release is there and holds another one
 */
export async function publishBundles({ folder, target }: PublishBundlesOptions): Promise<PublishedBundle[]> {
  const done: PublishedBundle[] = []
  for (const name of readdirSync(folder).sort()) done.push(await publishBundle(join(folder, name), target))
  return done
}

async function publishBundle(folder: string, target: string): Promise<PublishedBundle> {
  const serverJson = join(folder, 'server.json')
  const own = readServer(serverJson)
  const tag = `${own.name.slice(own.name.indexOf('/') + 1)}@${own.version}`
  const { code } = await run(['gh', 'release', 'view', tag], { capture: true })
  if (code === 0) {
    const published = await digestIn(tag)
    if (published === own.digest) return { tag, kind: 'already there' }
    throw new Error(
      `${tag} is published with the digest ${published} and would now have ${own.digest}: what changed needs a version, ` +
        `so add a changeset of a package that it holds and run "bun run release:version"`,
    )
  }
  const bundles = readdirSync(folder).filter((file) => file.endsWith('.mcpb'))
  const files = [...bundles.map((file) => join(folder, file)), serverJson]
  const notes = 'An MCPB bundle, and its server.json for the registry of servers.'
  await must(['gh', 'release', 'create', tag, ...files, '--target', target, '--title', tag, '--notes', notes], folder)
  return { tag, kind: 'published' }
}

/** The digest of the bundle that a release holds, as its `server.json` says. */
async function digestIn(tag: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bao-published-'))
  try {
    await must(['gh', 'release', 'download', tag, '--pattern', 'server.json', '--dir', folder], folder)
    return readServer(join(folder, 'server.json')).digest
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws {TypeError} for a file that is not what `bun run bundle` writes */
function readServer(path: string): { name: string; version: string; digest: string } {
  const { name, version, packages }: Record<string, unknown> = Object(JSON.parse(readFileSync(path, 'utf8')))
  const digest: unknown = Object(Array.isArray(packages) ? packages[0] : undefined).fileSha256
  if (typeof name !== 'string' || typeof version !== 'string' || typeof digest !== 'string') {
    throw new TypeError(`${path} does not give a name, a version and the digest of a bundle`)
  }
  return { name, version, digest }
}
