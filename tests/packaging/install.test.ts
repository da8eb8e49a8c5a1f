import { beforeAll, describe, expect, test } from 'bun:test'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../scripts/lib/must.ts'
import { type PackedSet, published } from '../../scripts/lib/pack.ts'
import { bunConsumer, installByBun, nodes } from './consumer.ts'
import { packageOf, packedOnce } from './packed.ts'

let set: PackedSet
beforeAll(async () => {
  set = await packedOnce()
}, 180_000)

/** Prints, for each door, where it leads and how many names it exports. */
const visit = `const seen = {}
for (const door of JSON.parse(process.argv[2])) {
  const loaded = await import(door, door.endsWith('.json') ? { with: { type: 'json' } } : undefined)
  seen[door] = [import.meta.resolve(door), Object.keys(loaded).length]
}
console.log(JSON.stringify(seen))
`

type Seen = Record<string, [url: string, names: number]>

const everyone = [{ name: 'bun', binary: process.execPath, missing: false }, ...nodes]

describe.each([...published])('%s, installed from its tarball alone', (name) => {
  let folder: string
  let doors: string[]
  beforeAll(async () => {
    const { manifest } = packageOf(set, name)
    folder = (await installByBun(set, `${name}-alone`, [manifest.name])).folder
    doors = Object.keys(manifest.exports).map((door) => manifest.name + door.slice(1))
    await Bun.write(join(folder, 'visit.mjs'), visit)
  }, 60_000)

  for (const runtime of everyone) {
    const from = runtime.name === 'bun' ? 'its sources' : 'what is built'
    test.skipIf(runtime.missing)(`loads from ${from}, through every door, under ${runtime.name}`, async () => {
      const output = await must([runtime.binary, 'visit.mjs', JSON.stringify(doors)], folder)
      // The last line is ours: a runtime may print warnings of its own before it.
      const seen: Seen = JSON.parse(output.trim().split('\n').at(-1) ?? '{}')
      expect(Object.keys(seen)).toEqual(doors)
      for (const [door, [url, names]] of Object.entries(seen)) {
        expect(names).toBeGreaterThan(0)
        if (!door.endsWith('.json')) expect(url).toMatch(runtime.name === 'bun' ? /\/src\/.*\.ts$/ : /\/dist\/.*\.js$/)
      }
    })
  }

  test('brings what it names and nothing else', () => {
    const { dependencies = {} } = packageOf(set, name).manifest
    const manifests = ['**/node_modules/*/package.json', '**/node_modules/@*/*/package.json'].flatMap((pattern) => [
      ...new Bun.Glob(pattern).scanSync({ cwd: folder }),
    ])
    const found = manifests.map((path) => path.replace(/^.*node_modules\/(.+)\/package\.json$/, '$1'))
    // zod is what the project asked for itself, and the protocol package needs it
    const wanted = new Set(['zod', `@bao-mcp/${name}`, ...Object.keys(dependencies)])
    expect([...new Set(found)].sort()).toEqual([...wanted].sort())
  })
})

test('the packages, installed together, share one copy of the protocol package', async () => {
  const { folder } = await bunConsumer()
  const copies = [...new Bun.Glob('**/@bao-mcp/protocol/package.json').scanSync({ cwd: folder, followSymlinks: true })]
  const real = new Set(copies.map((copy) => realpathSync(join(folder, copy))))
  expect(real.size).toBe(1)
}, 60_000)
