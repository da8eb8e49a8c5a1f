import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')
let folder: string

/** Runs the nth whole program of the guide: those begin with an import. */
async function run(nth: number): Promise<{ code: number; out: string; err: string }> {
  const text = await Bun.file(join(root, 'docs/guide/manager.md')).text()
  const programs = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code]) => code ?? '')
    .filter((code) => code.startsWith('import'))
  const file = join(folder, `${nth}.ts`)
  // the runtime under test stands for the one on a user's PATH
  writeFileSync(file, (programs[nth] ?? '').replaceAll("'bun'", JSON.stringify(process.execPath)))
  const child = Bun.spawn([process.execPath, file], { cwd: root, stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code, out, err }
}

beforeAll(() => {
  // inside the workspace, so that the packages resolve as they do for a user
  folder = mkdtempSync(join(import.meta.dir, '.run-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the first program of the guide goes on with one server where the other is broken', async () => {
  const out = 'ready: echo failed: broken\n{\n  text: "hi",\n} echo/echo,echo/slow_echo\n'
  expect(await run(0)).toEqual({ code: 0, err: '', out })
})

test('the second program of the guide lists tools of a server that it starts later', async () => {
  expect(await run(1)).toEqual({ code: 0, err: '', out: 'manifest-known 2\nready\n' })
})
