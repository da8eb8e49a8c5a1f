import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../../..')

test('the program of the guide prints the tool as compiled and the page as a result', async () => {
  const [, program = ''] =
    /^```ts\n([\s\S]*?)^```$/m.exec(await Bun.file(join(root, 'docs/guide/models.md')).text()) ?? []
  // inside the workspace, so that the packages resolve as they do for a user
  const folder = mkdtempSync(join(root, 'tests/docs/.run-'))
  try {
    writeFileSync(join(folder, 'guide.ts'), program)
    const child = Bun.spawn([process.execPath, 'guide.ts'], {
      cwd: folder,
      stdout: 'pipe',
      stderr: 'pipe',
      stdin: 'ignore',
    })
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    expect(err).toBe('')
    expect(out).toBe('wiki__read [ "page" ]\n[\n  {\n    type: "text",\n    text: "All about Bao.",\n  }\n]\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
