import { type Cell, METRICS, type Metric } from './cells.ts'
import { CONTESTANTS, type ContestantName } from './contestants.ts'
import type { Machine } from './machine.ts'
import { formatRatio, markdownTable, significant } from './table.ts'
import type { Verdict } from './verdict.ts'
import { ERAS, type Era, REVISION } from './wire.ts'

export interface Results {
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly quick: boolean
  readonly seconds: number
  readonly cells: readonly Cell[]
  /** What was left out, and why. */
  readonly skipped: readonly string[]
  readonly verdicts: readonly Verdict[]
}

/** The whole report as Markdown: machine, versions, the table, what could not be measured, the targets. */
export function renderReport(results: Results): string {
  const { machine, versions, quick, seconds, cells, skipped, verdicts } = results
  const parts = [
    '# Speed and size beside the official SDK',
    `\`bun run bench${quick ? ' --quick' : ''}\`, ${machine.date}, ${Math.round(seconds)} s on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.kernel}, Bun ${machine.bun}, load average ${machine.loadAtStart.toFixed(2)} at the start. ${pinning(machine)}${quick ? ' **A short run: a first impression, no result.**' : ''}`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    "Every server runs the same echo tool with the same Zod schemas for input and output (bare Bun: no library, no validation), unbundled, in a fresh process per round; the rounds of the contestants are interleaved, each number is the median of its rounds after a warm-up, and every answer is compared with what was sent. With 64 calls in flight the driver has a core of its own to use, so wall times near bare Bun are the driver's. Smaller is better, unless the measure says otherwise; `results.json` has every sample.",
    'Over HTTP every server runs on `Bun.serve`, answers 256 verified calls before anything is measured, and then what `wrk` sends without one failure. The official SDK is its `createMcpHandler`, which serves legacy clients without sessions; its sessions are those of its transport, one server for each. Memory is resident memory after forced collections, without that of a server that has held some before.',
    'Over HTTP every client calls the same answering server on the other core, 64 calls in flight, in a session in legacy; the server refuses requests whose head is wrong, and answers with a JSON body each, or with an event stream each. Bare Bun is a loop over `fetch`.',
    renderTable(cells),
  ]
  const remarks = [...skipped.map((text) => `- ${text}`), ...renderRemarks(cells)].join('\n')
  if (remarks) parts.push('## Remarks', remarks)
  if (verdicts.length) parts.push('## Targets', renderVerdicts(verdicts))
  return `${parts.join('\n\n')}\n`
}

function renderTable(cells: readonly Cell[]): string {
  const header = [
    'measure',
    'era',
    ...CONTESTANTS.map(({ label }) => label),
    'ours / official',
    'ours / tmcp',
    'ours / bare',
  ]
  // proof: the keys of METRICS
  const metrics = Object.keys(METRICS) as Metric[]
  const rows = metrics.flatMap((metric) =>
    [...ERAS, null].flatMap((era) => {
      const row = cells.filter((cell) => cell.metric === metric && cell.era === era)
      return row.length ? [renderRow(metric, era, row)] : []
    }),
  )
  return markdownTable(header, rows)
}

function renderRow(metric: Metric, era: Era | null, row: readonly Cell[]): string[] {
  const medianOf = (name: ContestantName): number =>
    row.find(({ contestant }) => contestant === name)?.summary?.median ?? Number.NaN
  const { label, unit } = METRICS[metric]
  const values = CONTESTANTS.map(({ name }) => renderValue(row.find(({ contestant }) => contestant === name)))
  const ours = medianOf('ours')
  const ratios = (['official', 'tmcp', 'floor'] as const).map((name) => formatRatio(ours / medianOf(name)))
  return [`${label} (${unit})`, era ?? 'both', ...values, ...ratios]
}

function renderValue(cell: Cell | undefined): string {
  if (cell?.problem) return cell.problem.kind === 'error' ? 'error' : 'n/a'
  return cell?.summary ? significant(cell.summary.median) : 'n/a'
}

/** One line for each contestant and reason of not being measured, and for each that spoke another revision. */
function renderRemarks(cells: readonly Cell[]): string[] {
  const places = new Map<string, Set<string>>()
  for (const { metric, era, contestant, problem, note } of cells) {
    const other =
      era === 'legacy' && note && note !== REVISION.legacy ? `answers the handshake with ${note}` : undefined
    const remark = problem ? `${problem.kind === 'error' ? 'error: ' : ''}${problem.reason}` : other
    if (!remark) continue
    const key = `${labelOf(contestant)} ${remark}`
    const section = metric.split('.')[0] ?? metric
    places.set(key, (places.get(key) ?? new Set()).add(`${section}${era ? ` ${era}` : ''}`))
  }
  return [...places].map(([remark, where]) => `- ${remark} (${[...where].join(', ')})`)
}

function labelOf(contestant: ContestantName): string {
  return CONTESTANTS.find(({ name }) => name === contestant)?.label ?? contestant
}

function renderVerdicts(verdicts: readonly Verdict[]): string {
  return markdownTable(
    ['target', 'era', 'measured', 'verdict'],
    verdicts.map(({ target, era, measured, met }) => [target, era ?? 'both', measured, met ? 'met' : '**missed**']),
  )
}

function pinning({ pinnedCore, loadCore }: Machine): string {
  if (pinnedCore === null) return 'Nothing was pinned (no `taskset`), so serial measurements may be bimodal.'
  const serial = `Serial measurements keep both ends on core ${pinnedCore}`
  return loadCore === null
    ? `${serial}; over HTTP server and load share it, as there is no other.`
    : `${serial}; over HTTP the server has core ${pinnedCore} and the load, or the client, core ${loadCore}.`
}
