/**
 * Steps the parser takes, at most, to look for links in a block. From every `](` it reads on to the next white space, and
 * from there it tries every bracket and quote on the way back as the beginning of a title, each up to its end. Where code
 * with several backticks stands behind a `[`, it tries all ways to pair them. Takes linear time itself.
 */
export function linkCost(block: string): number {
  return destinationCost(block) + labelCost(block)
}

const OPENER = /\]\(/g
/** What ends a title, by what begins it. */
const CLOSERS: Readonly<Record<string, string>> = { '"': '"', "'": "'", '(': ')' }
/** A step within a title takes as long as this many others. */
const TITLE_SHARE = 20
/** A run of `length` backticks can be a piece of code by itself or begin one: the ways to go on grow by nearly its length. */
const growth = (length: number): number => length - 0.38
/** Such a way takes as long as this many steps. */
const LABEL_SHARE = 50
const TICKS = /`{2,}/g
function destinationCost(block: string): number {
  if (!block.includes('](')) return 0
  // from the end to the start, so that the end of each title and of each run of characters is known
  const runs = new Float64Array(block.length + 1)
  const blanks = new Float64Array(block.length + 1)
  const nearest: Record<string, number> = {}
  for (let at = block.length - 1; at >= 0; at--) {
    const character = block.charAt(at)
    const closer = CLOSERS[character]
    const titleEnd = closer === undefined ? at : (nearest[closer] ?? block.length)
    const isBlank = character.trim() === ''
    runs[at] = isBlank ? 0 : (runs[at + 1] ?? 0) + 1 + (titleEnd - at) * TITLE_SHARE
    blanks[at] = isBlank ? (blanks[at + 1] ?? 0) + 1 : 0
    nearest[character] = at
  }
  let cost = 0
  for (const { index } of block.matchAll(OPENER)) {
    const start = index + 2
    const gap = blanks[start] ?? 0
    // the white space is parted in every way, too
    cost += gap * gap + (runs[start + gap] ?? 0)
  }
  return cost
}

function labelCost(block: string): number {
  const start = codeInLabel(block)
  if (start < 0) return 0
  const labels = block.split('[').length - 1
  return [...block.slice(start).matchAll(TICKS)].reduce(
    (ways, [{ length }]) => ways * growth(length),
    labels * LABEL_SHARE,
  )
}

/** Where code first stands behind a `[` that nothing has closed; -1 for nowhere. An escaped one counts, to be sure. */
function codeInLabel(block: string): number {
  let depth = 0
  for (let at = 0; at < block.length; at++) {
    const character = block.charAt(at)
    if (character === '[') depth++
    else if (character === ']' && block.charAt(at - 1) !== '\\') depth = Math.max(0, depth - 1)
    else if (character === '`' && depth > 0) return at
  }
  return -1
}
