import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './commands.ts'
import type { Manifest } from './pack.ts'

/** The condition whose files are the sources of a door. */
const SOURCE = '@bao-mcp/source'

/**
 * The `jsr.json` of a package, made from its `package.json`, so that doors, ranges and version are written once. JSR
 * knows no conditions: there, what depends on the runtime is what Node has, which Bun and Deno have as well.
 *
 * @param folder the package's own
 * @see https://jsr.io/docs/package-configuration
 */
export async function jsrManifest(folder: string): Promise<object> {
  const manifest: Manifest & { license: string } = await Bun.file(join(folder, 'package.json')).json()
  const { name, version, license, exports, imports, dependencies = {}, peerDependencies = {} } = manifest
  const doors = Object.entries(exports).flatMap(([door, target]) =>
    typeof target === 'string' ? [] : [[door, target[SOURCE] ?? '']],
  )
  const { workspaces } = await Bun.file(join(root, 'package.json')).json()
  const ranges = Object.entries({ ...peerDependencies, ...dependencies }).map(([dependency, range]) => {
    if (dependency.startsWith('@bao-mcp/')) return [dependency, `jsr:${dependency}@^${version}`]
    return [dependency, `npm:${dependency}@${range === 'catalog:' ? workspaces.catalog[dependency] : range}`]
  })
  const concerns = imports === undefined ? [] : runtimeFiles(folder)
  return {
    $schema: 'https://jsr.io/schema/config-file.v1.json',
    name,
    version,
    license,
    exports: Object.fromEntries(doors),
    imports: Object.fromEntries([...ranges, ...concerns]),
    publish: { include: ['src', 'README.md', 'LICENSE', 'CHANGELOG.md'], exclude: ['**/*.test.*'] },
  }
}

function runtimeFiles(folder: string): [specifier: string, path: string][] {
  return readdirSync(join(folder, 'src/runtime/node'))
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .sort()
    .map((file) => [`#runtime/${file.slice(0, -'.ts'.length)}`, `./src/runtime/node/${file}`])
}
