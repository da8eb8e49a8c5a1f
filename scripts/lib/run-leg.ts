import { join } from 'node:path'
import { quietEnv, root } from './commands.ts'
import { filesOf, isMissing, type Leg } from './legs.ts'
import { type RunResult, run } from './run.ts'
import { readSkipRules } from './skips.ts'
import { judge, judgeMissing, type SkipPolicy, type Verdict } from './verdict.ts'

export interface LegReport extends Verdict {
  name: string
  seconds: number
  /** Empty unless captured. */
  output: string
}

export interface LegRunnerOptions {
  /** Where reports go. Owned by the caller. */
  folder: string
  policy: SkipPolicy
  capture?: boolean
}

/** Runs legs one after another; what several legs need first runs once. */
export interface LegRunner {
  run(leg: Leg, extra?: readonly string[]): Promise<LegReport>
}

export function createLegRunner({ folder, policy, capture = false }: LegRunnerOptions): LegRunner {
  const prepared = new Map<string, RunResult>()
  let runs = 0

  async function prepare(command: readonly string[]): Promise<RunResult> {
    const key = command.join(' ')
    const result = prepared.get(key) ?? (await run(command, { cwd: root, env: quietEnv, limitMs: 300_000, capture }))
    prepared.set(key, result)
    return result
  }

  async function attempt(leg: Leg, extra: readonly string[]): Promise<Verdict & { output?: string }> {
    if (isMissing(leg)) return judgeMissing(leg.name, policy)
    const files = filesOf(leg)
    if (files.length === 0) return broken(leg, `no test file matches ${leg.files.join(' or ')}`)
    const before = leg.before && (await prepare(leg.before))
    if (before !== undefined && before.code !== 0) {
      return { ...broken(leg, `its build: ${before.trouble ?? `exit code ${before.code}`}`), output: before.output }
    }
    const report = join(folder, `${runs++}.xml`)
    const command = leg.command({ report, files, extra })
    const { code, trouble, output } = await run(command, { cwd: root, env: quietEnv, limitMs: leg.limitMs, capture })
    const file = Bun.file(report)
    const text = (await file.exists()) ? await file.text() : undefined
    return {
      ...judge(
        { report: text, code, trouble, files: extra.length === 0 ? files : [], byName: extra.some(isNamePattern) },
        policy,
      ),
      output,
    }
  }

  return {
    async run(leg, extra = []) {
      const started = performance.now()
      const verdict = await attempt(leg, extra)
      return { name: leg.name, output: '', ...verdict, seconds: (performance.now() - started) / 1000 }
    },
  }
}

/** The checked-in list of skips, applied to this machine. */
export async function skipPolicy(): Promise<SkipPolicy> {
  return {
    rules: readSkipRules(await Bun.file(join(root, 'tests/skips.json')).json()),
    surroundings: {
      hasContractData: Boolean(process.env.BAO_CONTRACT_DATA),
      platform: `${process.platform}-${process.arch}`,
      required: new Set(Object.keys(process.env).filter((name) => name.startsWith('BAO_REQUIRE_'))),
    },
  }
}

function isNamePattern(word: string): boolean {
  return /^(?:-t|--test-name-pattern)(?:=|$)/.test(word)
}

function broken(leg: Leg, problem: string): Verdict {
  return { passed: 0, failed: 1, skipped: 0, problems: [`${leg.name}: ${problem}`] }
}
