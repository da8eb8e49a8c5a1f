/**
 * Whether reading this Markdown would take the parser long: it needs quadratic time for marks that open and never close and
 * for deep nesting. Takes linear time itself.
 */
export function isCostly(markdown: string): boolean {
  if (TOO_DEEP.test(markdown)) return true
  let cost = 0
  for (const block of markdown.replace(FENCED, '').split(/\n[ \t]*\n/)) {
    cost += costOf(block)
    if (cost > MAX_COST) return true
  }
  return false
}

/** Quotes and lists within each other. */
const MAX_NESTING = 60
const TOO_DEEP = new RegExp(`^[ \\t]*(?:(?:>|[-*+]|\\d{1,9}[.)])[ \\t]*){${MAX_NESTING}}`, 'm')
const FENCED = /^(?:```[^`\n]*\n[\s\S]*?^```|~~~[^\n]*\n[\s\S]*?^~~~)/gm
const MARKS = /[*_~]+/g
/** Characters that are looked through again for a mark; 40 million take about half a second. */
const MAX_COST = 40_000_000
/** An underscore within a word is given up sooner. */
const WITHIN_WORD_SHARE = 25

function costOf(block: string): number {
  const open = new Map<string, number>()
  let withinWords = 0
  for (const { 0: mark, index } of block.matchAll(MARKS)) {
    const before = block[index - 1] ?? ' '
    const after = block[index + mark.length] ?? ' '
    const kind = mark.slice(0, 1)
    const waiting = open.get(kind) ?? 0
    if (kind === '_' && isWord(before) && isWord(after)) withinWords++
    else if (waiting > 0 && before.trim() !== '') open.set(kind, waiting - 1)
    else if (after.trim() !== '') open.set(kind, waiting + 1)
  }
  const unclosed = [...open.values()].reduce((sum, count) => sum + count, 0)
  return (unclosed + withinWords / WITHIN_WORD_SHARE) * block.length
}

function isWord(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character)
}
