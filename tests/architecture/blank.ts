export interface Blanked {
  /** Comments replaced by spaces. */
  code: string
  /** Comments, the contents of strings, templates and regular expressions replaced by spaces. */
  bare: string
}

/** Tokens after which a slash begins a regular expression and not a division. */
const beforeRegex =
  /^(?:|[(,=:[!&|?{};+\-*%<>~^]|(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield))$/

/** Blanks what is no code. All three texts have the same length, so that an index means the same place in each. */
export function blank(text: string): Blanked {
  const code = text.split('')
  const bare = [...code]
  const hide = (target: string[], from: number, to: number): void => {
    for (let at = from; at < to; at++) if (text[at] !== '\n') target[at] = ' '
  }
  const hideComment = (from: number, to: number): void => {
    hide(code, from, to)
    hide(bare, from, to)
  }
  /** Depth of braces inside each open `${`. */
  const holes: number[] = []
  /** The last word or sign that is neither blank nor comment. */
  let significant = ''
  let gap = false

  /** From just behind the opening backtick or a hole's closing brace; returns where code goes on. */
  const template = (from: number): number => {
    for (let at = from; at < text.length; at++) {
      if (text[at] === '\\') at++
      else if (text[at] === '`') return close(from, at, at + 1)
      else if (text.startsWith('${', at)) {
        holes.push(0)
        return close(from, at, at + 2)
      }
    }
    return text.length
  }
  const close = (from: number, to: number, next: number): number => {
    hide(bare, from, to)
    return next
  }

  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? ''
    const two = text.slice(at, at + 2)
    if (two === '//' || (at === 0 && two === '#!')) {
      const end = endOr(text.indexOf('\n', at), text)
      hideComment(at, end)
      at = end
    } else if (two === '/*') {
      const found = text.indexOf('*/', at + 2)
      const end = found < 0 ? text.length : found + 2
      hideComment(at, end)
      at = end
    } else if (char === "'" || char === '"') {
      const end = endOfString(text, at + 1, char)
      at = close(at + 1, end, end + 1)
      significant = char
    } else if (char === '`') {
      at = template(at + 1)
      significant = char
    } else if (char === '/' && beforeRegex.test(significant)) {
      const end = endOfRegex(text, at + 1)
      at = close(at + 1, end, end + 1)
      significant = '/x'
    } else {
      const depth = holes.at(-1)
      if (depth !== undefined && char === '{') holes[holes.length - 1] = depth + 1
      if (depth !== undefined && char === '}') {
        if (depth === 0) {
          holes.pop()
          at = template(at + 1)
          significant = '`'
          continue
        }
        holes[holes.length - 1] = depth - 1
      }
      if (/\s/.test(char)) gap = true
      else {
        significant = !gap && /\w/.test(char) && /^\w/.test(significant) ? significant + char : char
        gap = false
      }
      at++
    }
  }
  return { code: code.join(''), bare: bare.join('') }
}

function endOr(found: number, text: string): number {
  return found < 0 ? text.length : found
}

function endOfString(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote || text[at] === '\n') return at
  }
  return text.length
}

function endOfRegex(text: string, from: number): number {
  let inClass = false
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '\n') return at
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return at
  }
  return text.length
}
