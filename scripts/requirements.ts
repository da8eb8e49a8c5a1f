#!/usr/bin/env bun
import { join } from 'node:path'
import { type RequirementStatus, requirements } from '../tests/requirements.ts'
import { type Citations, citingFiles, contradictions, findCitations, withImplemented } from './lib/citations.ts'
import { coveragePage } from './lib/citations-page.ts'
import { root, tool } from './lib/commands.ts'
import { paint, say } from './lib/console.ts'
import { readAll } from './lib/files.ts'
import { run } from './lib/run.ts'

const source = join(root, 'tests/requirements.ts')
const page = join(root, 'docs/coverage.md')
const marks: Readonly<Record<RequirementStatus, string>> = {
  implemented: paint.good('✓'),
  'cannot apply': paint.quiet('–'),
  'not kept': paint.bad('✗'),
  later: paint.quiet('·'),
}

const citations = findCitations(await readAll(citingFiles))
if (process.argv.includes('--sync')) await sync(citations)
else if (process.argv.includes('--page')) await writePage(citations)
else table(citations)

function table(found: Citations): void {
  const all = Object.entries(requirements)
  for (const [id, { status, revisions, role, level, text, reason }] of all) {
    say(`${marks[status]} ${id} ${`${revisions}|${role}`.padEnd(12)} ${level.padEnd(6)} ${text}`)
    if (reason !== '') say(paint.quiet(`    ${status}: ${reason}`))
    for (const { place } of found.get(id) ?? []) say(paint.quiet(`    ${place}`))
  }
  const problems = contradictions(requirements, found)
  for (const problem of problems) say(paint.bad(problem))
  if (problems.length > 0) say('run bun scripts/requirements.ts --sync')
  const count = (wanted: RequirementStatus): number => all.filter(([, { status }]) => status === wanted).length
  const others = (['cannot apply', 'not kept', 'later'] as const).map((status) => `${count(status)} ${status}`)
  say(`${count('implemented')} of ${all.length} implemented, ${others.join(', ')}`)
  process.exitCode = problems.length > 0 ? 1 : 0
}

async function writePage(found: Citations): Promise<void> {
  await Bun.write(page, coveragePage(requirements, found))
  say(`${page} is written`)
}

async function sync(found: Citations): Promise<void> {
  const cited = Object.entries(requirements).filter(([id]) => found.has(id))
  const changed = Object.entries(requirements).filter(
    ([id, { status }]) => found.has(id) !== (status === 'implemented'),
  )
  await Bun.write(
    source,
    withImplemented(
      await Bun.file(source).text(),
      cited.map(([, { rule }]) => rule),
    ),
  )
  const { code, output } = await run(tool('biome', 'format', '--write', source), { cwd: root, capture: true })
  if (code !== 0) say(output)
  for (const [id] of changed) say(`${id} is now ${found.has(id) ? 'implemented' : 'implemented no more'}`)
  say(`${cited.length} implemented, ${changed.length} changed`)
  process.exitCode = code === 0 ? 0 : 1
}
