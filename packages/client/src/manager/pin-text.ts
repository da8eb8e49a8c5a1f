/** Characters of a text that are shown of each side of a change, in UTF-16 units. */
export const MAX_SHOWN_TEXT = 160
/** Characters before a change that are shown with it, so that it can be found. */
const CONTEXT = 20

/** Whatever is not seen, looks like a space and is none, turns the direction of text, or is obeyed by terminals. */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu
/** Blanks that Unicode counts among letters and symbols. */
const BLANK = /[\u2800\u{1d159}]/gu
const WORD = /[\p{L}\p{M}]+/gu
const LATIN = /\p{Script=Latin}/u
/** Letters of scripts that look like Latin ones. */
const LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/gu

/**
 * A value as JSON that a person can trust to see whole: what is invisible, or a letter of another script in a Latin
 * word, is written as `\u{…}`, which JSON text cannot hold otherwise; cut after {@link MAX_SHOWN_TEXT} characters.
 */
export function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return window(text, { from: 0, changedTo: text.length, isText: typeof value === 'string' })
}

/** Two values as {@link shownValue} shows one; of texts, the part that begins shortly before the first difference. */
export function shownPair(before: unknown, after: unknown): [before: string, after: string] {
  if (typeof before !== 'string' || typeof after !== 'string') return [shownValue(before), shownValue(after)]
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  const from = Math.max(0, head - CONTEXT)
  const shown = (text: string): string => window(text, { from, changedTo: text.length - tail, isText: true })
  return [shown(before), shown(after)]
}

/** A name within a line: no quotes, otherwise as {@link shownValue}. */
export function shownName(name: string): string {
  const cut = name.length > 60 ? `${name.slice(0, 59)}…` : name
  return escaped(JSON.stringify(cut).slice(1, -1))
}

function window(text: string, part: { from: number; changedTo: number; isText: boolean }): string {
  const { from, changedTo, isText } = part
  const to = Math.min(text.length, from + MAX_SHOWN_TEXT)
  const slice = text.slice(from, to)
  const hidden = Math.max(0, changedTo - to)
  const end = to < text.length ? '…' : ''
  const shown = `${from > 0 ? '…' : ''}${slice}${end}`
  return escaped(isText ? JSON.stringify(shown) : shown) + (hidden > 0 ? ` (${hidden} more characters)` : '')
}

function escaped(text: string): string {
  return text
    .replace(UNSEEN, codeOf)
    .replace(BLANK, codeOf)
    .replace(WORD, (word) => (LATIN.test(word) ? word.replace(LOOKALIKE, codeOf) : word))
}

function codeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16).toUpperCase()}}`
}
