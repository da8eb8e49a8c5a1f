import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../../..')
let folder: string

/** Runs the nth whole program of the guide: those begin with an import. */
async function run(nth: number, cwd: string): Promise<{ code: number; out: string; err: string }> {
  const text = await Bun.file(join(root, 'docs/guide/config.md')).text()
  const programs = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code]) => code ?? '')
    .filter((code) => code.startsWith('import'))
  const file = join(folder, `${nth}.ts`)
  // the runtime under test stands for the one on a user's PATH
  writeFileSync(file, (programs[nth] ?? '').replaceAll('"bun"', JSON.stringify(process.execPath)))
  const child = Bun.spawn([process.execPath, file], { cwd, stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
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

test('the first program of the guide goes on without the server whose token is missing', async () => {
  const missing =
    'the server "tracker" cannot be started: headers.Authorization needs the variable NO_SUCH_TOKEN, which is not set'
  expect(await run(0, root)).toEqual({ code: 0, err: '', out: `added: echo\n${missing}\n{\n  text: "hi",\n}\n` })
})

test('the second program of the guide makes a login of what a file says', async () => {
  expect(await run(1, folder)).toEqual({ code: 0, err: '', out: '' })
})

test('the third program of the guide writes a file and hears of the change', async () => {
  expect(await run(2, folder)).toEqual({ code: 0, err: '', out: 'added: one kept: \nadded: two kept: one\n' })
})
