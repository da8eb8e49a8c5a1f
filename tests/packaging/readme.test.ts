import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'

const read = (path: string): Promise<string> => Bun.file(join(root, path)).text()

test.each([
  'npx --yes --allow-scripts=bun bun@1.4.5 run demo',
  'npx --yes --allow-scripts=bun bun@1.4.5 run test',
  'bun run demo',
  'bun run test',
])('the README names %j as a command of its own', async (command) => {
  const lines = (await read('README.md')).split('\n').map((line) =>
    line
      .replace(/^\s*\$ /, '')
      .replace(/\s+#.*$/, '')
      .trim(),
  )
  expect(lines.some((line) => line === command || line.includes(`\`${command}\``))).toBe(true)
})

test('the commands start the Bun that the project is made for', async () => {
  const { packageManager } = JSON.parse(await read('package.json')) as { packageManager: string }
  expect(packageManager).toBe('bun@1.4.5')
  for (const path of ['README.md', 'CONTRIBUTING.md', '.ci/run', 'package.json', 'scripts/bun.mjs']) {
    const others = [...(await read(path)).matchAll(/bun@(\d+\.\d+\.\d+)/g)].filter(
      ([found]) => found !== packageManager,
    )
    expect(others.map(([found]) => `${path}: ${found}`)).toEqual([])
  }
})
