import { relative } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import { duration, paint, say } from '../../scripts/lib/console.ts'
import { writeJunit } from '../../scripts/lib/write-junit.ts'
import type { MatchVerdict } from './gate.ts'
import type { Verdict } from './judge.ts'

/** How many verdicts count as what. */
export interface Tally {
  passed: number
  failed: number
  /** Problems that an entry of the list of optional scenarios excuses. */
  excused: number
}

export function tally(matches: readonly MatchVerdict[]): Tally {
  const verdicts = matches.flatMap((match) => match.verdicts)
  return {
    passed: verdicts.filter((each) => each.problems.length === 0).length,
    failed: verdicts.filter(isFailed).length + matches.flatMap((match) => match.trouble).length,
    excused: verdicts.filter((each) => each.problems.length > 0 && each.excuse !== undefined).length,
  }
}

/** Says how one run went: a line of numbers, then what failed and where to read on. */
export function sayMatch(match: MatchVerdict): void {
  const { passed, failed, excused } = tally([match])
  const mark = failed > 0 ? paint.bad('✗') : paint.good('✓')
  const optional = excused > 0 ? `, ${excused} optional` : ''
  say(`${mark} ${match.name}: ${passed} passed, ${failed} failed${optional} ${paint.quiet(duration(match.seconds))}`)
  for (const trouble of match.trouble) say(`  ${paint.bad(trouble)}`)
  for (const verdict of match.verdicts) {
    if (verdict.problems.length === 0) continue
    const note = verdict.excuse === undefined ? '' : paint.quiet(` (optional: ${verdict.excuse})`)
    say(`  ${isFailed(verdict) ? paint.bad(verdict.scenario) : verdict.scenario}${note}`)
    // the reason for an excuse is said already, and a run that passes stays short
    if (isFailed(verdict)) for (const line of problemLines(verdict)) say(`    ${line}`)
  }
  if (failed > 0) say(paint.quiet(`  logs: ${relative(root, match.folder)}{/,.txt,.log}`))
}

/** A JUnit report with a case for each scenario that counts, so that it adds up with every other test. */
export function junit(matches: readonly MatchVerdict[], file: string): string {
  const cases = matches.flatMap((match) => [
    ...match.trouble.map((problem) => ({ name: `${match.name} > the run`, problem })),
    ...match.verdicts
      .filter((verdict) => verdict.excuse === undefined || verdict.problems.length === 0)
      .map((verdict) => ({
        name: `${match.name} > ${verdict.scenario}`,
        problem: problemLines(verdict).join('; ') || undefined,
      })),
  ])
  return writeJunit(cases, file)
}

function problemLines({ problems }: Verdict): string[] {
  return problems.map(({ check, message }) => (check === undefined ? message : `${check}: ${message}`))
}

function isFailed({ problems, excuse }: Verdict): boolean {
  return problems.length > 0 && excuse === undefined
}
