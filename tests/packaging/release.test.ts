import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { must } from '../../scripts/lib/must.ts'
import { missingTargets, type PackedSet, packEach, packTarball, unpublishable } from '../../scripts/lib/pack.ts'
import { packRelease } from '../../scripts/lib/release-pack.ts'
import { changesets, type PlannedPackage, stageRelease } from '../../scripts/lib/release-stage.ts'
import { nodes } from './consumer.ts'
import { createLoopbackRegistry } from './loopback-registry.ts'
import { npmOf, quietNpm } from './npm.ts'
import { packageOf, packedOnce } from './packed.ts'

const names = ['@bao-mcp/protocol', '@bao-mcp/client', '@bao-mcp/server']
const [oldest] = nodes

let folder: string
let plan: PlannedPackage[]
let set: PackedSet
beforeAll(async () => {
  set = await packedOnce()
  folder = mkdtempSync(join(tmpdir(), 'bao-release-test-'))
  plan = await stageRelease(join(folder, 'stage'))
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As on a machine where nobody is logged in and no registry can be reached. */
const alone = { NPM_CONFIG_REGISTRY: 'http://127.0.0.1:9/', NPM_CONFIG_TOKEN: '', NODE_AUTH_TOKEN: '' }

describe('bun run release --dry-run', () => {
  let output: string
  beforeAll(async () => {
    output = await must([process.execPath, 'scripts/release.ts', '--dry-run'], root, { env: alone })
  }, 120_000)

  test('needs no login and no network to print every version', () => {
    for (const { name, to } of plan) {
      expect(output).toContain(name)
      expect(output).toContain(`${name}@${to}: `)
    }
  })

  test('prints sizes, ranges and contents of each tarball', () => {
    const { to = '' } = plan[0] ?? {}
    expect(output.match(/: [\d.]+ kB packed, [\d.]+ kB unpacked, \d+ files$/gm)).toHaveLength(names.length)
    expect(output).toContain(`  needs zod ^`)
    expect(output.split(`@bao-mcp/protocol ^${to}`)).toHaveLength(names.length)
    expect(output).toMatch(/^ {2}\.\/ \(\d+ files, [\d.]+ kB\): .*README\.md/m)
    expect(output).toMatch(/^ {2}dist\/ \(.* index\.\*/m)
    expect(output).not.toMatch(/workspace:|catalog:/)
  })

  test('changes nothing in the checkout', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'packages/protocol/package.json'), 'utf8'))
    expect(version).toBe(plan[0]?.from ?? '')
    expect(existsSync(join(root, 'publish-plan.json'))).toBe(false)
  })
})

test('a release gives all three packages the versions that their changesets ask for', () => {
  expect(plan.map(({ name }) => name)).toEqual(names)
  const waiting = [...new Bun.Glob('*.md').scanSync(join(root, '.changeset'))].length > 0
  for (const { from, to, news } of plan) {
    expect(Bun.semver.order(to, from)).toBe(waiting ? 1 : 0)
    expect(news !== '').toBe(waiting)
  }
})

test('what is rehearsed holds the files that are published, and the news', async () => {
  const into = join(folder, 'rehearsed')
  mkdirSync(into)
  for (const { manifest, files } of await packEach(join(folder, 'stage/packages'), into)) {
    const now = packageOf(set, manifest.name.slice('@bao-mcp/'.length)).files
    const news = plan.some(({ name, from, to }) => name === manifest.name && from !== to) ? ['CHANGELOG.md'] : []
    expect(files).toEqual([...new Set([...now, ...news])].sort())
  }
}, 60_000)

test('a door or a file of a runtime that is not in the tarball is refused by its name', async () => {
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './schema': './schema/x.json' }
  const imports = { '#runtime/*': { bun: './src/*.ts', default: './dist/*.js' } }
  const manifest = { name: 'y', version: '1.0.0', files: ['dist'], exports, imports }
  const files = ['dist/index.js', 'dist/index.d.ts', 'src/deep/x.ts']
  expect(missingTargets(manifest, files)).toEqual(['./schema/x.json'])
  expect(missingTargets(manifest, [])).toHaveLength(5)
  const own = join(folder, 'doors')
  mkdirSync(join(own, 'schema'), { recursive: true })
  writeFileSync(join(own, 'schema/x.json'), '{}')
  writeFileSync(join(own, 'package.json'), JSON.stringify({ ...manifest, exports: { './schema': './schema/x.json' } }))
  const refused = expect(packTarball(own, join(folder, 'doors.tgz'))).rejects
  await refused.toThrow('y would be published without ./schema/x.json, ./src/*.ts, ./dist/*.js')
})

test('a range that no registry knows is refused by its name', async () => {
  const manifest = { name: 'x', version: '1.0.0', files: ['dist'], exports: {} }
  const dependencies = { a: 'workspace:^', b: '^1.2.3', c: 'catalog:', d: 'file:../d', e: '1.0.0-rc.1', f: '*' }
  expect(unpublishable({ ...manifest, dependencies })).toEqual(['a@workspace:^', 'c@catalog:', 'd@file:../d', 'f@*'])
  const own = join(folder, 'own')
  mkdirSync(own)
  writeFileSync(join(own, 'package.json'), JSON.stringify({ ...manifest, dependencies: { d: 'file:../d' } }))
  await expect(packTarball(own, join(folder, 'own.tgz'))).rejects.toThrow('x would be published with d@file:../d')
})

test('changes that no version holds stop the packing', async () => {
  const from = join(folder, 'waiting')
  mkdirSync(join(from, '.changeset'), { recursive: true })
  writeFileSync(join(from, '.changeset/soon.md'), '---\n---\n')
  await expect(packRelease({ from, into: join(folder, 'never') })).rejects.toThrow('no version holds soon.md yet')
})

test.skipIf(oldest?.missing !== false)(
  'what is packed is published as it is, what others need first, under node 22',
  async () => {
    using registry = createLoopbackRegistry()
    const npmrc = join(folder, 'npmrc')
    writeFileSync(npmrc, `//${new URL(registry.url).host}/:_authToken=nobody\n`)
    const env = {
      ...quietNpm,
      PATH: `${await npmOf(oldest?.binary ?? '', folder)}:${process.env.PATH}`,
      NPM_CONFIG_REGISTRY: registry.url,
      NPM_CONFIG_USERCONFIG: npmrc,
      GIT_COMMITTER_NAME: 'nobody',
      GIT_COMMITTER_EMAIL: 'nobody@example.com',
    }
    const from = join(folder, 'stage')
    const into = join(folder, 'release')
    const ready = await packRelease({ from, into, env })
    expect(ready.map(({ name }) => name)).toEqual(names)
    await must(changesets('publish', '--from-pack-dir', into), from, { env })
    const [first, ...others] = registry.packages.keys()
    expect([first, ...others.sort()]).toEqual(names)
    for (const [name, { version, dependencies, bytes }] of registry.packages) {
      const { tarball = '' } = ready.find((each) => each.name === name) ?? {}
      expect(bytes).toBe(Bun.file(tarball).size)
      if (name !== '@bao-mcp/protocol') expect(dependencies['@bao-mcp/protocol']).toBe(`^${version}`)
    }
    const tags = await must(['git', 'tag', '--list', '@bao-mcp/*@*'], from)
    expect(tags.trim().split('\n').sort()).toEqual(plan.map(({ name, to }) => `${name}@${to}`).sort())
  },
  120_000,
)
