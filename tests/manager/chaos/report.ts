import type { Call } from './calls.ts'
import type { Recovery } from './campaign.ts'

export interface Measured {
  /** Calls of healthy servers before chaos began, and beside it. */
  readonly calm: readonly Call[]
  readonly chaos: readonly Call[]
  readonly sick: readonly Call[]
  readonly recoveries: readonly Recovery[]
}

/** What was measured, as lines for people: nothing here is judged. */
export function reportOf({ calm, chaos, sick, recoveries }: Measured): string {
  const rows = [...Map.groupBy(recoveries, ({ fault }) => fault)]
    .map(([fault, list]) => ({ fault, times: list.map(({ tookMs }) => tookMs).sort((a, b) => a - b) }))
    .sort((a, b) => a.fault.localeCompare(b.fault))
    .map(
      ({ fault, times }) =>
        `  ${fault.padEnd(24)} ${ms(atShare(times, 0.5))} ${ms(times.at(-1))} ${String(times.length).padStart(8)}`,
    )
  return [
    'healthy servers            p50 ms   p99 ms    calls',
    line('without chaos', calm),
    line('beside chaos', chaos),
    `struck servers: ${sick.length} calls, ${sick.filter(({ outcome }) => outcome?.kind === 'answered').length} answered`,
    'time to recover         median ms   max ms  strikes',
    ...rows,
  ].join('\n')
}

function line(what: string, calls: readonly Call[]): string {
  const times = calls.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  return `  ${what.padEnd(24)} ${ms(atShare(times, 0.5))} ${ms(atShare(times, 0.99))} ${String(times.length).padStart(8)}`
}

function atShare(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

function ms(value: number | undefined): string {
  return (value?.toFixed(1) ?? '-').padStart(8)
}
