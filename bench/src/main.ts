import type { Cell } from './cells.ts'
import { contestantVersions } from './contestants.ts'
import { describeMachine } from './machine.ts'
import { parseOptions, type Section, USAGE } from './options.ts'
import { type Results, renderReport } from './report.ts'
import type { SectionContext } from './sections/context.ts'
import { measureHttp, measureHttpMemory } from './sections/http.ts'
import { measureHttpClients } from './sections/http-client.ts'
import { measureLarge, measureMemory, measureStarts } from './sections/lifetime.ts'
import { measureManager } from './sections/manager.ts'
import { measureClients, measureServers } from './sections/rates.ts'
import { measureSizes } from './sections/size.ts'
import { judge } from './verdict.ts'

const MEASURES: Readonly<Record<Section, (context: SectionContext) => Promise<Cell[]>>> = {
  server: measureServers,
  start: measureStarts,
  large: measureLarge,
  memory: measureMemory,
  client: measureClients,
  http: measureHttp,
  'http-memory': measureHttpMemory,
  'http-client': measureHttpClients,
  manager: measureManager,
  size: measureSizes,
}

const OUT = `${import.meta.dir}/..`

/** Runs the bench and gives the exit code: 1 when anything failed to be measured; a missed target is no failure. */
export async function runBench(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  const startedAt = performance.now()
  const elapsed = (): number => (performance.now() - startedAt) / 1e3
  const machine = describeMachine()
  const { pinnedCore, loadCore } = machine
  const skipped: string[] = []
  const progress = (text: string): void => console.error(`${elapsed().toFixed(0).padStart(4)} s  ${text}`)
  const context: SectionContext = {
    quick: options.quick,
    oneCore: pinnedCore === null ? {} : { core: pinnedCore },
    cores: pinnedCore === null || loadCore === null ? {} : { server: pinnedCore, load: loadCore },
    progress,
    skipped(text) {
      progress(text)
      skipped.push(text)
    },
  }

  const cells: Cell[] = []
  for (const section of options.sections) cells.push(...(await MEASURES[section](context)))

  const results: Results = {
    machine,
    versions: contestantVersions(),
    quick: options.quick,
    seconds: elapsed(),
    cells,
    skipped,
    verdicts: judge(cells),
  }
  const json = `${JSON.stringify(results, null, 2)}\n`
  const markdown = renderReport(results)
  if (options.write) {
    await Promise.all([Bun.write(`${OUT}/results.json`, json), Bun.write(`${OUT}/RESULTS.md`, markdown)])
    console.error('wrote bench/RESULTS.md and bench/results.json')
  }
  await Bun.write(Bun.stdout, options.json ? json : markdown)
  return cells.some(({ problem }) => problem?.kind === 'error') ? 1 : 0
}

if (import.meta.main) {
  // The exit event, which ends a running measurement, is not raised by an unhandled signal.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  try {
    process.exitCode = await runBench(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exitCode = 2
  }
}
