import { expect, test } from 'bun:test'
import { runtimeViolations } from './runtime.ts'
import { report, sourceFile } from './source.ts'
import { tree } from './tree.ts'

const caught = (text: string, path = 'packages/server/src/stdio/serve.ts'): boolean =>
  runtimeViolations([sourceFile(path, text)]).length > 0

test.each([
  "import { spawn } from 'node:child_process'",
  "import type { Readable } from 'node:stream'",
  "const fs = await import('node:fs')",
  "import { serve } from 'bun'",
  "import { Database } from 'bun:sqlite'",
  'Bun.serve({ fetch })',
  'const { env } = process',
  'process.stdout.write(line)',
  'const pid = process?.pid',
  'start(process)',
  "typeof process !== 'undefined'",
  'const bytes = Buffer.from(text)',
  'globalThis.process',
  "globalThis['pro' + 'cess']",
  'import.meta.dirname',
  'const x = `${process.pid}`',
  "require('fs')",
])('catches %j', (text) => {
  expect(caught(text)).toBe(true)
})

test.each([
  "import { spawn } from '#runtime/spawn'",
  "const help = 'start it with Bun.serve or process.exit'",
  '// process.exit drops pending output\n',
  'child.process.kill()',
  'const row = { process: 1 }',
  'interface Row { process?: string }',
  'class A { process() {} }',
  'const bundle = BunLike',
  'new URL(import.meta.url)',
])('lets %j pass', (text) => {
  expect(caught(text)).toBe(false)
})

test.each([
  ['packages/client/src/runtime/bun/spawn.ts', true],
  ['packages/client/src/transports/runtime/spawn.ts', false],
  ['packages/client/src/stdio.test.ts', true],
  ['apps/echo/src/main.ts', true],
  ['packages/protocol/src/testing/pipes.ts', false],
])('%s may know its runtime: %p', (path, allowed) => {
  expect(caught("import { spawn } from 'node:child_process'", path)).toBe(!allowed)
})

test('the packages know their runtime under runtime/ only', async () => {
  expect(report(runtimeViolations(await tree()))).toEqual([])
})
