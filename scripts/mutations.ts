#!/usr/bin/env bun
// Breaks rules on purpose, each in a copy, and sees the tests that cite them fail.
// usage: bun scripts/mutations.ts [--only MCP-016] [--junit=<file>]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './lib/commands.ts'
import { duration, paint, say } from './lib/console.ts'
import { endChildrenOnSignal } from './lib/run.ts'
import { writeJunit } from './lib/write-junit.ts'
import { copyPackages } from './mutations/copy.ts'
import { hunt, type Verdict } from './mutations/hunt.ts'
import { mutations } from './mutations/index.ts'

/** As many at once as two cores serve well. */
const LANES = 2

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined
const junit = process.argv.find((word) => word.startsWith('--junit='))?.slice('--junit='.length)
endChildrenOnSignal()
const folder = mkdtempSync(join(tmpdir(), 'bao-mutations-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const waiting = mutations.filter(({ rule }) => only === undefined || rule === only)
const verdicts: Verdict[] = []
await Promise.all(Array.from({ length: LANES }, (_, lane) => work(join(folder, String(lane)))))

const survivors = verdicts.filter(({ problem }) => problem !== undefined)
if (junit !== undefined) {
  const cases = verdicts.map(({ mutation, problem }) => ({ name: `${mutation.rule}: ${mutation.wrong}`, problem }))
  await Bun.write(junit, writeJunit(cases, 'scripts/mutations.ts'))
}
say(`${verdicts.length - survivors.length} passed, ${survivors.length} failed`)
process.exitCode = survivors.length > 0 || verdicts.length === 0 ? 1 : 0

async function work(copy: string): Promise<void> {
  copyPackages(root, copy)
  for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
    const verdict = await hunt(mutation, copy)
    verdicts.push(verdict)
    const mark = verdict.problem === undefined ? paint.good('✓') : paint.bad('✗')
    say(`${mark} ${mutation.rule} ${mutation.wrong} ${paint.quiet(duration(verdict.seconds))}`)
    if (verdict.problem !== undefined) say(`    ${paint.bad(verdict.problem)}`)
  }
}
