import { parseArgs } from 'node:util'

export const SECTIONS = [
  'server',
  'start',
  'large',
  'memory',
  'client',
  'http',
  'http-memory',
  'http-client',
  'manager',
  'size',
] as const

export type Section = (typeof SECTIONS)[number]

export interface BenchOptions {
  readonly sections: readonly Section[]
  readonly quick: boolean
  /** Print raw JSON on stdout instead of tables. */
  readonly json: boolean
  /** Write RESULTS.md and results.json. */
  readonly write: boolean
}

export const USAGE = `usage: bun run bench [--quick] [--only ${SECTIONS.join(',')}] [--json] [--write | --no-write]

  --quick     a short run of about a minute, for a first impression
  --only      only these sections, separated by commas
  --json      raw numbers on stdout instead of tables
  --write     write bench/RESULTS.md and bench/results.json (the default for a complete run, not for --quick or --only)`

/** Reads the command line.
 *  @throws {Error} naming an argument that is unknown */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean' },
    },
  })
  const asked = values.only?.flatMap((names) => names.split(',')).filter(Boolean)
  const unknown = asked?.filter((name) => !isSection(name)) ?? []
  if (unknown.length) throw new Error(`unknown section ${unknown.join(', ')}: expected ${SECTIONS.join(', ')}`)
  return {
    sections: asked ? SECTIONS.filter((section) => asked.includes(section)) : SECTIONS,
    quick: values.quick,
    json: values.json,
    write: values.write ?? (!values.quick && !asked),
  }
}

function isSection(name: string): name is Section {
  return SECTIONS.some((section) => section === name)
}
