import { type Cell, measureRounds } from '../cells.ts'
import { runJob } from '../job.ts'
import { ERAS } from '../wire.ts'
import type { SectionContext } from './context.ts'

/** CPU and wall time per call of a stdio server, with 64 calls in flight and with one. The serial ones stay on one core
 *  together with their driver: else the scheduler's choice of core decides, and there are two answers. */
export async function measureServers({ quick, core, progress, driver }: SectionContext): Promise<Cell[]> {
  const rounds = quick ? 1 : 5
  const cells: Cell[] = []
  for (const inFlight of [64, 1] as const) {
    const stretch = quick
      ? { warmup: 5_000, pace: { minCalls: inFlight === 1 ? 2_000 : 10_000, minCpuSeconds: 0.1, maxSeconds: 5 } }
      : { warmup: 40_000, pace: { minCalls: inFlight === 1 ? 20_000 : 100_000, minCpuSeconds: 0.4, maxSeconds: 30 } }
    cells.push(
      ...(await measureRounds({
        rounds,
        eras: ERAS,
        progress: (text) => progress(`server, ${inFlight} in flight: ${text}`),
        measure: ({ server }, era) =>
          runJob(
            driver,
            { kind: 'rate', command: [process.execPath, server], era, inFlight, ...stretch },
            inFlight === 1 ? core : {},
          ),
        metrics: {
          [`server.cpu.${inFlight}` as const]: ({ cpuUs }: Record<string, number>) => cpuUs,
          [`server.wall.${inFlight}` as const]: ({ wallUs }: Record<string, number>) => wallUs,
        },
      })),
    )
  }
  return cells
}
