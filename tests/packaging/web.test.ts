import { beforeAll, describe, expect, test } from 'bun:test'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../scripts/lib/must.ts'
import { bunConsumer, nodes } from './consumer.ts'

const fixtures = join(import.meta.dir, 'fixtures')

let folder: string
let code: string
let inputs: string[]
let imported: string[]
beforeAll(async () => {
  const consumer = await bunConsumer()
  folder = consumer.folder
  copyFileSync(join(fixtures, 'page.ts'), join(folder, 'page.ts'))
  await Bun.write(join(folder, 'page-main.ts'), `import { said } from './page.ts'\nglobalThis.said = said\n`)
  const built = await Bun.build({
    entrypoints: [join(folder, 'page-main.ts')],
    target: 'browser',
    format: 'iife',
    metafile: true,
  })
  const files = built.metafile?.inputs ?? {}
  inputs = Object.keys(files)
  imported = Object.values(files).flatMap(({ imports }) => imports.map(({ path }) => path))
  code = (await built.outputs[0]?.text()) ?? ''
  await Bun.write(join(folder, 'page.js'), code)
}, 240_000)

const everyone = [{ name: 'bun', binary: process.execPath, missing: false }, ...nodes]

describe('protocol, client and the HTTP handler in one bundle for browsers', () => {
  test('come from what is built, with no file of another runtime', () => {
    const own = inputs.filter((path) => path.includes('@bao-mcp/'))
    expect(own.length).toBeGreaterThan(100)
    expect(own.filter((path) => !path.includes('/dist/') || /\/runtime\/(?:bun|node)\//.test(path))).toEqual([])
    expect(own.some((path) => path.includes('/runtime/none/'))).toBe(true)
  })

  test('name nothing that only a process has', () => {
    // the bundler puts something of its own in the place of some modules, and then no name is left in the code
    expect([...inputs, ...imported].filter((path) => /^(?:node|bun):|^bun$/.test(path))).toEqual([])
    expect(code).not.toMatch(
      /["'](?:node|bun):[\w/]+["']|["']bun["']|child_process|\bBun\.|\bprocess\.(?:env|on|exit|stdout)/,
    )
    expect(code).not.toMatch(/\brequire\(/)
  })

  for (const { name, binary, missing } of everyone) {
    test.skipIf(missing)(`talk to each other with the globals of the web alone, under ${name}`, async () => {
      const output = await must([binary, join(fixtures, 'web-realm.mjs'), join(folder, 'page.js')], folder)
      expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toEqual([
        { era: 'modern', structured: { sum: 3 }, tools: ['add'] },
        { era: 'legacy', structured: { sum: 3 }, tools: ['add'] },
      ])
    })
  }
})
