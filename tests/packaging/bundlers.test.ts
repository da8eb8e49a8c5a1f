import { beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { must } from '../../scripts/lib/must.ts'
import { bunConsumer, type Consumer, nodes } from './consumer.ts'

let consumer: Consumer
beforeAll(async () => {
  consumer = await bunConsumer()
}, 240_000)

/** Comes through each door behind which something optional is used, and prints what is missing. */
const program = `import { privateKeyJwt } from '@bao-mcp/client/auth'
import { parseConfig } from '@bao-mcp/client/config'
import * as clientSkills from '@bao-mcp/client/skills'
import { jwtVerifier } from '@bao-mcp/server/http'
import * as serverSkills from '@bao-mcp/server/skills'

globalThis.kept = [parseConfig, clientSkills, serverSkills]
const url = 'https://issuer.example'
const assertion = privateKeyJwt({ clientId: 'a', privateKey: 'a key', algorithm: 'ES256', audience: url })
for (const use of [
  () => jwtVerifier({ issuer: url, jwks: { keys: [] } }).prepare(),
  () => assertion.apply({ params: new URLSearchParams(), headers: {} }, { issuer: url }),
]) {
  await use().catch((error) => console.log(error.message))
}
`

describe('a program in a project without the optional packages', () => {
  for (const { name, binary, missing } of nodes) {
    test.skipIf(missing)(`is bundled, and says what to install when it needs one, under ${name}`, async () => {
      const { folder } = consumer
      await Bun.write(join(folder, 'optional.js'), program)
      const { outputs } = await Bun.build({ entrypoints: [join(folder, 'optional.js')], target: 'node' })
      const script = join(folder, `optional-${name.replace(' ', '')}.mjs`)
      await Bun.write(script, (await outputs[0]?.text()) ?? '')
      const said = await must([binary, script], folder)
      expect(said.match(/needs the package jose, which is not installed: bun add jose/g)).toHaveLength(2)
    })
  }

  test('is bundled for browsers', async () => {
    await Bun.write(join(consumer.folder, 'optional-web.js'), program)
    const built = await Bun.build({ entrypoints: [join(consumer.folder, 'optional-web.js')], target: 'browser' })
    expect(built.success).toBe(true)
  })
})

/** What esbuild lets go unresolved; it stops at any other import of a package that is not installed. */
const FORGIVEN = /\btry \{[^{}]*\breturn await import\(['"]([\w@/-]+)['"]\)/g

test('each optional package is imported by name only where bundlers forgive that it is missing', async () => {
  let found = 0
  for (const { manifest, files, unpacked } of consumer.set.packages) {
    const optional = Object.keys(manifest.peerDependencies ?? {})
    for (const file of files.filter((each) => /^dist\/.*\.js$/.test(each))) {
      const code = await Bun.file(join(unpacked, file)).text()
      const imported = new Bun.Transpiler({ loader: 'js' }).scanImports(code).map(({ path }) => path)
      const named = imported.filter((path) => optional.includes(path))
      const forgiven = [...code.matchAll(FORGIVEN)].map(([, path]) => path ?? '')
      expect([file, ...named]).toEqual([file, ...forgiven.filter((path) => optional.includes(path))])
      found += named.length
    }
  }
  expect(found).toBe(2)
})
