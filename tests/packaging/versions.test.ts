import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DEFAULT_CLIENT_INFO } from '@bao-mcp/client'
import manifest from '@bao-mcp/client/package.json' with { type: 'json' }
import { root } from '../../scripts/lib/commands.ts'
import { findFiles } from '../../scripts/lib/files.ts'
import { published } from '../../scripts/lib/pack.ts'
import { withVersions } from '../../scripts/lib/release-versions.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bao-versions-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a client tells servers the version of its package', () => {
  expect(DEFAULT_CLIENT_INFO.version).toBe(manifest.version)
})

test('every source tells the version that `bun scripts/release-versions.ts` writes there', async () => {
  for (const { file, text } of await withVersions(root)) expect(await Bun.file(join(root, file)).text()).toBe(text)
})

test('every app that is bundled gets a version from the packages', async () => {
  const files = (await withVersions(root)).map(({ file }) => file)
  const apps = findFiles(['apps/*/bundle.json']).map(dirname)
  expect(apps.length).toBeGreaterThan(0)
  expect(apps.filter((app) => !files.some((file) => file.startsWith(`${app}/`)))).toEqual([])
})

test('a release of one package alone gives the bundles a version that none had before', async () => {
  for (const { file } of await withVersions(root)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  const versions: Record<string, string> = { protocol: '3.10.0', client: '3.9.0', server: '3.2.0' }
  for (const name of published) {
    await Bun.write(join(folder, 'packages', name, 'package.json'), JSON.stringify({ version: versions[name] }))
  }
  const written = await withVersions(folder)
  expect(written.map(({ version }) => version)).toEqual(['3.9.0', '3.10.0', '3.10.0'])
  for (const { file, text, version } of written) {
    const before = (await Bun.file(join(root, file)).text()).split('\n')
    expect(text.split('\n').filter((line, at) => line !== before[at])).toEqual([
      expect.stringContaining(`version: '${version}'`),
    ])
  }
})
