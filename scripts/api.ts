#!/usr/bin/env bun
/** Writes docs/api, the reference of every public export, from the docstrings; `--check` says whether it is up to date. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { indexPage } from './lib/api-index.ts'
import { shapesPage } from './lib/api-shapes.ts'
import { root } from './lib/commands.ts'
import { say } from './lib/console.ts'
import { readAll } from './lib/files.ts'
import { run } from './lib/run.ts'

const kept = join(root, 'docs/api')
const folder = mkdtempSync(join(tmpdir(), 'bao-api-'))
try {
  const { code, output } = await run([join(root, 'docs/node_modules/.bin/typedoc'), '--out', folder], {
    cwd: join(root, 'docs'),
    capture: true,
    limitMs: 120_000,
  })
  if (code === 0) await finish()
  else say(output)
  process.exitCode = code === 0 ? process.exitCode : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function finish(): Promise<void> {
  const shapes = await readAll(['packages/protocol/src/shapes/*.ts'])
  await Bun.write(join(folder, '@bao-mcp.protocol.md'), shapesPage(shapes))
  await Bun.write(join(folder, 'README.md'), indexPage(pages(folder).filter((page) => page !== 'README.md')))
  if (process.argv.includes('--check')) return check()
  rmSync(kept, { recursive: true, force: true })
  cpSync(folder, kept, { recursive: true })
  say(`${readdirSync(kept).length} pages in docs/api`)
}

function check(): void {
  const stale = [...new Set([...pages(folder), ...pages(kept)])].filter(
    (page) => text(folder, page) !== text(kept, page),
  )
  for (const page of stale) say(`docs/api/${page} is not what the sources say: run bun scripts/api.ts`)
  process.exitCode = stale.length > 0 ? 1 : 0
}

function pages(place: string): string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
}

/** @returns undefined for a page that is not there */
function text(place: string, page: string): string | undefined {
  return pages(place).includes(page) ? readFileSync(join(place, page), 'utf8') : undefined
}
