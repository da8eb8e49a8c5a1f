import { join } from 'node:path'
import { root } from '../../scripts/lib/commands.ts'

/** A limit as a page has it: a name, and the numbers that stand beside it, those of its neighbours in the row included. */
export interface DocumentedLimit {
  readonly name: string
  readonly values: readonly number[]
}

/** A constant of the source that bounds something. */
export interface NamedLimit {
  readonly name: string
  readonly value: number
  readonly path: string
}

/** The limits in the tables of a page. */
export async function documentedLimits(page: string): Promise<DocumentedLimit[]> {
  const text = await Bun.file(join(root, page)).text()
  return [...text.matchAll(/^\| (.+?) \| (.*?) \|/gm)].flatMap(([, first = '', second = '']) => {
    const names = [...first.matchAll(/[A-Za-z]\w*/g)].map(([name]) => name)
    const listed = names.filter((name) => /^(?:[A-Z]+_[A-Z_]+|[a-z]+[A-Z]\w*|failures)$/.test(name))
    // a comma inside a number is none between values
    return listed.map((name) => ({ name, values: second.split(/,\s+/).flatMap((cell) => amountOf(cell) ?? []) }))
  })
}

/** An exported bound, or the default value of an option, as a constant or where the option is read. */
const BOUNDS: readonly RegExp[] = [
  /^export const ((?:MAX|MIN)_[A-Z_]+)(?:: number)? = ([\d_* ]+)$/gm,
  /^(?:export )?const (DEFAULT_[A-Z_]+)(?:: number)? = ([\d_* ]+)$/gm,
  /^ +(\w+): options\.\1 \?\? ([\d_]+(?: \* [\d_]+)*),?$/gm,
  /\b(max[A-Z]\w*|\w+(?:Ms|Bytes|Length)) = ([\d_]+(?: \* [\d_]+)*)(?=,| })(?=[^\n]*\n?[^\n]* = )/g,
]

/** Bounds that the packages export, and the default values of their options. */
export async function namedLimits(): Promise<NamedLimit[]> {
  const found: NamedLimit[] = []
  for await (const path of new Bun.Glob('packages/*/src/**/*.ts').scan({ cwd: root })) {
    if (/\.test\./.test(path)) continue
    const text = await Bun.file(join(root, path)).text()
    for (const bound of BOUNDS) {
      for (const [, name = '', value = ''] of text.matchAll(bound)) found.push({ name, value: product(value), path })
    }
  }
  return found
}

/** The options of all packages whose names say that they bound something, those of the testing kit left out. */
export async function boundingOptions(): Promise<string[]> {
  const names = new Set<string>()
  for await (const path of new Bun.Glob('packages/*/src/**/*.ts').scan({ cwd: root })) {
    if (/\.test\.|\/testing\//.test(path)) continue
    const text = await Bun.file(join(root, path)).text()
    const options = text.matchAll(
      /^ {2}(?:readonly )?(max[A-Z]\w*|min[A-Z]\w*|\w+(?:Ms|Bytes|Length|Characters))\?: number/gm,
    )
    for (const [, name = ''] of options) names.add(name)
  }
  return [...names].sort()
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  Ki: 1024,
  KiB: 1024,
  Mi: 1024 ** 2,
  MiB: 1024 ** 2,
}

/** The number that a cell begins with, such as `64 MiB`; undefined where it begins with none. */
export function amountOf(cell: string): number | undefined {
  const [, digits, unit = ''] = /^([\d,.]+)(?: (ms|s|min|h|KiB|Ki|MiB|Mi)\b)?/.exec(cell) ?? []
  return digits === undefined ? undefined : Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1)
}

function product(value: string): number {
  return value.split('*').reduce((all, one) => all * Number(one.replaceAll('_', '')), 1)
}
