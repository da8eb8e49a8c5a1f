import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly kernel: string
  readonly bun: string
  readonly date: string
  /** The core that serial measurements are kept on; null where `taskset` is missing. */
  readonly pinnedCore: number | null
  /** The core that makes the load over HTTP while the server has the pinned one; null where there is no second one. */
  readonly loadCore: number | null
  /** One-minute load average when the run began: above the number of cores the numbers suffer. */
  readonly loadAtStart: number
}

export function describeMachine(): Machine {
  const [first, last] = coresAtTheEnds(allowedCores())
  const pins = Bun.which('taskset') !== null
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    bun: Bun.version,
    date: new Date().toISOString().slice(0, 10),
    pinnedCore: pins ? last : null,
    loadCore: pins && first !== last ? first : null,
    loadAtStart: loadavg()[0] ?? 0,
  }
}

/** The lowest and the highest core of a kernel list such as `0-3,8`: the lowest one serves most interrupts. */
export function coresAtTheEnds(list: string): [first: number, last: number] {
  return [Number(/^\d+/.exec(list)?.[0] ?? 0), Number(/(\d+)\s*$/.exec(list)?.[1] ?? 0)]
}

function allowedCores(): string {
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
}
