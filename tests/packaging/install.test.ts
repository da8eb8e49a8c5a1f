import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { type Manifest, must, type PackedSet, packAll } from './packed.ts'

const node22 = join(root, 'node_modules/n22/bin/node')

let set: PackedSet
let consumer: string
let doors: string[]
beforeAll(async () => {
  set = await packAll()
  consumer = join(set.folder, 'consumer')
  await install(consumer)
  doors = set.packages.flatMap(({ manifest: { name, exports } }) =>
    Object.keys(exports).map((door) => name + door.slice(1)),
  )
}, 240_000)
afterAll(() => set?.[Symbol.dispose]())

/** Prints, for each door, where it leads and how many names it exports. */
const visit = `const seen = {}
for (const door of JSON.parse(process.argv[2])) {
  const loaded = await import(door, door.endsWith('.json') ? { with: { type: 'json' } } : undefined)
  seen[door] = [import.meta.resolve(door), Object.keys(loaded).length]
}
console.log(JSON.stringify(seen))
`

type Seen = Record<string, [url: string, names: number]>

async function visitWith(runtime: string): Promise<Seen> {
  const output = await must([runtime, 'visit.mjs', JSON.stringify(doors)], consumer)
  // The last line is ours: a runtime may print warnings of its own before it.
  const seen: Seen = JSON.parse(output.trim().split('\n').at(-1) ?? '{}')
  return seen
}

const codeDoors = (seen: Seen): [door: string, target: [string, number]][] =>
  Object.entries(seen).filter(([door]) => !door.endsWith('.json'))

describe('the packages, installed from their tarballs', () => {
  test('load under Bun from their sources, through every door', async () => {
    const seen = await visitWith(process.execPath)
    expect(Object.keys(seen)).toEqual(doors)
    for (const [, [url, names]] of codeDoors(seen)) {
      expect(url).toMatch(/\/src\/.*\.ts$/)
      expect(names).toBeGreaterThan(0)
    }
  })

  test.skipIf(!existsSync(node22))('load under node 22 from what is built, through every door', async () => {
    const seen = await visitWith(node22)
    expect(Object.keys(seen)).toEqual(doors)
    for (const [, [url, names]] of codeDoors(seen)) {
      expect(url).toMatch(/\/dist\/.*\.js$/)
      expect(names).toBeGreaterThan(0)
    }
  })

  test('share one copy of the protocol package', () => {
    const copies = [
      ...new Bun.Glob('**/@bao-mcp/protocol/package.json').scanSync({ cwd: consumer, followSymlinks: true }),
    ]
    const real = new Set(copies.map((copy) => realpathSync(join(consumer, copy))))
    expect(real.size).toBe(1)
  })
})

/** Installs all tarballs in a folder of their own. What they depend on comes from this checkout, so nothing is fetched. */
async function install(into: string): Promise<void> {
  mkdirSync(into)
  const own = Object.fromEntries(set.packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  const others = new Map<string, string>()
  for (const { manifest, folder } of set.packages) collect(manifest, folder, others)
  const overrides: Record<string, string> = { ...own }
  for (const [name, folder] of others) {
    // A tarball and not the folder, for which Bun would install the development dependencies as well.
    const tarball = join(set.folder, `${name.replace('/', '+')}.tgz`)
    await must(['tar', '-czf', tarball, '-C', dirname(folder), basename(folder)], set.folder)
    overrides[name] = `file:${tarball}`
  }
  const manifest = { name: 'consumer', version: '0.0.0', private: true, type: 'module', dependencies: own, overrides }
  await Bun.write(join(into, 'package.json'), JSON.stringify(manifest, null, 2))
  await Bun.write(join(into, 'visit.mjs'), visit)
  await must([process.execPath, 'install', '--ignore-scripts'], into)
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
