/** How a measurement in a process of its own tells its outcome, and how it is started and watched. */
import { lastWords } from './last-words.ts'

export type Finding = Readonly<Record<string, number>>

export type Outcome =
  | { readonly kind: 'measured'; readonly finding: Finding; readonly speaks?: string }
  | { readonly kind: 'unsupported' | 'error'; readonly reason: string }

const MARK = 'outcome '

/** Runs the measurement of this process and prints its outcome as the last line of stdout; then the process ends. */
export async function report(measure: () => Promise<{ finding: Finding; speaks?: string }>): Promise<never> {
  const outcome = await measure().then(
    (measured): Outcome => ({ kind: 'measured', ...measured }),
    (error: unknown): Outcome => ({
      kind: error instanceof Error && error.name === 'RefusedError' ? 'unsupported' : 'error',
      reason: error instanceof Error ? error.message : String(error),
    }),
  )
  await Bun.write(Bun.stdout, `\n${MARK}${JSON.stringify(outcome)}\n`)
  process.exit(0)
}

/** Reads the outcome out of what a measurement printed. */
export function outcomeIn(stdout: string, otherwise: string): Outcome {
  const line = stdout.split('\n').findLast((text) => text.startsWith(MARK))
  return line ? JSON.parse(line.slice(MARK.length)) : { kind: 'error', reason: otherwise }
}

export interface JobOptions {
  /** Keeps the process and all it starts on one core. Ignored where `taskset` is missing. */
  readonly core?: number
  readonly timeoutMs?: number
}

/** Runs a measuring script with a JSON job as its argument. Never rejects: whatever goes wrong is an outcome. */
export async function runJob(
  script: string,
  job: object,
  { core, timeoutMs = 180_000 }: JobOptions = {},
): Promise<Outcome> {
  const pinned = core === undefined || !Bun.which('taskset') ? [] : ['taskset', '-c', String(core)]
  const command = [...pinned, process.execPath, script, JSON.stringify(job)]
  // A process group of its own: a measurement that hangs is ended together with the server it started.
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', detached: true })
  const endGroup = (): void => endProcessGroup(child.pid)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    endGroup()
  }, timeoutMs)
  process.once('exit', endGroup)
  try {
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    const why = timedOut ? `took more than ${timeoutMs} ms` : `ended with code ${code}`
    return outcomeIn(stdout, `${why}: ${lastWords(stderr)}`)
  } finally {
    clearTimeout(timer)
    process.off('exit', endGroup)
    endGroup()
  }
}

function endProcessGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left, which is the wish.
  }
}
