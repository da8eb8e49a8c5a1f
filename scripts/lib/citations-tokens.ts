/** One word, one text in quotes, or one sign of a source in TypeScript. */
export interface Token {
  readonly kind: 'word' | 'text' | 'sign'
  /** What stands there; of a text what is between the quotes, as it is written. */
  readonly text: string
  /** Counted from 1. */
  readonly line: number
  /** Of a bracket the index of its other half; -1 for everything else. */
  readonly pair: number
}

const WORD = /[\p{ID_Continue}$#]/u
const BEFORE_PATTERN = new Set([
  'return',
  'typeof',
  'of',
  'in',
  'case',
  'await',
  'yield',
  'else',
  'do',
  'void',
  'throw',
])
const OPENS: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
])

/** The tokens of a source, as far as it takes to tell code from what is written about it: comments and patterns are none. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: { kind: Token['kind']; text: string; line: number; pair: number }[] = []
  const open: number[] = []
  let line = 1
  let at = 0

  function take(kind: Token['kind'], end: number, inside: string = source.slice(at, end)): void {
    tokens.push({ kind, text: inside, line, pair: -1 })
    pass(end)
  }

  function pass(end: number): void {
    line += source.slice(at, end).split('\n').length - 1
    at = end
  }

  function bracket(sign: string): void {
    const here = tokens.length - 1
    if (sign === '(' || sign === '[' || sign === '{') return void open.push(here)
    const other = open.pop()
    const [opening, closing] = [tokens[other ?? -1], tokens[here]]
    if (other === undefined || opening === undefined || closing === undefined || opening.text !== OPENS.get(sign)) {
      throw new SyntaxError(`line ${line}: ${sign} closes nothing`)
    }
    opening.pair = here
    closing.pair = other
  }

  while (at < source.length) {
    const sign = source.charAt(at)
    if (/\s/.test(sign)) pass(at + 1)
    else if (source.startsWith('//', at)) pass(indexOr(source, '\n', at))
    else if (source.startsWith('/*', at)) pass(indexOr(source, '*/', at + 2) + 2)
    else if (sign === "'" || sign === '"' || sign === '`') {
      const end = endOfText(source, at)
      take('text', end, source.slice(at + 1, end - 1))
    } else if (sign === '/' && isPatternAfter(tokens.at(-1))) pass(endOfPattern(source, at))
    else if (WORD.test(sign)) take('word', endOfWord(source, at))
    else if (source.startsWith('=>', at)) take('sign', at + 2)
    else {
      take('sign', at + 1)
      if ('()[]{}'.includes(sign)) bracket(sign)
    }
  }
  if (open.length > 0) throw new SyntaxError(`line ${tokens[open.at(-1) ?? -1]?.line}: a bracket is never closed`)
  return tokens
}

function indexOr(source: string, what: string, from: number): number {
  const found = source.indexOf(what, from)
  return found < 0 ? source.length : found
}

function endOfWord(source: string, from: number): number {
  let end = from
  while (end < source.length && WORD.test(source.charAt(end))) end++
  return end
}

/** Behind the quote that ends it; a template may hold code, and that other templates. */
function endOfText(source: string, from: number): number {
  const quote = source.charAt(from)
  let end = from + 1
  while (end < source.length && source.charAt(end) !== quote) {
    if (source.charAt(end) === '\\') end += 2
    else if (quote === '`' && source.startsWith('${', end)) end = endOfCode(source, end + 2)
    else end++
  }
  return end + 1
}

function endOfCode(source: string, from: number): number {
  let depth = 1
  let end = from
  while (end < source.length && depth > 0) {
    const sign = source.charAt(end)
    if ('\'"`'.includes(sign)) end = endOfText(source, end)
    else {
      if (sign === '{') depth++
      if (sign === '}') depth--
      end++
    }
  }
  return end
}

function endOfPattern(source: string, from: number): number {
  let end = from + 1
  let isClass = false
  while (end < source.length) {
    const sign = source.charAt(end)
    if (sign === '\\') end++
    else if (sign === '[') isClass = true
    else if (sign === ']') isClass = false
    else if (sign === '/' && !isClass) return end + 1
    end++
  }
  return end
}

/** Whether a slash begins a pattern here, and does not divide. */
function isPatternAfter(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'word') return BEFORE_PATTERN.has(before.text)
  return before.kind === 'sign' && ![')', ']', '}'].includes(before.text)
}
