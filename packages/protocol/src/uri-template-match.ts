/** What is read of a URI to match it. */
export type UriText = Pick<string, 'length' | 'charCodeAt' | 'slice'>

/** What a template expects next. */
export type MatchStep =
  | { kind: 'literal'; text: string }
  /** One value of at least one character; `segment` ends at `/`, `?` and `#`. */
  | { kind: 'value'; name: string; takes: 'segment' | 'anything' }
  /** Pairs of name and value, each at most once and in any order. */
  | { kind: 'named'; operator: string; names: readonly string[] }

/**
 * The raw values under which the steps make up the whole URI; undefined when there are none. For each step and place it
 * is worked out once, from the end, whether the rest fits; the values are then read from the start without trying.
 */
export function matchSteps(steps: readonly MatchStep[], uri: UriText): ReadonlyMap<string, string> | undefined {
  const { length } = uri
  const breaks = boundaries(uri)
  let next = new Uint8Array(length + 1)
  next[length] = 1
  /** One row per step: whether it and all after it fit from a place on. */
  const fits: Uint8Array[] = [next]
  for (const step of steps.toReversed()) {
    const row = new Uint8Array(length + 1)
    for (let at = length; at >= 0; at--) if (fitsAt(step, uri, at, row, next, breaks)) row[at] = 1
    fits.unshift(row)
    next = row
  }
  return next[0] === 1 ? readValues(steps, uri, fits) : undefined
}

function fitsAt(
  step: MatchStep,
  uri: UriText,
  at: number,
  row: Uint8Array,
  next: Uint8Array,
  breaks: Uint8Array,
): boolean {
  switch (step.kind) {
    case 'literal':
      return isAt(step.text, uri, at) && next[at + step.text.length] === 1
    case 'value':
      if (at >= uri.length || !mayTake(step.takes, uri.charCodeAt(at))) return false
      return row[at + 1] === 1 || (next[at + 1] === 1 && breaks[at + 1] === 1)
    case 'named':
      return next[readPairs(step, uri, at, undefined)] === 1
    default:
      return step satisfies never
  }
}

function readValues(
  steps: readonly MatchStep[],
  uri: UriText,
  fits: readonly Uint8Array[],
): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let at = 0
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'literal') {
      at += step.text.length
    } else if (step.kind === 'named') {
      at = readPairs(step, uri, at, values)
    } else {
      const start = at
      // as far as the rest still fits from the same step
      while (fits[index]?.[at + 1] === 1) at++
      at++
      values.set(step.name, uri.slice(start, at))
    }
  }
  return values
}

/** Where the pairs end that begin here; the place itself when there are none. */
function readPairs(
  { operator, names }: MatchStep & { kind: 'named' },
  uri: UriText,
  from: number,
  into: Map<string, string> | undefined,
): number {
  const between = operator === ';' ? ';' : '&'
  const taken = new Set<string>()
  let at = from
  for (;;) {
    if (!isAt(at === from ? operator : between, uri, at)) return at
    const start = at + 1
    const name = names.find((one) => !taken.has(one) && isAt(one, uri, start) && endsName(uri, start + one.length))
    if (name === undefined) return at
    taken.add(name)
    const equals = start + name.length
    const valueAt = isAt('=', uri, equals) ? equals + 1 : equals
    at = valueAt
    while (at < uri.length && !endsPair(operator, uri.charCodeAt(at))) at++
    into?.set(name, uri.slice(valueAt, at))
  }
}

function endsName(uri: UriText, at: number): boolean {
  return at >= uri.length || NAME_ENDS.has(uri.charCodeAt(at))
}

function endsPair(operator: string, code: number): boolean {
  return (
    code === HASH || code === (operator === ';' ? SEMICOLON : AMPERSAND) || (operator === ';' && SEGMENT_ENDS.has(code))
  )
}

function isAt(text: string, uri: UriText, at: number): boolean {
  if (at + text.length > uri.length) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== uri.charCodeAt(at + i)) return false
  return true
}

function mayTake(takes: 'segment' | 'anything', code: number): boolean {
  return takes === 'anything' || !SEGMENT_ENDS.has(code)
}

/** Where a value may end: not within the percent-encoded bytes of one character. */
function boundaries(uri: UriText): Uint8Array {
  const breaks = new Uint8Array(uri.length + 1).fill(1)
  for (let at = 0; at < uri.length; at++) {
    if (uri.charCodeAt(at) !== PERCENT) continue
    const isContinuation = CONTINUATION_DIGITS.has(uri.charCodeAt(at + 1))
    if (isContinuation && at >= 3 && uri.charCodeAt(at - 3) === PERCENT) breaks[at] = 0
    if (at + 1 < uri.length) breaks[at + 1] = 0
    if (at + 2 < uri.length) breaks[at + 2] = 0
  }
  return breaks
}

const codesOf = (characters: string): ReadonlySet<number> => new Set([...characters].map((one) => one.charCodeAt(0)))

const PERCENT = 0x25
const HASH = 0x23
const AMPERSAND = 0x26
const SEMICOLON = 0x3b
const SEGMENT_ENDS = codesOf('/?#')
const NAME_ENDS = codesOf('=&;#/?')
/** The first hexadecimal digit of a byte that continues a character of UTF-8. */
const CONTINUATION_DIGITS = codesOf('89abAB')
