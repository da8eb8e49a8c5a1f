import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { missingTargets, type Packed, type PackedSet, published, unpublishable } from '../../scripts/lib/pack.ts'
import { packageOf, packedOnce } from './packed.ts'

let set: PackedSet
beforeAll(async () => {
  set = await packedOnce()
}, 180_000)

const packed = (name: string): Packed => packageOf(set, name)

describe.each([...published])('the tarball of %s', (name) => {
  test('holds the sources and what is built from them', () => {
    const { files } = packed(name)
    expect(files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'src/index.ts']))
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts']))
  })

  test('holds sources, what is built from them, schemas and four files for people, and nothing else', () => {
    const wanted =
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|schema\/.+\.schema\.json|src\/.+\.ts|dist\/.+\.(?:js|d\.ts|js\.map|d\.ts\.map))$/
    const unwanted = packed(name).files.filter((file) => !wanted.test(file) || /\.test\./.test(file))
    expect(unwanted).toEqual([])
  })

  test('holds no code that only its own tests use', () => {
    const { files, manifest } = packed(name)
    const offered = Object.keys(manifest.exports).includes('./testing')
    expect(files.filter((file) => /\/(?:testing|fixtures|test)\//.test(file) && !offered)).toEqual([])
  })

  test('maps every built file to a source that it holds', async () => {
    const { files, unpacked } = packed(name)
    const maps = files.filter((file) => file.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(0)
    const lost = await Promise.all(
      maps.map(async (file) => {
        const { sources }: { sources: string[] } = await Bun.file(join(unpacked, file)).json()
        return sources.filter((source) => !existsSync(join(unpacked, dirname(file), source))).map(() => file)
      }),
    )
    expect(lost.flat()).toEqual([])
  })

  test('says that importing it does nothing by itself', () => {
    expect(packed(name).manifest.sideEffects).toBe(false)
  })

  test('holds a built file for every source and no other source than TypeScript', () => {
    const { files } = packed(name)
    const sources = files.filter((file) => file.startsWith('src/'))
    const missing = sources
      .map((file) => file.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js'))
      .filter((file) => !files.includes(file))
    expect(missing).toEqual([])
    expect(sources.filter((file) => !file.endsWith('.ts'))).toEqual([])
  })

  test('depends on versions that a registry knows', () => {
    const { dependencies = {} } = packed(name).manifest
    expect(unpublishable(packed(name).manifest)).toEqual([])
    const siblings = Object.entries(dependencies).filter(([dependency]) => dependency.startsWith('@bao-mcp/'))
    const { version } = packed('protocol').manifest
    expect(siblings).toEqual(name === 'protocol' ? [] : [['@bao-mcp/protocol', `^${version}`]])
  })

  test('has every file that its exports and imports name', () => {
    const { manifest, files } = packed(name)
    expect(Object.keys(manifest.exports).length).toBeGreaterThan(1)
    expect(missingTargets(manifest, files)).toEqual([])
  })

  test('offers types before code at every door, and its sources to this checkout alone', () => {
    const { manifest } = packed(name)
    // A condition with our name in it is one that nobody else sets: sources only compile with our settings.
    const order = ['@bao-mcp/source', 'types', 'bun', 'default']
    for (const [door, conditions] of Object.entries(manifest.exports)) {
      if (typeof conditions === 'object') expect([door, ...Object.keys(conditions)]).toEqual([door, ...order])
    }
  })

  test('has every concern it imports for every runtime', async () => {
    const { files } = packed(name)
    const sources = files.filter((file) => /^src\/(?!runtime\/).*\.ts$/.test(file))
    const texts = await Promise.all(
      sources.map((file) => Bun.file(join(import.meta.dir, '../../packages', name, file)).text()),
    )
    const concerns = new Set(
      texts.flatMap((text) => [...text.matchAll(/'#runtime\/([\w-]+)'/g)].map(([, concern]) => concern)),
    )
    for (const concern of concerns) {
      for (const runtime of ['bun', 'node', 'none']) {
        expect(files).toContain(`src/runtime/${runtime}/${concern}.ts`)
        expect(files).toContain(`dist/runtime/${runtime}/${concern}.js`)
      }
    }
    expect(concerns.size > 0).toBe(name !== 'protocol')
  })
})
