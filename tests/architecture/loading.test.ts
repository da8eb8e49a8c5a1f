import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { lightEntries, loadingViolations, type Manifest, packageDoors } from './loading.ts'
import { report, sourceFile } from './source.ts'
import { root, tree } from './tree.ts'

const names = ['protocol', 'client', 'server'] as const
const manifests = new Map<string, Manifest>()
for (const name of names) {
  const folder = `packages/${name}`
  manifests.set(folder, await Bun.file(join(root, folder, 'package.json')).json())
}
const doors = packageDoors(manifests)

const entry = 'packages/client/src/index.ts'
const ways = (files: Readonly<Record<string, string>>): string[] =>
  loadingViolations(
    Object.entries(files).map(([path, text]) => sourceFile(path, text)),
    doors,
    [entry],
  ).map((violation) => violation.message)

test('catches zod at the end of a way through files, packages and re-exports', () => {
  const found = ways({
    [entry]: "export { a } from './a.ts'",
    'packages/client/src/a.ts': "import { b } from '@bao-mcp/protocol'",
    'packages/protocol/src/index.ts': "export * from './tool.ts'",
    'packages/protocol/src/tool.ts': "import * as z from 'zod/mini'",
  })
  expect(found).toEqual([
    `${entry} -> packages/client/src/a.ts -> packages/protocol/src/index.ts -> packages/protocol/src/tool.ts -> zod/mini`,
  ])
})

test('catches shapes, and an import of types alone that is kept as a bare import', () => {
  const engine = 'packages/protocol/src/engine.ts'
  const found = ways({
    [entry]: "import '@bao-mcp/protocol/engine'",
    [engine]: "import { type Tool } from './shapes/tools.ts'",
  })
  expect(found).toEqual([`${entry} -> ${engine} -> packages/protocol/src/shapes/tools.ts`])
})

test('follows runtime imports into every runtime', () => {
  const found = ways({
    [entry]: "import { spawn } from '#runtime/spawn'",
    'packages/client/src/runtime/node/spawn.ts': "import 'zod'",
  })
  expect(found).toEqual([`${entry} -> packages/client/src/runtime/node/spawn.ts -> zod`])
})

test('survives a circle', () => {
  expect(
    ways({ [entry]: "import './a.ts'", 'packages/client/src/a.ts': "import './index.ts'\nimport 'zod'" }),
  ).toHaveLength(1)
})

test('lets types and what is loaded on use pass', () => {
  const found = ways({
    [entry]: "import type { Tool } from '@bao-mcp/protocol'\nexport const a = () => import('./a.ts')",
    'packages/client/src/a.ts': "import { z } from 'zod'",
    'packages/protocol/src/index.ts': "import 'zod'",
  })
  expect(found).toEqual([])
})

test('catches an entry that is gone', () => {
  expect(ways({})).toEqual(['this entry does not exist'])
})

test('the light entries are doors of their packages', () => {
  expect([...doors.exports.values()]).toEqual(expect.arrayContaining([...lightEntries]))
})

test('the tree loads no schema library at the light entries', async () => {
  expect(report(loadingViolations(await tree(), doors))).toEqual([])
})
