import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')
let folder: string

/** The code blocks of a page that are whole programs: they begin with an import. */
async function programs(page: string): Promise<string[]> {
  const text = await Bun.file(join(root, page)).text()
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code]) => code ?? '')
    .filter((code) => code.startsWith('import'))
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([process.execPath, ...args], { cwd: folder, stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
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

test('the server and the client of the README run as they are and print what they promise', async () => {
  const [server, client] = await programs('README.md')
  writeFileSync(join(folder, 'calculator.ts'), server ?? '')
  // the runtime under test stands for the one on a user's PATH
  writeFileSync(join(folder, 'client.ts'), (client ?? '').replace("'bun'", JSON.stringify(process.execPath)))
  const { code, out, err } = await run('client.ts')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toBe('add - Add two numbers.\n{\n  sum: 3,\n}\n')
})

test('the first server of the guide answers a call and explains a wrong one', async () => {
  const [server] = await programs('docs/guide/server.md')
  writeFileSync(join(folder, 'weather.ts'), server ?? '')
  const client = `import { connect, stdio } from '@bao-mcp/client'
await using client = await connect(stdio({ command: process.execPath, args: ['weather.ts'] }))
for (const city of ['Hue', 'Ys']) {
  const { content } = await client.callTool('get_weather', { city })
  console.log(content[0]?.text)
}`
  writeFileSync(join(folder, 'ask.ts'), client)
  const { code, out, err } = await run('ask.ts')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toBe('{"celsius":26}\nno weather for Ys; there is: hue\n')
})
