import { type Cell, measureRounds } from '../cells.ts'
import { BARE_SERVER } from '../contestants.ts'
import { runJob } from '../job.ts'
import { ERAS } from '../wire.ts'
import type { SectionContext } from './context.ts'

/** CPU and wall time per call of a client, against the bare server; the CPU time is the client's process alone. */
export async function measureClients({ quick, core, progress }: SectionContext): Promise<Cell[]> {
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
        progress: (text) => progress(`client, ${inFlight} in flight: ${text}`),
        measure: async ({ client }, era) =>
          client
            ? runJob(
                client,
                { era, command: process.execPath, args: [BARE_SERVER], inFlight, ...stretch },
                inFlight === 1 ? core : {},
              )
            : { kind: 'unsupported', reason: 'has no client' },
        metrics: {
          [`client.cpu.${inFlight}` as const]: ({ cpuUs }: Record<string, number>) => cpuUs,
          [`client.wall.${inFlight}` as const]: ({ wallUs }: Record<string, number>) => wallUs,
        },
      })),
    )
  }
  return cells
}
