import { CONTESTANTS, type Contestant, type ContestantName } from './contestants.ts'
import type { Outcome } from './job.ts'
import { rotate, type Summary, summarise } from './stats.ts'
import type { Era } from './wire.ts'

/** What can be measured: how it is called, and in which unit. Smaller is better, except where the label says otherwise. */
export const METRICS = {
  'server.cpu.64': { label: 'server CPU per call, 64 in flight', unit: 'us' },
  'server.wall.64': { label: 'server wall per call, 64 in flight', unit: 'us' },
  'server.cpu.1': { label: 'server CPU per call, serial', unit: 'us' },
  'server.wall.1': { label: 'server wall per call, serial', unit: 'us' },
  'start.first': { label: 'spawn to first answer', unit: 'ms' },
  'large.1MB': { label: '1 MB message echoed', unit: 'ms' },
  'large.10MB': { label: '10 MB message echoed', unit: 'ms' },
  'large.growth': { label: '10 MB / 1 MB', unit: 'x' },
  'memory.resident': { label: 'resident memory after 100k calls', unit: 'MiB' },
  'memory.peak': { label: 'peak resident memory', unit: 'MiB' },
  'client.cpu.64': { label: 'client CPU per call, 64 in flight', unit: 'us' },
  'client.wall.64': { label: 'client wall per call, 64 in flight', unit: 'us' },
  'client.cpu.1': { label: 'client CPU per call, serial', unit: 'us' },
  'client.wall.1': { label: 'client wall per call, serial', unit: 'us' },
  'http.cpu': { label: 'HTTP server CPU per call, 64 connections', unit: 'us' },
  'http.session-cpu': { label: 'HTTP server CPU per call in a session, 64 connections', unit: 'us' },
  'http.rate': { label: 'HTTP calls per second, 64 connections: larger is better', unit: '1/s' },
  'http.p99': { label: 'HTTP 99th percentile, 64 connections', unit: 'us' },
  'http-memory.session': { label: 'memory per idle HTTP session, 10,000 open', unit: 'KiB' },
  'http-memory.stream': { label: 'memory per idle event stream, 1,000 open', unit: 'KiB' },
  'http-client.cpu': { label: 'HTTP client CPU per call, 64 in flight', unit: 'us' },
  'http-client.wall': { label: 'HTTP client wall per call, 64 in flight', unit: 'us' },
  'http-client.events-cpu': { label: 'HTTP client CPU per call, answered with events', unit: 'us' },
  'http-client.events-wall': { label: 'HTTP client wall per call, answered with events', unit: 'us' },
  'http-client.signal-cpu': { label: 'bare fetch CPU per call with a signal, 64 in flight', unit: 'us' },
  'http-client.signal-events-cpu': { label: 'bare fetch CPU per call with a signal, answered with events', unit: 'us' },
  'manager.list': { label: 'tools of 100 servers listed from manifests', unit: 'ms' },
  'manager.start': { label: '100 stdio servers behind one manager: all connected', unit: 'ms' },
  'manager.close': { label: '100 stdio servers behind one manager: all gone', unit: 'ms' },
  'size.bytes': { label: 'bundled stdio server', unit: 'B' },
  'size.gzip': { label: 'bundled stdio server, gzip', unit: 'B' },
  'size.plain': { label: 'the same with plain JSON Schemas, no Zod', unit: 'B' },
} as const

export type Metric = keyof typeof METRICS

/** One measured thing of one contestant in one era; `era` is null where eras make no difference. */
export interface Cell {
  readonly metric: Metric
  readonly era: Era | null
  readonly contestant: ContestantName
  readonly samples: readonly number[]
  readonly summary?: Summary
  /** Why there are no samples: the contestant cannot (`unsupported`), or it failed (`error`). */
  readonly problem?: { readonly kind: 'unsupported' | 'error'; readonly reason: string }
  /** Worth saying beside the numbers. */
  readonly note?: string
}

export interface RoundsOptions {
  readonly rounds: number
  readonly eras: readonly (Era | null)[]
  readonly measure: (contestant: Contestant, era: Era | null) => Promise<Outcome>
  /** The samples of one round, by metric. */
  readonly metrics: Partial<Record<Metric, (finding: Readonly<Record<string, number>>) => number | undefined>>
  readonly progress: (text: string) => void
}

/** Measures every contestant once per round and era, beginning with another one in each round, and gives a cell per
 *  metric, era and contestant. After a failure a contestant is not tried again in that era. */
export async function measureRounds({ rounds, eras, measure, metrics, progress }: RoundsOptions): Promise<Cell[]> {
  const outcomes = new Map<string, Outcome[]>()
  for (let round = 0; round < rounds; round++) {
    for (const era of eras) {
      for (const contestant of rotate(CONTESTANTS, round)) {
        const key = `${contestant.name} ${era}`
        const before = outcomes.get(key) ?? []
        if (before.some(({ kind }) => kind !== 'measured')) continue
        progress(`round ${round + 1}/${rounds} ${contestant.label}${era ? ` ${era}` : ''}`)
        outcomes.set(key, [...before, await measure(contestant, era)])
      }
    }
  }
  // proof: Object.entries of a record keyed by Metric
  const entries = Object.entries(metrics) as [
    Metric,
    (finding: Readonly<Record<string, number>>) => number | undefined,
  ][]
  return entries.flatMap(([metric, read]) =>
    eras.flatMap((era) =>
      CONTESTANTS.map(({ name }) =>
        toCell({ metric, era, contestant: name }, outcomes.get(`${name} ${era}`) ?? [], read),
      ),
    ),
  )
}

function toCell(
  place: Pick<Cell, 'metric' | 'era' | 'contestant'>,
  outcomes: readonly Outcome[],
  read: (finding: Readonly<Record<string, number>>) => number | undefined,
): Cell {
  const failed = outcomes.find((outcome) => outcome.kind !== 'measured')
  if (failed) return { ...place, samples: [], problem: { kind: failed.kind, reason: failed.reason } }
  const measured = outcomes.filter((outcome) => outcome.kind === 'measured')
  const samples = measured.map(({ finding }) => read(finding)).filter((sample) => sample !== undefined)
  const speaks = measured[0]?.speaks
  return {
    ...place,
    samples,
    ...(samples.length ? { summary: summarise(samples) } : {}),
    ...(speaks ? { note: speaks } : {}),
  }
}
