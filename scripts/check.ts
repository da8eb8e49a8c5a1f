#!/usr/bin/env bun
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, quietEnv, root, tool, typecheck } from './lib/commands.ts'
import { duration, paint, say } from './lib/console.ts'
import { quickLeg } from './lib/legs.ts'
import { endChildrenOnSignal, run } from './lib/run.ts'
import { createLegRunner, skipPolicy } from './lib/run-leg.ts'
import { lastLine } from './lib/verdict.ts'

interface Outcome {
  ok: boolean
  /** Shown when the step failed. */
  output: string
  note?: string
}

const json = process.argv.includes('--json')
endChildrenOnSignal()
const folder = mkdtempSync(join(tmpdir(), 'bao-check-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const steps: readonly (readonly [name: string, attempt: () => Promise<Outcome>])[] = [
  ['format and lint', () => command(tool('biome', 'check', '.', '--error-on-warnings'))],
  ['types', () => command(typecheck)],
  ['build', () => command(build)],
  ['API reference', () => command([process.execPath, 'scripts/api.ts', '--check'])],
  ['dead code and dependencies', () => command(tool('knip', '--no-progress'))],
  [quickLeg.name, tests],
]

const done: { name: string; ok: boolean; seconds: number }[] = []
for (const [name, attempt] of steps) {
  const started = performance.now()
  const { ok, output, note } = await attempt()
  const seconds = (performance.now() - started) / 1000
  done.push({ name, ok, seconds })
  const detail = paint.quiet(`(${note === undefined ? '' : `${note}, `}${duration(seconds)})`)
  if (!ok) say(output.trimEnd())
  say(`${ok ? paint.good('✓') : paint.bad('✗')} ${name} ${detail}`)
  if (!ok) break
}

const ok = done.length === steps.length && done.every((step) => step.ok)
if (json) say(JSON.stringify({ ok, steps: done }))
process.exitCode = ok ? 0 : 1

async function command(words: readonly string[]): Promise<Outcome> {
  const { code, trouble, output } = await run(words, { cwd: root, env: quietEnv, capture: true, limitMs: 180_000 })
  return { ok: code === 0, output: `${output}${trouble ?? ''}` }
}

async function tests(): Promise<Outcome> {
  const report = await createLegRunner({ folder, policy: await skipPolicy(), capture: true }).run(quickLeg)
  return {
    ok: report.failed === 0,
    output: [report.output, ...report.problems].join('\n'),
    note: lastLine(report),
  }
}
