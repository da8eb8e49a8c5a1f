/** Longer lines are not looked into. */
const MAX_LINE_LENGTH = 1_000
const PART = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+))\s*(\.)?/y

/**
 * On which lines of a TOML text tables and keys begin, counted from 1. Good enough to point at something: what looks like a key
 * inside a string of several lines is taken for one unless the real one came first.
 */
export function tomlLines(text: string): (keys: readonly string[]) => number | undefined {
  const lines = new Map<string, number>()
  let table: readonly string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.length > MAX_LINE_LENGTH) continue
    const header = /^\s*\[\[?(.*?)\]\]?\s*(?:#.*)?$/.exec(line)?.[1]
    const isHeader = header !== undefined
    const parts = isHeader ? dotted(header) : dotted(/^\s*[\w"'][^=]*(?==)/.exec(line)?.[0] ?? '')
    if (parts === undefined) continue
    if (isHeader) table = parts
    const path = isHeader ? parts : [...table, ...parts]
    for (let length = 1; length <= path.length; length++) {
      const key = JSON.stringify(path.slice(0, length))
      if (!lines.has(key)) lines.set(key, index + 1)
    }
  }
  return (keys) => {
    for (let length = keys.length; length > 0; length--) {
      const line = lines.get(JSON.stringify(keys.slice(0, length)))
      if (line !== undefined) return line
    }
    return undefined
  }
}

/** The parts of `a."b c".d`; undefined for what is none. */
function dotted(text: string): string[] | undefined {
  const parts: string[] = []
  PART.lastIndex = 0
  for (;;) {
    const found = PART.exec(text)
    if (found === null) return undefined
    parts.push(found[1] ?? found[2] ?? found[3] ?? '')
    if (found[4] === undefined) return PART.lastIndex >= text.length ? parts : undefined
  }
}
