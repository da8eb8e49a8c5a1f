import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, stdio } from '@bao-mcp/client'
import { root } from '../../scripts/lib/commands.ts'
import { must } from '../../scripts/lib/must.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bao-compile-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the echo server, compiled into one executable, answers in both eras with nothing beside it', async () => {
  const executable = join(folder, process.platform === 'win32' ? 'echo.exe' : 'echo')
  const entry = join(root, 'apps/echo/src/main.ts')
  await must([process.execPath, 'build', '--compile', '--minify', entry, '--outfile', executable], folder)
  for (const era of ['modern', 'legacy'] as const) {
    await using client = await connect(stdio({ command: executable, cwd: folder }), { pin: era })
    const { structured } = await client.callTool('echo', { text: era })
    expect(structured).toEqual({ text: era })
  }
}, 120_000)
