import { beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, tool } from '../../scripts/lib/commands.ts'
import { must } from '../../scripts/lib/must.ts'
import type { PackedSet } from '../../scripts/lib/pack.ts'
import { bunConsumer, dependencyTarballs, nodes } from './consumer.ts'
import { npmOf, quietNpm } from './npm.ts'
import { packedOnce } from './packed.ts'
import { readmePrograms, strictProject } from './snippets.ts'

let set: PackedSet
let tarballs: Record<string, string>
let programs: Record<string, string>
beforeAll(async () => {
  set = await packedOnce()
  tarballs = await dependencyTarballs(set)
  programs = await readmePrograms()
}, 180_000)

/** What the programs print, beside the tools that a client lists. */
const sum = /^add - Add two numbers\.\n\{\s+sum: 3,?\s+\}\n$/

/** Puts the programs into a project and compiles them there. `runtime` and `server` are how the server is started. */
async function compile(project: string, runtime: string, server: string): Promise<void> {
  for (const [name, code] of Object.entries(programs)) {
    const text = code
      .replace(`command: 'bun', args: ['calculator.ts']`, `command: ${JSON.stringify(runtime)}, args: ['${server}']`)
      // what would be typed into a console is printed instead
      .replace(/^await peer\.request.*$/m, (line) => `console.log(${line.replace(/\s*\/\/.*$/, '')})`)
    await Bun.write(join(project, `${name}.ts`), text)
  }
  await Bun.write(join(project, 'tsconfig.json'), JSON.stringify(strictProject))
  await must(tool('tsc', '-p', project), root)
}

describe('the programs of the front pages', () => {
  for (const { name, binary, missing } of nodes) {
    test.skipIf(missing)(
      `compile and run in a project that npm installed, under ${name}`,
      async () => {
        const project = join(set.folder, name.replace(' ', ''))
        mkdirSync(project)
        const files = [...set.packages.map(({ tarball }) => tarball), ...Object.values(tarballs)]
        await Bun.write(join(project, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }')
        const PATH = `${await npmOf(binary, set.folder)}:${process.env.PATH}`
        const env = { ...quietNpm, PATH, npm_config_offline: 'true', npm_config_cache: join(set.folder, 'npm-cache') }
        await must(['npm', 'install', ...files], project, { env })
        await compile(project, binary, 'out/calculator.js')
        expect(await must([binary, 'out/client.js'], project)).toMatch(sum)
        expect(await must([binary, 'out/client-package.js'], project)).toContain("name: 'add'")
        expect(await must([binary, 'out/protocol-package.js'], project)).toBe('{ echoed: { n: 1 } }\n')
      },
      120_000,
    )
  }

  test('compile and run in a project that Bun installed', async () => {
    const { folder } = await bunConsumer()
    await compile(folder, process.execPath, 'calculator.ts')
    expect(await must([process.execPath, 'client.ts'], folder)).toMatch(sum)
    expect(await must([process.execPath, 'client-package.ts'], folder)).toContain('name: "add"')
    expect(await must([process.execPath, 'protocol-package.ts'], folder)).toMatch(
      /^\{\s+echoed: \{\s+n: 1,\s+\},\s+\}\n$/,
    )
  }, 120_000)
})
