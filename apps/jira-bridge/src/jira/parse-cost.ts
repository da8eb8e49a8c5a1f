import { linkCost } from './link-cost.ts'

/**
 * Whether reading this Markdown would take the parser long: marks that open and never close cost it quadratic time, links
 * that do so more than that, and so does deep nesting. Takes linear time itself. Code counts like any text: where it ends,
 * only the parser knows.
 */
export function isCostly(markdown: string): boolean {
  if (TOO_DEEP.test(markdown)) return true
  let cost = 0
  for (const block of markdown.split(/\n[ \t]*\n/)) {
    cost += markCost(block) + linkCost(block) + addressCost(block) + listCost(block)
    if (cost > MAX_COST) return true
  }
  return false
}

/** Quotes and lists within each other. */
const MAX_NESTING = 60
const TOO_DEEP = new RegExp(`^[ \\t]*(?:(?:>|[-*+]|\\d{1,9}[.)])[ \\t]*){${MAX_NESTING}}`, 'm')
const MARKS = /\*+|_+|~+/g
/** Characters that are looked through again; 40 million take about half a second. */
const MAX_COST = 40_000_000
/** An underscore within a word is given up sooner. */
const WITHIN_WORD_SHARE = 25
/** A mark between punctuation opens or closes, and which it does is found out late. */
const DOUBT_SHARE = 2.5
/** What may stand before the @ of an address: at each mark in it, the parser looks whether one follows. */
const BEFORE_AT = /[a-zA-Z0-9.!#$%&'*+/=?_`{|}~-]{2,}/g
/** A line that begins an item of a list. */
const ITEM = /^[ \t>]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/m
/** At each line of an item the parser looks through all that follow for an underline, and past this length slowly. */
const QUICK_LENGTH = 8_000
const QUICK_STEP = 2.5
const SLOW_STEP = 60
const RESTARTS = /[!*_`~]/g
/** To look for an address takes a tenth of the time. */
const ADDRESS_SHARE = 10

function markCost(block: string): number {
  const open = new Map<string, number>()
  let withinWords = 0
  let doubtful = 0
  let runs = 0
  for (const { 0: mark, index } of block.matchAll(MARKS)) {
    const before = block[index - 1] ?? ' '
    const after = block[index + mark.length] ?? ' '
    const kind = mark.slice(0, 1)
    const waiting = open.get(kind) ?? 0
    // each of them is tried as the first
    runs += mark.length * mark.length
    if (kind === '_' && isWord(before) && isWord(after)) {
      withinWords++
      continue
    }
    if (isPunctuation(before) && isPunctuation(after)) doubtful += mark.length
    if (waiting > 0 && canClose(before, after)) open.set(kind, Math.max(0, waiting - mark.length))
    else if (after.trim() !== '') open.set(kind, waiting + mark.length)
  }
  const unclosed = [...open.values()].reduce((sum, count) => sum + count, 0)
  return runs + (unclosed + withinWords / WITHIN_WORD_SHARE + doubtful / DOUBT_SHARE) * block.length
}

function addressCost(block: string): number {
  let cost = 0
  for (const [run] of block.matchAll(BEFORE_AT)) cost += run.length * (run.match(RESTARTS)?.length ?? 0)
  return cost / ADDRESS_SHARE
}

function listCost(block: string): number {
  if (!ITEM.test(block)) return 0
  let cost = 0
  let lines = 0
  let length = 0
  for (const line of `${block}\n- `.split('\n')) {
    if (ITEM.test(line)) {
      cost += (lines * length * (length > QUICK_LENGTH ? SLOW_STEP : QUICK_STEP)) / 2
      lines = 0
      length = 0
    }
    lines++
    length += line.length + 1
  }
  return cost
}

/** A mark that opens a word, behind punctuation, closes nothing. */
function canClose(before: string, after: string): boolean {
  return before.trim() !== '' && (isWord(before) || !isWord(after))
}

function isPunctuation(character: string): boolean {
  return character.trim() !== '' && !isWord(character)
}

function isWord(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character)
}
