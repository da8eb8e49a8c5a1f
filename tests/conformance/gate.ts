import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'
import type { Anchor } from './anchor.ts'
import type { Run } from './arguments.ts'
import { clientCommand, startServer } from './contestant.ts'
import { judge, type Side, type Standard, type Verdict } from './judge.ts'
import { type MatchReport, play } from './referee.ts'

/** One side judged by one run of the referee. */
export interface MatchVerdict {
  /** As in `server-2026-07-28`. */
  name: string
  /** Where the referee left its findings. Its words are beside it, in `.txt`. */
  folder: string
  verdicts: readonly Verdict[]
  /** What went wrong with the run as a whole. */
  trouble: readonly string[]
  seconds: number
}

export interface GateOptions {
  side: Side
  runs: readonly Run[]
  anchor: Anchor
  optional: ReadonlyMap<string, string>
  /** The file of another server to judge instead of ours. */
  server?: string
  /** Where all that is left behind goes. */
  folder?: string
  /** Told of each run when it begins and when it ended. */
  onStart?(name: string, folder: string): void
  onEnd?(match: MatchVerdict): void
}

/**
 * Lets the referee judge one side. Every run against a server has a server of its own and mostly waits, so they go at
 * once; a run against clients starts all of them together and fills the machine, so one goes after the other.
 */
export async function judgeSide(options: GateOptions): Promise<MatchVerdict[]> {
  const { side, runs, folder = join(root, '.conformance') } = options
  await mkdir(folder, { recursive: true })
  if (side === 'server') return Promise.all(runs.map((run) => judgeRun(run, folder, options)))
  const matches: MatchVerdict[] = []
  for (const run of runs) matches.push(await judgeRun(run, folder, options))
  return matches
}

async function judgeRun(run: Run, work: string, options: GateOptions): Promise<MatchVerdict> {
  const { side, anchor, optional, server, onStart, onEnd } = options
  const name = `${side}-${run}`
  const folder = join(work, name)
  onStart?.(name, folder)
  const match = await attempt(
    { name, folder, side, run, ...(server !== undefined && { server }) },
    { anchored: anchor[name] ?? {}, optional },
  )
  onEnd?.(match)
  return match
}

interface Fixture {
  name: string
  folder: string
  side: Side
  run: Run
  server?: string
}

async function attempt(fixture: Fixture, standard: Standard): Promise<MatchVerdict> {
  const { name, folder } = fixture
  try {
    const { report, fate } = fixture.side === 'server' ? await playServer(fixture) : await playClient(fixture)
    const trouble = [report.trouble, fate].filter((each) => each !== undefined)
    return { name, folder, verdicts: judge(report, standard), trouble, seconds: report.seconds }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { name, folder, verdicts: [], trouble: [message], seconds: 0 }
  }
}

async function playServer(fixture: Fixture): Promise<{ report: MatchReport; fate: string | undefined }> {
  await using server = await startServer(`${fixture.folder}.log`, fixture.server)
  const report = await play({ ...fixture, target: ['--url', server.url] })
  return { report, fate: server.fate }
}

async function playClient(fixture: Fixture): Promise<{ report: MatchReport; fate: undefined }> {
  const exitLog = `${fixture.folder}.exits`
  await rm(exitLog, { force: true })
  return { report: await play({ ...fixture, target: ['--command', clientCommand(exitLog)], exitLog }), fate: undefined }
}
