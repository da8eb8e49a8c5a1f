import { runningNames } from './citations-names.ts'

/** A file in which requirements may be cited. */
export interface CitingFile {
  path: string
  text: string
}

/** One place where a requirement is cited. */
export interface Citation {
  /** `path:line`. */
  place: string
  path: string
  /** The name of the test, of its row or of its group, without citations. */
  name: string
}

/** Where each id is cited, in the order of the files. */
export type Citations = ReadonlyMap<string, readonly Citation[]>

/** Files that may cite: tests of every kind. */
export const citingFiles: readonly string[] = ['{packages,apps,tests,bench,scripts}/**/*.test.{ts,mjs}']

/**
 * Finds ids in brackets, alone or several with commas between them, in the names of tests that run. What a comment says, or
 * a test that is to be written or left out, proves nothing.
 */
export function findCitations(files: readonly CitingFile[]): Citations {
  const found = new Map<string, Citation[]>()
  for (const { path, text } of files) {
    if (!text.includes('[MCP-')) continue
    for (const { text: written, line } of runningNames(text)) {
      for (const match of written.matchAll(CITED)) {
        const citation = { place: `${path}:${line}`, path, name: nameOf(written) }
        for (const id of (match[1] ?? '').split(/\s*,\s*/)) {
          const all = found.get(id) ?? []
          all.push(citation)
          found.set(id, all)
        }
      }
    }
  }
  return found
}

/** What requirements say of themselves and tests do not bear out, one sentence each. */
export function contradictions(
  requirements: Readonly<Record<string, { status: string }>>,
  citations: Citations,
): string[] {
  const unknown = [...citations].flatMap(([id, all]) =>
    id in requirements ? [] : all.map(({ place }) => `${place} cites ${id}, which does not exist`),
  )
  const wrong = Object.entries(requirements).flatMap(([id, { status }]) => {
    const [first] = citations.get(id) ?? []
    if (status === 'implemented' && first === undefined) return [`${id} is implemented and no test cites it`]
    if (status !== 'implemented' && first !== undefined) {
      return [`${id} is cited at ${first.place} and stands as ${status}`]
    }
    return []
  })
  return [...unknown, ...wrong]
}

/**
 * Rewrites the list of implemented rules in the source of the requirements.
 *
 * @throws {Error} when the source holds no such list
 */
export function withImplemented(source: string, rules: readonly number[]): string {
  const list = /(const implemented: ReadonlySet<number> = new Set<number>\()\[[^\]]*\]/
  if (!list.test(source)) throw new Error('the list of implemented rules is not where it was')
  const sorted = [...rules].sort((a, b) => a - b)
  return source.replace(list, (_, head: string) => `${head}[${sorted.join(', ')}]`)
}

const CITED = /\[(MCP-[^\]]*)\]/g

function nameOf(written: string): string {
  return written
    .replace(/\s*\[MCP-[^\]]*\]\s*/g, ' ')
    .trim()
    .replace(/\\(.)/g, '$1')
}
