#!/usr/bin/env bun
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTestArguments } from './lib/arguments.ts'
import { duration, paint, say } from './lib/console.ts'
import { legs } from './lib/legs.ts'
import { endChildrenOnSignal } from './lib/run.ts'
import { createLegRunner, type LegReport, skipPolicy } from './lib/run-leg.ts'
import { lastLine, total } from './lib/verdict.ts'

const { groups, extra, json } = readTestArguments(process.argv.slice(2))
endChildrenOnSignal()
const folder = mkdtempSync(join(tmpdir(), 'bao-test-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const runner = createLegRunner({ folder, policy: await skipPolicy() })
const reports: LegReport[] = []
for (const leg of legs.filter((each) => groups.length === 0 || groups.includes(each.group))) {
  say(paint.bold(`── ${leg.name}`))
  const report = await runner.run(leg, leg.group === 'unit' ? extra : [])
  const mark = report.failed > 0 ? paint.bad('✗') : paint.good('✓')
  say(`${mark} ${leg.name}: ${lastLine(report)} ${paint.quiet(`(${duration(report.seconds)})`)}`)
  reports.push(report)
}

const sum = total(reports)
if (reports.length === 0) {
  sum.failed = 1
  sum.problems.push(`there is no leg in the group ${groups.join(', ')} yet`)
}
if (sum.problems.length > 0) say(`\n${paint.bold('Failed')}`)
for (const problem of sum.problems) say(`  ${problem}`)
if (json) say(JSON.stringify({ ...sum, legs: reports.map(({ output: _, ...report }) => report) }))
say(lastLine(sum))
process.exitCode = sum.failed > 0 ? 1 : 0
