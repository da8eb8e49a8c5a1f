import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { installByBun, nodes } from '../packaging/consumer.ts'
import { packedOnce } from '../packaging/packed.ts'
import { runPage } from './run-page.ts'
import { pages } from './snippets.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

/** Node 24 runs TypeScript and `await using` as they stand on a page. */
const runtimes = [
  { name: 'bun', binary: process.execPath, missing: false, runtime: 'bun' as const },
  ...nodes.filter(({ name }) => name === 'node 24').map((one) => ({ ...one, runtime: 'node' as const })),
]

/** What pages tell their readers to install beside the packages, and the workspaces that have it. */
const BESIDE: Readonly<Record<string, string>> = {
  'jsonc-parser': 'packages/client',
  yaml: 'packages/client',
  hono: 'tests',
  elysia: 'tests',
  '@modelcontextprotocol/sdk': 'tests',
  '@modelcontextprotocol/client': 'tests',
  '@modelcontextprotocol/server': 'tests',
}

const all = await pages()
let workshop: Workshop
beforeAll(async () => {
  const set = await packedOnce()
  // a project of its own, because others prove what happens where nothing stands beside the packages
  const names = set.packages.map(({ manifest }) => manifest.name)
  const { folder } = await installByBun(set, 'documents', names)
  for (const [name, workspace] of Object.entries(BESIDE)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(realpathSync(join(root, workspace, 'node_modules', name)), link)
  }
  workshop = await openWorkshop(folder)
}, 180_000)
afterAll(() => workshop?.[Symbol.dispose](), 60_000)

describe.each(runtimes)('the programs run as their page says, installed from tarballs, under $name:', (one) => {
  const { missing, runtime, binary } = one
  test.skipIf(missing).each(all)(
    '%s',
    async (path) => {
      const page = workshop.pages.find((other) => other.path === path)
      if (page === undefined) throw new Error(`${path} was not written`)
      expect(await runPage(page, { name: runtime, binary })).toEqual([])
    },
    60_000,
  )
})
