import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, root } from './commands.ts'
import { findFiles } from './files.ts'

export const legGroups = ['unit', 'node', 'conformance', 'mutations'] as const
export type LegGroup = (typeof legGroups)[number]

/** One run of one test runner, as data. */
export interface Leg {
  group: LegGroup
  name: string
  /** Every file found here has to bring at least one result. */
  files: readonly string[]
  /** Runs before the tests, once for all legs that ask for it. */
  before?: readonly string[]
  /** Absolute path of a binary that may be absent on this platform; the leg is then skipped by name. */
  needs?: string
  limitMs: number
  command(run: LegRun): string[]
}

export interface LegRun {
  /** Absolute path of the report to write. */
  report: string
  /** Relative to the root. */
  files: readonly string[]
  /** Filters and flags that the user gave for `bun test`; Node legs take none. */
  extra: readonly string[]
}

const minute = 60_000

/** All legs in the order in which they run. */
export const legs: readonly Leg[] = [
  bunLeg('unit and integration (bun)', ['{packages,apps,tests,bench,scripts}/**/*.test.ts'], [], 15 * minute),
  nodeLeg('node 22', 'n22'),
  nodeLeg('node 24', 'n24'),
  conformanceLeg(),
  mutationLeg(),
]

/** The tests of `bun run check`: no build, no network, no other party. */
export const quickLeg: Leg = bunLeg(
  'architecture and unit tests',
  ['{packages,scripts}/**/*.test.ts', 'tests/architecture/*.test.ts'],
  ['./packages', './scripts', './tests/architecture'],
  2 * minute,
)

function bunLeg(name: string, include: readonly string[], paths: readonly string[], limitMs: number): Leg {
  return {
    group: 'unit',
    name,
    files: include,
    limitMs,
    command: ({ report, extra }) => [
      process.execPath,
      'test',
      // a dot a test is progress enough; failures are printed whole
      '--dots',
      // Those are written for node:test and import the built packages.
      '--path-ignore-patterns=tests/node/**',
      '--path-ignore-patterns=**/dist/**',
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      ...paths,
      ...extra,
    ],
  }
}

function nodeLeg(name: string, alias: string): Leg {
  const binary = join(root, 'node_modules', alias, 'bin', 'node')
  return {
    group: 'node',
    name,
    files: ['tests/node/*.test.mjs'],
    before: build,
    needs: binary,
    limitMs: 5 * minute,
    command: ({ report, files }) => [
      binary,
      '--test',
      '--test-reporter=junit',
      `--test-reporter-destination=${report}`,
      ...files,
    ],
  }
}

/** The official suite against our server and our client. The gate that runs it stands as the one file of this leg, in its report too. */
function conformanceLeg(): Leg {
  return {
    group: 'conformance',
    name: 'official conformance suite',
    files: ['tests/conformance/run.ts'],
    limitMs: 5 * minute,
    command: ({ report, files }) => [process.execPath, ...files, `--junit=${report}`],
  }
}

/** Rules broken on purpose, each a case that passes when its tests notice. */
function mutationLeg(): Leg {
  return {
    group: 'mutations',
    name: 'rules broken on purpose',
    files: ['scripts/mutations.ts'],
    limitMs: 3 * minute,
    command: ({ report, files }) => [process.execPath, ...files, `--junit=${report}`],
  }
}

/** The leg's test files, relative to the root and sorted. */
export function filesOf(leg: Leg): string[] {
  return findFiles(leg.files)
}

/** Whether the leg cannot run on this platform because its binary was not installed. */
export function isMissing(leg: Leg): boolean {
  return leg.needs !== undefined && !existsSync(leg.needs)
}
