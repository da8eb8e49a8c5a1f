import { readJunit, type TestCase } from './junit.ts'
import { refusedSkips, type SkipRule, type Surroundings } from './skips.ts'

/** What one leg came to. A problem is anything that counts as failed, in words for a person. */
export interface Verdict {
  passed: number
  failed: number
  skipped: number
  problems: string[]
}

export interface Evidence {
  /** Undefined when the runner left no report behind. */
  report: string | undefined
  /** Undefined when the runner was killed or did not start. */
  code: number | undefined
  trouble: string | undefined
  /** Files that must appear in the report; empty when the user filtered. */
  files: readonly string[]
  /** The user chose tests by name: all others are reported as skipped, and their skips mean nothing. */
  byName?: boolean
}

export interface SkipPolicy {
  rules: readonly SkipRule[]
  surroundings: Surroundings
}

/** Judges one run by its report and by what the report leaves out: an exit code of zero alone proves nothing. */
export function judge({ report, code, trouble, files, byName = false }: Evidence, policy: SkipPolicy): Verdict {
  let cases: TestCase[] = []
  const problems: string[] = []
  if (trouble !== undefined) problems.push(trouble)
  try {
    cases = readJunit(report ?? '').filter((test) => !byName || test.outcome !== 'skipped')
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return { passed: 0, failed: Math.max(1, problems.length), skipped: 0, problems }
  }
  const silent = silentFiles(cases, files)
  const refused = refusedSkips(cases, policy.rules, policy.surroundings)
  const failures = cases.filter((test) => test.outcome === 'failed')
  for (const test of failures) problems.push(describe(test))
  for (const file of silent) problems.push(`${file}: reported no test`)
  for (const test of refused) problems.push(`${describe(test)} (skipped, and not on the list of allowed skips)`)
  if (problems.length === 0 && code !== 0) problems.push(`exit code ${code} although the report shows no failure`)
  const isPlaceholder = (test: TestCase): boolean => silent.includes(test.name)
  return {
    passed: cases.filter((test) => test.outcome === 'passed' && !isPlaceholder(test)).length,
    failed: problems.length,
    skipped: cases.filter((test) => test.outcome === 'skipped').length - refused.length,
    problems,
  }
}

/** A leg that could not run here, judged like one skipped test of that name. */
export function judgeMissing(name: string, policy: SkipPolicy): Verdict {
  const test: TestCase = { name, outcome: 'skipped' }
  const refused = refusedSkips([test], policy.rules, policy.surroundings).length > 0
  if (!refused) return { passed: 0, failed: 0, skipped: 1, problems: [] }
  return { passed: 0, failed: 1, skipped: 0, problems: [`${name}: its binary is not installed`] }
}

/** The last line of every run. */
export function lastLine({ passed, failed, skipped }: Pick<Verdict, 'passed' | 'failed' | 'skipped'>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Sums verdicts; problems keep their order. */
export function total(verdicts: readonly Verdict[]): Verdict {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number => verdicts.reduce((all, each) => all + each[key], 0)
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    problems: verdicts.flatMap((each) => each.problems),
  }
}

/**
 * Files without a result of their own. Bun leaves such a file out; Node reports a passed test named after the file. When
 * no case carries a file (Node 22), only the second sign can be seen.
 */
function silentFiles(cases: readonly TestCase[], files: readonly string[]): string[] {
  const named = new Set(cases.flatMap((test) => (test.file === undefined ? [] : [test.file.replaceAll('\\', '/')])))
  const placeholders = new Set(cases.filter((test) => test.outcome === 'passed').map((test) => test.name))
  const appears = (file: string): boolean =>
    named.size === 0 || [...named].some((each) => each === file || each.endsWith(`/${file}`))
  return files.filter((file) => placeholders.has(file) || !appears(file))
}

function describe({ name, file, message }: TestCase): string {
  const [reason = ''] = (message ?? '').split('\n')
  return `${file === undefined ? '' : `${file}: `}${name}${reason === '' ? '' : `: ${reason}`}`
}
