import { type Cell, type Metric, measureRounds } from '../cells.ts'
import { BARE_SERVER, type Contestant } from '../contestants.ts'
import type { Finding, JobOptions, Outcome } from '../job.ts'
import { runJob } from '../job.ts'
import type { Stretch } from '../pace.ts'
import { ERAS, type Era } from '../wire.ts'
import { SERVER_DRIVER, type SectionContext } from './context.ts'

type Side = 'server' | 'client'
type Measure = (contestant: Contestant, era: Era | null, stretch: Stretch, options: JobOptions) => Promise<Outcome>

/** Serial ones, which no target is judged by, have fewer: a complete run is to stay below six minutes. */
const ROUNDS = { 64: 5, 1: 3 } as const

/** CPU and wall time per call of a stdio server, driven by the same raw loop for all. */
export function measureServers(context: SectionContext): Promise<Cell[]> {
  return measureRates('server', context, ({ server }, era, stretch, options) =>
    runJob(SERVER_DRIVER, { kind: 'rate', command: [process.execPath, server], era, ...stretch }, options),
  )
}

/** CPU and wall time per call of a client against the bare server; the CPU time is the client's process alone. */
export function measureClients(context: SectionContext): Promise<Cell[]> {
  return measureRates('client', context, async ({ client }, era, stretch, options) =>
    client
      ? runJob(client, { era, command: process.execPath, args: [BARE_SERVER], ...stretch }, options)
      : { kind: 'unsupported', reason: 'has no client' },
  )
}

async function measureRates(side: Side, context: SectionContext, measure: Measure): Promise<Cell[]> {
  const { quick, oneCore, progress } = context
  const cells: Cell[] = []
  for (const inFlight of [64, 1] as const) {
    const stretch = stretchOf(quick, inFlight)
    // Serial ones stay on one core: else the scheduler's placement of the two ends decides, and it has two answers.
    const options = inFlight === 1 ? oneCore : {}
    const metrics: Partial<Record<Metric, (finding: Finding) => number | undefined>> = {
      [`${side}.cpu.${inFlight}`]: ({ cpuUs }: Finding) => cpuUs,
      [`${side}.wall.${inFlight}`]: ({ wallUs }: Finding) => wallUs,
    }
    const measured = await measureRounds({
      rounds: quick ? 2 : ROUNDS[inFlight],
      eras: ERAS,
      progress: (text) => progress(`${side}, ${inFlight} in flight: ${text}`),
      measure: (contestant, era) => measure(contestant, era, stretch, options),
      metrics,
    })
    cells.push(...measured)
  }
  return cells
}

function stretchOf(quick: boolean, inFlight: 1 | 64): Stretch {
  const minCalls = (inFlight === 1 ? 20_000 : 100_000) / (quick ? 4 : 1)
  return quick
    ? { inFlight, warmup: 20_000, pace: { minCalls, minCpuSeconds: 0.2, maxSeconds: 5 } }
    : { inFlight, warmup: 40_000, pace: { minCalls, minCpuSeconds: 0.4, maxSeconds: 30 } }
}
