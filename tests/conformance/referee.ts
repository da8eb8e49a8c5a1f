import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { quietEnv } from '../../scripts/lib/commands.ts'
import { run } from '../../scripts/lib/run.ts'
import type { Run } from './arguments.ts'
import type { Check, Evidence, Side } from './judge.ts'

/** Started through Bun, because the package's own first line asks for a Node that a machine may not have. */
const referee: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('dist/index.js', import.meta.resolve('@modelcontextprotocol/conformance/package.json'))),
]
const limitMs = 150_000

export interface Match {
  side: Side
  run: Run
  /** What the referee is pointed at, as its own command line has it. */
  target: readonly string[]
  /** Where it leaves its findings; emptied first. */
  folder: string
  /** Where clients record how they ended. */
  exitLog?: string
}

export interface MatchReport extends Evidence {
  /** What went wrong with the run as a whole, in words. */
  trouble: string | undefined
  seconds: number
}

/** The scenarios that one run must bring results of, in the referee's order. */
export async function listScenarios(side: Side, which: Run): Promise<string[]> {
  const { output } = await run([...referee, 'list', ...(which === 'all' ? [] : ['--requirements', which])], {
    capture: true,
    limitMs,
  })
  const found = scenariosIn(output, side)
  if (found.length === 0) throw new Error(`the referee lists no ${side} scenario for ${which}; it said: ${output}`)
  return found
}

/** Reads the referee's list: a heading for each side, then one of what is run without being scored, for both. */
export function scenariosIn(list: string, side: Side): string[] {
  let section: string | undefined
  const found: string[] = []
  for (const line of list.split('\n')) {
    const [, heading] = /^(Server|Client|Authorization|Run and reported)\b/.exec(line) ?? []
    if (heading !== undefined) section = heading.toLowerCase()
    const [, name, tag] = /^\s+- (\S+)(?: \[([^\]]+)\])?/.exec(line) ?? []
    if (name !== undefined && (section === side || (section === 'run and reported' && tag === side))) found.push(name)
  }
  return found
}

/** Lets the referee run and collects what it found. */
export async function play({ side, run: which, target, folder, exitLog }: Match): Promise<MatchReport> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const expected = await listScenarios(side, which)
  const suite = which === 'all' ? ['--suite', 'all'] : ['--requirements', which]
  const { code, trouble, output, seconds } = await run([...referee, side, ...target, ...suite, '-o', folder], {
    env: quietEnv,
    capture: true,
    limitMs,
  })
  await Bun.write(`${folder}.txt`, output)
  return {
    side,
    expected,
    results: await readResults(folder, side),
    exits: exitLog === undefined ? new Map() : await readExits(exitLog),
    // the whole of it has scenarios that no requirement scores, and the referee fails by those as well
    trouble: trouble ?? (code !== 0 && which !== 'all' ? `the referee ended with code ${code}` : undefined),
    seconds,
  }
}

/** How many scenarios have come to an end so far. */
export function countResults(folder: string): number {
  return [...resultFiles(folder)].length
}

/** Findings by scenario; the referee names each folder after it, and adds the side and the time. */
async function readResults(folder: string, side: Side): Promise<Map<string, Check[]>> {
  const found = new Map<string, Check[]>()
  for (const file of resultFiles(folder)) {
    const name = relative(folder, dirname(file)).replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '')
    // proof: the referee writes an array of its checks there
    found.set(side === 'server' ? name.replace(/^server-/, '') : name, (await Bun.file(file).json()) as Check[])
  }
  return found
}

function* resultFiles(folder: string): Generator<string> {
  if (!existsSync(folder)) return
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('checks.json')) yield join(folder, path)
  }
}

async function readExits(log: string): Promise<Map<string, number>> {
  if (!existsSync(log)) return new Map()
  const lines = (await Bun.file(log).text()).trim().split('\n')
  return new Map(
    lines.map((line) => {
      // proof: client-shim.ts writes these lines
      const { scenario, code } = JSON.parse(line) as { scenario: string; code: number }
      return [scenario, code]
    }),
  )
}
