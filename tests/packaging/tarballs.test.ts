import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Packed, type PackedSet, packAll, published } from './packed.ts'

let set: PackedSet
beforeAll(async () => {
  set = await packAll()
}, 180_000)
afterAll(() => set?.[Symbol.dispose]())

const packed = (name: string): Packed => {
  const found = set.packages.find((each) => each.manifest.name === `@bao-mcp/${name}`)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}

describe.each([...published])('the tarball of %s', (name) => {
  test('holds the sources and what is built from them', () => {
    const { files } = packed(name)
    expect(files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'src/index.ts']))
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts']))
  })

  test('holds no tests, build states or settings', () => {
    const unwanted = packed(name).files.filter((file) =>
      /\.test\.|\.tsbuildinfo$|tsconfig|node_modules|\.turbo|\.env|\.log$/.test(file),
    )
    expect(unwanted).toEqual([])
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
    const { dependencies = {}, peerDependencies = {} } = packed(name).manifest
    const ranges = [...Object.values(dependencies), ...Object.values(peerDependencies)]
    expect(ranges.filter((range) => !/^[\^~>=]*\d+\.\d+\.\d+/.test(range))).toEqual([])
    const siblings = Object.entries(dependencies).filter(([dependency]) => dependency.startsWith('@bao-mcp/'))
    const { version } = packed('protocol').manifest
    expect(siblings).toEqual(name === 'protocol' ? [] : [['@bao-mcp/protocol', `^${version}`]])
  })

  test('has every file that its exports and imports name', () => {
    const { manifest, unpacked, files } = packed(name)
    const conditions = [...Object.values(manifest.exports), ...Object.values(manifest.imports ?? {})]
    const targets = conditions.flatMap((each) => (typeof each === 'string' ? [each] : Object.values(each)))
    expect(targets.length).toBeGreaterThan(1)
    const missing = targets.filter((target) => {
      if (!target.includes('*')) return !existsSync(join(unpacked, target))
      return ![...new Bun.Glob(target.slice('./'.length)).scanSync({ cwd: unpacked })].length
    })
    // A package without runtime files of its own has nothing that its pattern could find.
    const hasRuntime = files.some((file) => file.startsWith('src/runtime/'))
    expect(missing.filter((target) => hasRuntime || !target.includes('*'))).toEqual([])
  })

  test('offers types before code at every door', () => {
    const { manifest } = packed(name)
    for (const conditions of Object.values(manifest.exports)) {
      if (typeof conditions === 'string') continue
      const order = Object.keys(conditions)
      expect(order.indexOf('types')).toBeLessThan(order.indexOf('bun'))
      expect(order.at(-1)).toBe('default')
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
