import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackExtension } from '@anthropic-ai/mcpb'
import { connect, stdio } from '@bao-mcp/client'
import { type BundledApp, bundleApp } from '../../scripts/lib/bundle-app.ts'
import { root } from '../../scripts/lib/commands.ts'
import { findFiles } from '../../scripts/lib/files.ts'
import { withoutTimes } from '../../scripts/lib/release-zip-times.ts'
import { nodes } from './consumer.ts'
import { packedOnce } from './packed.ts'
import { ServerJson } from './server-json.ts'

const apps = findFiles(['apps/*/bundle.json']).map((path) => path.split('/')[1] ?? '')

let folder: string
beforeAll(async () => {
  await packedOnce()
  folder = mkdtempSync(join(tmpdir(), 'bao-bundle-'))
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const exampleEnv = async (app: string): Promise<Record<string, string>> => {
  const { settings }: { settings: { env: string; example?: string; default?: string }[] } = await Bun.file(
    join(root, 'apps', app, 'bundle.json'),
  ).json()
  return Object.fromEntries(settings.map((each) => [each.env, each.example ?? each.default ?? '']))
}

describe.each(apps)('the bundle of %s', (app) => {
  let made: BundledApp
  // bundleApp has `mcpb validate` look at the manifest before it packs
  beforeAll(async () => {
    made = await bundleApp({ app, into: join(folder, app) })
  }, 60_000)

  test('has a manifest and a server.json that name the same server, version and digest', async () => {
    const manifest = await Bun.file(made.manifest).json()
    const server = ServerJson.parse(await Bun.file(made.serverJson).json())
    expect(server.name.split('/')[1]).toBe(manifest.name)
    expect(server).toMatchObject({ version: manifest.version, description: manifest.description })
    const sha256 = new Bun.CryptoHasher('sha256').update(await Bun.file(made.bundle).bytes()).digest('hex')
    expect(server.packages?.map((each) => [each.registryType, each.fileSha256])).toEqual([['mcpb', sha256]])
    expect(server.packages?.[0]?.identifier.endsWith(made.bundle.split('/').at(-1) ?? '')).toBe(true)
  })

  test('asks for the same settings in both', async () => {
    const manifest = await Bun.file(made.manifest).json()
    const server = ServerJson.parse(await Bun.file(made.serverJson).json())
    const named = server.packages?.[0]?.environmentVariables ?? []
    expect(Object.keys(manifest.server.mcp_config.env)).toEqual(named.map(({ name }) => name))
    for (const { name, isSecret, isRequired } of named) {
      const setting = { sensitive: isSecret, required: isRequired }
      expect(manifest.user_config[name.toLowerCase()]).toMatchObject(setting)
      expect(isRequired || manifest.user_config[name.toLowerCase()].default !== undefined).toBe(true)
    }
  })

  test('holds its manifest and scripts, and nothing of this machine', async () => {
    const unpacked = join(folder, `${app}-unpacked`)
    expect(await unpackExtension({ mcpbPath: made.bundle, outputDir: unpacked, silent: true })).toBe(true)
    const files = [...new Bun.Glob('**/*').scanSync({ cwd: unpacked, dot: true })]
    expect(files).toContain('server/index.mjs')
    expect(files.filter((file) => !/^(?:manifest\.json|server\/[\w-]+\.mjs)$/.test(file))).toEqual([])
    for (const file of files) expect(await Bun.file(join(unpacked, file)).text()).not.toContain(root)
  })

  test('is the same, byte for byte, whenever it is made', async () => {
    const bytes = await Bun.file(made.bundle).bytes()
    expect(Buffer.compare(bytes, withoutTimes(bytes))).toBe(0)
    const { bundle } = await bundleApp({ app, into: join(folder, `${app}-again`) })
    expect(Buffer.compare(bytes, await Bun.file(bundle).bytes())).toBe(0)
  }, 60_000)

  for (const { name, binary, missing } of nodes) {
    test.skipIf(missing)(`lists the tools of its manifest when it runs alone, under ${name}`, async () => {
      const { tools, server } = await Bun.file(made.manifest).json()
      const args = server.mcp_config.args.map((word: string) => word.replace(/\$\{__dirname\}/, made.unpacked))
      await using client = await connect(stdio({ command: binary, args, env: await exampleEnv(app), cwd: folder }))
      const listed = await client.listTools()
      expect(listed.map((tool) => ({ name: tool.name, description: tool.description }))).toEqual(tools)
      expect(listed.length).toBeGreaterThan(0)
    })
  }
})

test('a server.json with a range, a missing digest or a misspelt member is refused', () => {
  const good = {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: 'com.example/x',
    description: 'x',
    version: '1.0.0',
  }
  const bundle = { registryType: 'mcpb', identifier: 'https://example.com/x.mcpb', transport: { type: 'stdio' } }
  const wrong = [
    { ...good, version: '^1.0.0' },
    { ...good, version: 'latest' },
    { ...good, version: '1.x' },
    { ...good, name: 'x' },
    { ...good, description: 'x'.repeat(101) },
    { ...good, website: 'https://example.com' },
    { ...good, packages: [bundle] },
    { ...good, packages: [{ ...bundle, fileSha256: 'a'.repeat(64), transport: { type: 'pipe' } }] },
  ]
  expect(ServerJson.safeParse(good).success).toBe(true)
  expect(ServerJson.safeParse({ ...good, packages: [{ ...bundle, fileSha256: 'a'.repeat(64) }] }).success).toBe(true)
  expect(wrong.filter((each) => ServerJson.safeParse(each).success)).toEqual([])
})
