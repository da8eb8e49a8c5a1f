import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HttpDriver } from '../drivers/http-driver.ts'
import { openHttpV1 } from '../drivers/http-v1.ts'
import { openHttpV2 } from '../drivers/http-v2.ts'
import { MODERN } from './clients.ts'
import { freePort } from './serve.ts'

setDefaultTimeout(30_000)

const root = join(import.meta.dir, '../../..')
const page = await Bun.file(join(root, 'docs/guide/http.md')).text()
/** The code blocks of the page that are whole programs of one process: they begin with an import, and need no Redis. */
const programs = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  .map(([, code]) => code ?? '')
  .filter((code) => code.startsWith('import') && !code.includes('redisHub'))

let folder: string
beforeAll(() => {
  // inside the workspace, so that the packages resolve as they do for a user
  folder = mkdtempSync(join(root, 'tests/docs/.run-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the guide shows every way to serve over HTTP', () => {
  for (const way of ['serveHttp(', 'Bun.serve(', "'hono'", "'elysia'", 'nodeHandler(']) {
    expect(programs.filter((program) => program.includes(way)).length).toBeGreaterThan(0)
  }
})

test.each(programs.map((program, at) => [at + 1, program] as const))(
  'program %i of the guide serves the official clients as it is',
  async (at, program) => {
    const port = freePort()
    const file = join(folder, `program-${at}.ts`)
    writeFileSync(file, program.replaceAll('3000', String(port)))
    const child = Bun.spawn([process.execPath, file], { cwd: folder, stdout: 'ignore', stderr: 'inherit' })
    try {
      const url = new URL(`http://127.0.0.1:${port}/mcp`)
      await reachable(url, child)
      for (const open of [openHttpV1, (to: URL) => openHttpV2(to, { mode: { pin: MODERN } })])
        await speak(await open(url))
    } finally {
      child.kill('SIGKILL')
      await child.exited
    }
  },
)

async function speak(opened: HttpDriver): Promise<void> {
  await using client = opened
  expect(client.about).toMatchObject({ server: { name: 'greeter', version: '1.0.0' } })
  const names = await client.listTools()
  if (names.includes('hello')) expect((await client.call('hello')).text).toBe('hello')
  await client.ping()
}

/** Waits until somebody listens there. @throws {Error} when the program ends first */
async function reachable(url: URL, child: { exitCode: number | null }): Promise<void> {
  for (;;) {
    try {
      await fetch(url)
      return
    } catch (error) {
      // nobody listens yet
      if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}`, { cause: error })
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
