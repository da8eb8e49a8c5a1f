import { join } from 'node:path'
import { quietEnv } from '../lib/commands.ts'
import { ReportError, readJunit, type TestCase } from '../lib/junit.ts'
import { run } from '../lib/run.ts'
import { type Mutation, mutated } from './mutation.ts'

/** What became of one mutation. */
export interface Verdict {
  mutation: Mutation
  /** Why it does not count as noticed; undefined when the tests of the rule passed before it and failed under it. */
  problem: string | undefined
  seconds: number
}

const LIMIT_MS = 30_000

/**
 * Breaks one rule in a copy of the packages, sees its tests fail, and mends it. The copy is for this alone meanwhile.
 * @param copy absolute path of the copy
 */
export async function hunt(mutation: Mutation, copy: string): Promise<Verdict> {
  const started = performance.now()
  const problem = await problemOf(mutation, copy)
  return { mutation, problem, seconds: (performance.now() - started) / 1000 }
}

async function problemOf(mutation: Mutation, copy: string): Promise<string | undefined> {
  const path = join(copy, mutation.file)
  const sound = await Bun.file(path).text()
  let broken: string
  try {
    broken = mutated(sound, mutation)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const before = await casesOf(mutation, copy)
  if (typeof before === 'string') return `unbroken, ${before}`
  const failing = before.find(({ outcome }) => outcome !== 'passed')
  if (failing !== undefined) return `unbroken, "${failing.name}" ${failing.outcome}`
  await Bun.write(path, broken)
  try {
    const after = await casesOf(mutation, copy)
    if (typeof after === 'string') return `broken, ${after}`
    return after.some(({ outcome }) => outcome === 'failed') ? undefined : `${mutation.test} noticed nothing`
  } finally {
    await Bun.write(path, sound)
  }
}

/** The tests that cite the rule, as they went; a sentence when none did. */
async function casesOf({ rule, test }: Mutation, copy: string): Promise<TestCase[] | string> {
  const report = join(copy, 'report.xml')
  await Bun.file(report)
    .delete()
    .catch(() => undefined)
  const command = [
    process.execPath,
    'test',
    `./${test}`,
    '-t',
    rule,
    '--reporter=junit',
    `--reporter-outfile=${report}`,
  ]
  const { trouble, output } = await run(command, { cwd: copy, env: quietEnv, limitMs: LIMIT_MS, capture: true })
  if (trouble !== undefined) return `${test}: ${trouble}`
  try {
    const cited = readJunit(await Bun.file(report).text()).filter(({ name }) => name.includes(rule))
    return cited.length > 0 ? cited : `no test of ${test} cites ${rule}`
  } catch (error) {
    if (error instanceof ReportError) return `${test} ran no test: ${error.message}`
    return `${test} ran no test: ${output.trim().split('\n').at(-1) ?? ''}`
  }
}
