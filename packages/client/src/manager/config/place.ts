/** Where in a file something is. Lines and columns count from 1, and are absent where they are not known. */
export interface Place {
  readonly path: string
  readonly line?: number
  readonly column?: number
}

/** Finds the places of characters of a text. Columns are UTF-16 units. */
export function placesIn(text: string, path: string): (offset: number) => Place {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { path, line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** `.mcp.json:3:5`. */
export function describePlace({ path, line, column }: Place): string {
  return [path, line, column].filter((part) => part !== undefined).join(':')
}
