import { type Cell, measureRounds } from '../cells.ts'
import type { Contestant } from '../contestants.ts'
import type { LargeSize, ServerJob } from '../drive-server.ts'
import { type Outcome, runJob } from '../job.ts'
import { ERAS, type Era } from '../wire.ts'
import { SERVER_DRIVER, type SectionContext } from './context.ts'

const MB = 1_000_000
const MEMORY_CALLS = 100_000

/** From the spawn of an unbundled server to the first bytes of its answer to `initialize` or `server/discover`. */
export function measureStarts({ quick, progress }: SectionContext): Promise<Cell[]> {
  return measureRounds({
    rounds: quick ? 3 : 9,
    eras: ERAS,
    progress: (text) => progress(`start: ${text}`),
    measure: drive({ kind: 'start', repeats: quick ? 2 : 5 }),
    metrics: { 'start.first': ({ firstByteMs }) => firstByteMs },
  })
}

/** Wall time of request lines of 1 and 10 MB, echoed. The 10 MB line stays below the 10 MiB some readers accept. */
export function measureLarge({ quick, progress }: SectionContext): Promise<Cell[]> {
  const sizes: LargeSize[] = [
    { lineBytes: MB, repeats: quick ? 5 : 20 },
    { lineBytes: 10 * MB, repeats: quick ? 2 : 7 },
  ]
  return measureRounds({
    rounds: quick ? 1 : 3,
    eras: ERAS,
    progress: (text) => progress(`large: ${text}`),
    measure: drive({ kind: 'large', sizes }),
    metrics: {
      'large.1MB': (finding) => finding[MB],
      'large.10MB': (finding) => finding[10 * MB],
      'large.growth': (finding) => (finding[10 * MB] ?? Number.NaN) / (finding[MB] ?? Number.NaN),
    },
  })
}

/** Resident memory of a server once it has answered 100 000 calls, 64 in flight. */
export function measureMemory({ quick, progress }: SectionContext): Promise<Cell[]> {
  return measureRounds({
    rounds: quick ? 1 : 3,
    eras: ERAS,
    progress: (text) => progress(`memory: ${text}`),
    measure: drive({ kind: 'memory', calls: MEMORY_CALLS }),
    metrics: {
      'memory.resident': ({ residentMib }) => residentMib,
      'memory.peak': ({ peakMib }) => peakMib,
    },
  })
}

type WithoutTarget<Job> = Job extends ServerJob ? Omit<Job, 'command' | 'era'> : never

function drive(job: WithoutTarget<ServerJob>): (contestant: Contestant, era: Era | null) => Promise<Outcome> {
  return ({ server }, era) => runJob(SERVER_DRIVER, { ...job, command: [process.execPath, server], era })
}
