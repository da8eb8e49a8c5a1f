import { join } from 'node:path'
import { quietEnv, root, tool } from '../../scripts/lib/commands.ts'
import { run } from '../../scripts/lib/run.ts'

/** By run, as in `server-2026-07-28`, and scenario: the ids of checks that must go on succeeding. */
export type Anchor = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

const anchorFile = join(import.meta.dirname, 'anchor.json')
const optionalFile = join(import.meta.dirname, 'optional.json')

/** Reads the checked-in anchor. */
export async function readAnchor(): Promise<Anchor> {
  // proof: `growAnchor` is the only writer, and reviews of its file see the rest
  return (await Bun.file(anchorFile).json()) as Anchor
}

/**
 * Writes an anchor that grew, formatted like every other file.
 *
 * @throws {Error} when the formatter cannot be run
 */
export async function writeAnchor(anchor: Anchor): Promise<void> {
  await Bun.write(anchorFile, `${JSON.stringify(anchor, null, 2)}\n`)
  const { code, output } = await run(tool('biome', 'format', '--write', anchorFile), {
    cwd: root,
    env: quietEnv,
    capture: true,
  })
  if (code !== 0) throw new Error(`the anchor could not be formatted: ${output}`)
}

/** The anchor with one run's successes added. Nothing is ever taken out: what was reached once stays promised. */
export function growAnchor(
  anchor: Anchor,
  run: string,
  succeeded: readonly { scenario: string; succeeded: readonly string[] }[],
): Anchor {
  const grown: Record<string, readonly string[]> = { ...anchor[run] }
  for (const { scenario, succeeded: ids } of succeeded) {
    grown[scenario] = [...new Set([...(grown[scenario] ?? []), ...ids])].sort()
  }
  return { ...anchor, [run]: grown }
}

/**
 * Reads which scenarios need not pass yet, and why.
 *
 * @throws {TypeError} naming the first entry that is malformed
 */
export async function readOptional(): Promise<Map<string, string>> {
  return optionalFrom(await Bun.file(optionalFile).json())
}

/** @throws {TypeError} naming the first entry that is malformed */
export function optionalFrom(entries: unknown): Map<string, string> {
  if (!Array.isArray(entries)) throw new TypeError('the list of optional scenarios is not an array')
  const found = new Map<string, string>()
  for (const [index, entry] of entries.entries()) {
    const { scenario, reason } = isRecord(entry) ? entry : {}
    if (typeof scenario !== 'string' || scenario === '') throw new TypeError(`optional ${index}: "scenario" is empty`)
    if (typeof reason !== 'string' || reason === '') throw new TypeError(`optional ${index}: "reason" is empty`)
    if (found.has(scenario)) throw new TypeError(`optional ${index}: ${scenario} is listed twice`)
    found.set(scenario, reason)
  }
  return found
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
