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
  /** The name of the test, of its row or of its group, without citations; of the one that follows where a comment cites. */
  name: string
}

/** Where each id is cited, in the order of the files. */
export type Citations = ReadonlyMap<string, readonly Citation[]>

/** Files that may cite: tests of every kind. */
export const citingFiles: readonly string[] = ['{packages,apps,tests,bench,scripts}/**/*.test.{ts,mjs}']

/** Finds ids in brackets, alone or several with commas between them, in names and comments alike. */
export function findCitations(files: readonly CitingFile[]): Citations {
  const found = new Map<string, Citation[]>()
  for (const { path, text } of files) {
    if (!text.includes('[MCP-')) continue
    const lines = text.split('\n')
    for (const [index, line] of lines.entries()) {
      for (const match of line.matchAll(/\[(MCP-[^\]]*)\]/g)) {
        const citation = { place: `${path}:${index + 1}`, path, name: nameAt(lines, index) }
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

/** How far below a comment the name it stands for may be. */
const REACH = 3

function nameAt(lines: readonly string[], index: number): string {
  const candidates = lines.slice(index, index + REACH + 1)
  for (const line of candidates) {
    const [, , quoted] = line.replace(/^\s*\/\/.*/, '').match(/(['"`])((?:\\.|(?!\1).)+)\1/) ?? []
    const name = (quoted ?? '').replace(/\s*\[MCP-[^\]]*\]\s*/g, ' ').trim()
    if (name !== '') return name.replace(/\\(.)/g, '$1')
  }
  return 'a comment'
}
