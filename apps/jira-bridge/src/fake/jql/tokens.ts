import { JqlError, type Place } from './jql-error.ts'

/** One piece of a query. `word` is unquoted text (keywords among it), `string` a quoted one, already unescaped. */
export interface Token {
  kind: 'word' | 'string' | 'symbol' | 'end'
  text: string
  place: Place
}

const SYMBOLS = ['!=', '!~', '<=', '>=', '&&', '||', '=', '~', '<', '>', '!', '&', '|', '(', ')', ','] as const
const RESERVED = /[{}*/%^$#@?.;+[\]`:\\]/
const WORD = /[^\s=!<>~()&|,'"{}*%^$#@?;+`]+/y
const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  '\\': '\\',
  '"': '"',
  "'": "'",
  ' ': ' ',
}

/** Cuts a query into tokens; the last one is always of kind `end`.
 *  @throws {JqlError} for a reserved character, a broken escape, or a string without an end */
export function tokenize(jql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < jql.length) {
    const char = jql.charAt(at)
    if (/\s/.test(char)) {
      at++
      continue
    }
    const place = placeOf(jql, at)
    if (char === '"' || char === "'") {
      const { text, end } = quoted(jql, at, place)
      tokens.push({ kind: 'string', text, place })
      at = end
      continue
    }
    const symbol = SYMBOLS.find((candidate) => jql.startsWith(candidate, at))
    if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, place })
      at += symbol.length
      continue
    }
    const word = wordAt(jql, at)
    if (word === '' || RESERVED.test(word.charAt(0))) throw reserved(char, place)
    tokens.push({ kind: 'word', text: word, place })
    at += word.length
  }
  tokens.push({ kind: 'end', text: '', place: placeOf(jql, jql.length) })
  return tokens
}

function wordAt(jql: string, at: number): string {
  WORD.lastIndex = at
  return WORD.exec(jql)?.[0] ?? ''
}

function quoted(jql: string, start: number, place: Place): { text: string; end: number } {
  const quote = jql.charAt(start)
  let text = ''
  for (let at = start + 1; at < jql.length; at++) {
    const char = jql.charAt(at)
    if (char === quote) return { text, end: at + 1 }
    if (char !== '\\') {
      text += char
      continue
    }
    at++
    const escaped = jql.charAt(at)
    const hex = escaped === 'u' ? /^[0-9a-fA-F]{4}/.exec(jql.slice(at + 1, at + 5))?.[0] : undefined
    if (hex !== undefined) {
      text += String.fromCharCode(Number.parseInt(hex, 16))
      at += 4
      continue
    }
    const plain = ESCAPES[escaped]
    if (plain === undefined) {
      throw new JqlError(
        `'\\${escaped}' is an illegal JQL escape sequence. The valid escape sequences are \\', \\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX.`,
        { place: placeOf(jql, at - 1) },
      )
    }
    text += plain
  }
  throw new JqlError(`The quoted string '${jql.slice(start + 1)}' has not been completed.`, { place })
}

function reserved(char: string, place: Place): JqlError {
  const code = char.charCodeAt(0).toString(16).padStart(4, '0')
  return new JqlError(
    `The character '${char}' is a reserved JQL character. You must enclose it in a string or use the escape '\\u${code}' instead.`,
    { place },
  )
}

function placeOf(jql: string, at: number): Place {
  const before = jql.slice(0, at).split('\n')
  return { line: before.length, character: (before.at(-1)?.length ?? 0) + 1 }
}
