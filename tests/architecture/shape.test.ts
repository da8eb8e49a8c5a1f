import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Manifest, packageDoors } from './loading.ts'
import { exportViolations, MAX_LINES, medianLines, placementViolations, sizeViolations } from './shape.ts'
import { report, sourceFile } from './source.ts'
import { root, tree } from './tree.ts'

const file = (path: string, text: string): ReturnType<typeof sourceFile> => sourceFile(path, text)
const long = (lines: number): string => 'a\n'.repeat(lines)

describe('length', () => {
  test('catches a file over the limit and no other', () => {
    expect(sizeViolations([file('packages/a/src/a.ts', long(MAX_LINES + 1))])).toHaveLength(1)
    expect(sizeViolations([file('packages/a/src/a.ts', long(MAX_LINES))])).toEqual([])
    expect(sizeViolations([file('packages/a/src/a.test.ts', long(MAX_LINES + 1))])).toEqual([])
  })

  test('the median is the length of the file in the middle, without tests', () => {
    const files = [file('a.ts', long(1)), file('b.ts', long(7)), file('c.ts', long(9)), file('d.test.ts', long(50))]
    expect(medianLines(files)).toBe(7)
  })

  test('the tree has no file over the limit', async () => {
    const files = await tree()
    console.info(`median length of a source file: ${medianLines(files)} lines (150 at most is the aim)`)
    expect(report(sizeViolations(files))).toEqual([])
  })
})

describe('exports', () => {
  const doors = new Set(['packages/client/src/index.ts'])
  const caught = (text: string, path = 'packages/client/src/a.ts'): boolean =>
    exportViolations([file(path, text)], doors).length > 0

  test.each([
    'export default 1',
    'export default function a() {}',
    'export { a as default }',
    "export * from './b.ts'",
    "export * as b from './b.ts'",
    "export type * from './b.ts'",
  ])('catches %j', (text) => {
    expect(caught(text)).toBe(true)
  })

  test.each([
    'export const a = 1',
    "export { a } from './b.ts'",
    "const text = 'export default'",
    'row.default',
    '// export *',
  ])('lets %j pass', (text) => {
    expect(caught(text)).toBe(false)
  })

  test('lets a door of a package collect', () => {
    expect(caught("export * from './a.ts'", 'packages/client/src/index.ts')).toBe(false)
    expect(caught('export default 1', 'packages/client/src/index.ts')).toBe(true)
  })

  test('the tree exports names', async () => {
    const manifests = new Map<string, Manifest>()
    for (const folder of ['packages/protocol', 'packages/client', 'packages/server']) {
      manifests.set(folder, await Bun.file(join(root, folder, 'package.json')).json())
    }
    const real = new Set(packageDoors(manifests).exports.values())
    expect(real.size).toBeGreaterThanOrEqual(3)
    expect(report(exportViolations(await tree(), real))).toEqual([])
  })
})

describe('the place of tests', () => {
  const misplaced = (...paths: string[]): string[] => placementViolations(paths).map(({ path }) => path)

  test('catches a test that stands beside nothing', () => {
    expect(misplaced('packages/a/src/b.test.ts', 'packages/a/src/c.ts')).toEqual(['packages/a/src/b.test.ts'])
    expect(misplaced('packages/a/test/b.test.ts', 'packages/a/src/b.ts')).toEqual(['packages/a/test/b.test.ts'])
  })

  test('lets a test pass beside its file, with a second word, and in tests/', () => {
    expect(misplaced('packages/a/src/b.test.ts', 'packages/a/src/b.property.test.ts', 'packages/a/src/b.ts')).toEqual(
      [],
    )
    expect(misplaced('packages/a/src/b.test.ts', 'packages/a/src/b/index.ts')).toEqual([])
    expect(misplaced('tests/interop/c.test.ts')).toEqual([])
  })

  test('the tree keeps its tests in their places', async () => {
    const paths: string[] = []
    for await (const path of new Bun.Glob('{packages,apps,bench,scripts,tests}/**/*.{ts,mjs}').scan({ cwd: root })) {
      if (!/(^|\/)(node_modules|dist)\//.test(path)) paths.push(path)
    }
    expect(paths.length).toBeGreaterThan(10)
    expect(report(placementViolations(paths))).toEqual([])
  })
})
