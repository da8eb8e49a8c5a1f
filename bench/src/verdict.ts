import type { Cell, Metric } from './cells.ts'
import type { ContestantName } from './contestants.ts'
import { formatRatio, significant } from './table.ts'
import type { Era } from './wire.ts'

export interface Verdict {
  readonly target: string
  readonly era: Era | null
  readonly measured: string
  readonly met: boolean
}

type Medians = Partial<Record<ContestantName, number>>

interface Target {
  readonly label: string
  readonly metric: Metric
  /** Says what was measured and whether it is enough. Undefined when what it needs is missing. */
  readonly judge: (medians: Medians) => { measured: string; met: boolean } | undefined
}

/** At this growth from 1 MB to 10 MB a cost still counts as linear: a quadratic one grows a hundredfold. */
const LINEAR_GROWTH = 15

/** Listing what is known already is to be felt as at once. */
const MANIFESTS_MS = 20

const TARGETS: readonly Target[] = [
  atMost('server CPU, 64 in flight: at most 1/4 of the official SDK', 'server.cpu.64', 1 / 4),
  atMost('first answer after spawn: at most 1/2 of the official SDK', 'start.first', 1 / 2),
  atMost('memory after 100k calls: at most 2/3 of the official SDK', 'memory.resident', 2 / 3),
  {
    label: 'bundle: less than 120 KB',
    metric: 'size.bytes',
    judge: ({ ours }) =>
      ours === undefined ? undefined : { measured: `${significant(ours / 1000)} KB`, met: ours < 120_000 },
  },
  atMost('client CPU, 64 in flight: at most 1/3 of the official SDK', 'client.cpu.64', 1 / 3),
  atMost('HTTP server CPU: at most 1/4 of the official SDK', 'http.cpu', 1 / 4),
  atMost('HTTP client CPU: at most 1/3 of the official SDK', 'http-client.cpu', 1 / 3),
  atMost('HTTP client CPU, answered with events: at most 1/3 of the official SDK', 'http-client.events-cpu', 1 / 3),
  {
    label: `tools of 100 servers from manifests: less than ${MANIFESTS_MS} ms`,
    metric: 'manager.list',
    judge: ({ ours }) =>
      ours === undefined ? undefined : { measured: `${significant(ours)} ms`, met: ours < MANIFESTS_MS },
  },
  {
    label: 'HTTP server CPU: at most twice bare Bun',
    metric: 'http.cpu',
    judge: ({ ours, floor }) =>
      ours === undefined || floor === undefined
        ? undefined
        : { measured: `${formatRatio(ours / floor)} of bare Bun`, met: ours <= 2 * floor },
  },
  {
    label: `10 MB message: linear (at most ${LINEAR_GROWTH} times 1 MB, or 1.25 times the growth of bare Bun)`,
    metric: 'large.growth',
    judge: ({ ours, floor }) => {
      if (ours === undefined || floor === undefined) return undefined
      const measured = `${significant(ours)} times 1 MB (bare Bun: ${significant(floor)})`
      return { measured, met: ours <= Math.max(LINEAR_GROWTH, 1.25 * floor) }
    },
  },
]

/** Judges every target whose metric was measured, once per era. Nothing measured of ours is a target missed. */
export function judge(cells: readonly Cell[]): Verdict[] {
  return TARGETS.flatMap(({ label, metric, judge: judgeMedians }) => {
    const mine = cells.filter((cell) => cell.metric === metric)
    const eras = [...new Set(mine.map(({ era }) => era))]
    return eras.map((era): Verdict => {
      const medians: Medians = {}
      for (const { contestant, summary } of mine.filter((cell) => cell.era === era)) {
        if (summary) medians[contestant] = summary.median
      }
      const found = judgeMedians(medians) ?? { measured: 'not measured', met: false }
      return { target: label, era, ...found }
    })
  })
}

function atMost(label: string, metric: Metric, share: number): Target {
  return {
    label,
    metric,
    judge: ({ ours, official, floor }) => {
      if (ours === undefined || official === undefined) return undefined
      const ratio = ours / official
      const beside = floor === undefined ? '' : `, ${formatRatio(ours / floor)} of bare Bun`
      return { measured: `${formatRatio(ratio)}${beside}`, met: ratio <= share }
    },
  }
}
