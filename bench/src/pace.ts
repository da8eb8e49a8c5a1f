import type { Finding } from './job.ts'

/** A measured stretch lasts until it has both, so that clock ticks are fine enough and the code is as warm for all. */
export interface Pace {
  readonly minCalls: number
  readonly minCpuSeconds: number
  /** After this the stretch ends whatever it has. */
  readonly maxSeconds: number
}

export interface Stretch {
  readonly pace: Pace
  readonly inFlight: number
  /** Calls before the measured ones, 64 in flight; a tenth of `minCalls` at `inFlight` follows them. */
  readonly warmup: number
}

export interface Runner {
  run(calls: number, inFlight: number): Promise<void>
  /** CPU time used so far by what is measured. */
  cpuSeconds(): number
}

const SEGMENTS = 10

/** Warms up, then runs calls for a stretch and gives microseconds of CPU and of wall time per call. */
export async function measureStretch(
  { run, cpuSeconds }: Runner,
  { pace, inFlight, warmup }: Stretch,
): Promise<Finding> {
  const segment = Math.ceil(pace.minCalls / SEGMENTS)
  await run(warmup, 64)
  await run(segment, inFlight)

  const cpuBefore = cpuSeconds()
  const startedAt = performance.now()
  let calls = 0
  let cpu = 0
  let seconds = 0
  do {
    await run(segment, inFlight)
    calls += segment
    seconds = (performance.now() - startedAt) / 1e3
    cpu = cpuSeconds() - cpuBefore
  } while ((calls < pace.minCalls || cpu < pace.minCpuSeconds) && seconds < pace.maxSeconds)
  return { cpuUs: (cpu * 1e6) / calls, wallUs: (seconds * 1e6) / calls, calls }
}
