import { type Cell, measureRounds } from '../cells.ts'
import type { Contestant } from '../contestants.ts'
import type { HttpJob } from '../drive-http.ts'
import { type Outcome, runJob } from '../job.ts'
import { hasWrk, NO_WRK } from '../load.ts'
import { ERAS, type Era } from '../wire.ts'
import { HTTP_DRIVER, type SectionContext } from './context.ts'

const SESSIONS = 10_000
const STREAMS = 1000

/** CPU per `tools/call` of an HTTP server, with the load of another core, and how many it answers how fast. */
export async function measureHttp(context: SectionContext): Promise<Cell[]> {
  const { quick, progress, skipped } = context
  if (!hasWrk()) {
    skipped(`http: ${NO_WRK}`)
    return []
  }
  const rate = { kind: 'rate', connections: 64, warmup: quick ? 10_000 : 20_000, seconds: 1 } as const
  const calls = await measureRounds({
    rounds: quick ? 1 : 3,
    eras: ERAS,
    progress: (text) => progress(`http: ${text}`),
    measure: ({ http }, era) => drive(context, http, era, { ...rate, inSession: false }),
    metrics: {
      'http.cpu': ({ cpuUs }) => cpuUs,
      'http.rate': ({ perSecond }) => perSecond,
      'http.p99': ({ p99Us }) => p99Us,
    },
  })
  const inSessions = await measureRounds({
    rounds: quick ? 1 : 2,
    eras: ['legacy'],
    progress: (text) => progress(`http, in a session: ${text}`),
    measure: (contestant, era) => drive(context, sessionful(contestant), era, { ...rate, inSession: true }),
    metrics: { 'http.session-cpu': ({ cpuUs }) => cpuUs },
  })
  return [...calls, ...inSessions]
}

/** Resident memory per legacy session nobody uses, and per event stream nothing is sent on. */
export async function measureHttpMemory(context: SectionContext): Promise<Cell[]> {
  const { quick, progress } = context
  const sessions = await measureRounds({
    rounds: quick ? 1 : 2,
    eras: ['legacy'],
    progress: (text) => progress(`http-memory, sessions: ${text}`),
    measure: (contestant, era) => drive(context, sessionful(contestant), era, { kind: 'sessions', ...held(SESSIONS) }),
    metrics: { 'http-memory.session': ({ bytesPerSession }) => kibibytes(bytesPerSession) },
  })
  const streams = await measureRounds({
    rounds: quick ? 1 : 2,
    eras: ERAS,
    progress: (text) => progress(`http-memory, streams: ${text}`),
    measure: (contestant, era) =>
      drive(context, era === 'legacy' ? sessionful(contestant) : contestant.http, era, {
        kind: 'streams',
        ...held(STREAMS),
      }),
    metrics: { 'http-memory.stream': ({ bytesPerStream }) => kibibytes(bytesPerStream) },
  })
  return [...sessions, ...streams]
}

function held(count: number): { warmup: number; count: number } {
  return { warmup: count / 10, count }
}

function sessionful({ http, httpSessions }: Contestant): string | undefined {
  return httpSessions ?? http
}

function kibibytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1024
}

type WithoutTarget<Job> = Job extends HttpJob ? Omit<Job, 'command' | 'era' | 'cores'> : never

async function drive(
  { cores }: SectionContext,
  server: string | undefined,
  era: Era | null,
  job: WithoutTarget<HttpJob>,
): Promise<Outcome> {
  if (server === undefined) return { kind: 'unsupported', reason: 'serves HTTP with a package that is not installed' }
  return runJob(HTTP_DRIVER, { ...job, command: [process.execPath, server], era, cores })
}
