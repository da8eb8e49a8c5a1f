/** A file in which requirements may be cited. */
export interface CitingFile {
  path: string
  text: string
}

/** Where each id is cited, as `path:line`, in the order of the files. */
export type Citations = ReadonlyMap<string, readonly string[]>

/** Files that may cite: tests of every kind. */
export const citingFiles: readonly string[] = ['{packages,apps,tests,bench,scripts}/**/*.test.{ts,mjs}']

/** Finds ids in brackets, alone or several with commas between them, in names and comments alike. */
export function findCitations(files: readonly CitingFile[]): Citations {
  const found = new Map<string, string[]>()
  for (const { path, text } of files) {
    for (const match of text.matchAll(/\[(MCP-[^\]\n]*)\]/g)) {
      const line = text.slice(0, match.index).split('\n').length
      for (const id of (match[1] ?? '').split(/\s*,\s*/)) {
        const places = found.get(id) ?? []
        places.push(`${path}:${line}`)
        found.set(id, places)
      }
    }
  }
  return found
}

/** What requirements say of themselves and tests do not bear out, one sentence each. */
export function contradictions(
  requirements: Readonly<Record<string, { status: 'implemented' | 'later' }>>,
  citations: Citations,
): string[] {
  const unknown = [...citations].flatMap(([id, places]) =>
    id in requirements ? [] : places.map((place) => `${place} cites ${id}, which does not exist`),
  )
  const wrong = Object.entries(requirements).flatMap(([id, { status }]) => {
    const places = citations.get(id)
    if (status === 'implemented' && places === undefined) return [`${id} is implemented and no test cites it`]
    if (status === 'later' && places !== undefined) return [`${id} is cited at ${places[0]} and stands as later`]
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
