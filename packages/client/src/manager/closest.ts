/** Names a message shows at most. */
const SHOWN = 20
/** Names are compared up to this length, in UTF-16 units: they may come from a model. */
const COMPARED = 64

/** The names by how similar they are to `wanted`, the most similar first. */
export function closestFirst(wanted: string, names: Iterable<string>): string[] {
  return [...names]
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
}

/** Names in a sentence, cut where there are too many. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const shown = names.slice(0, SHOWN).map((name) => JSON.stringify(name))
  return names.length > SHOWN ? `${shown.join(', ')} and ${names.length - SHOWN} more` : shown.join(', ')
}

/** Single characters to add, leave out or change; a name that holds the other one is nearer than any of those. */
function distance(from: string, to: string): number {
  const a = from.slice(0, COMPARED)
  const b = to.slice(0, COMPARED)
  if (a !== '' && b !== '' && (a.includes(b) || b.includes(a))) return Math.abs(a.length - b.length) / COMPARED
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      line.push(Math.min(change, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above.at(-1) ?? 0
}
