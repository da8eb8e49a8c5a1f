import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { published } from '../../scripts/lib/pack.ts'
import { jsrManifest } from '../../scripts/lib/release-jsr.ts'

describe.each([...published])('jsr.json of %s', (name) => {
  const folder = join(root, 'packages', name)

  test('is what `bun scripts/release-jsr.ts` makes of package.json now', async () => {
    expect(await Bun.file(join(folder, 'jsr.json')).json()).toEqual(await jsrManifest(folder))
  })

  test('names sources that exist, and everything that they import', async () => {
    const {
      exports,
      imports,
    }: Record<'exports' | 'imports', Record<string, string>> = await Bun.file(join(folder, 'jsr.json')).json()
    const paths = [...Object.values(exports), ...Object.values(imports).filter((target) => target.startsWith('./'))]
    expect(paths.filter((path) => !existsSync(join(folder, path)))).toEqual([])
    const sources = [...new Bun.Glob('src/**/*.ts').scanSync({ cwd: folder })].filter(
      (file) => !file.includes('.test.') && !file.includes('runtime/bun/'),
    )
    const scanner = new Bun.Transpiler({ loader: 'ts' })
    const found = await Promise.all(
      sources.map(async (file) => scanner.scanImports(await Bun.file(join(folder, file)).text())),
    )
    const bare = new Set(
      found
        .flat()
        .map(({ path }) => path)
        .filter((path) => !/^(?:\.|node:)/.test(path)),
    )
    const known = (path: string): boolean =>
      path in imports || Object.keys(imports).some((key) => path.startsWith(`${key}/`))
    expect([...bare].filter((path) => !known(path))).toEqual([])
  })
})
