import { type Expression, encodeForeign, expandExpression } from './uri-template-expand.ts'
import { type MatchStep, matchSteps, type UriText } from './uri-template-match.ts'

/** A URI longer than this matches no template; UTF-16 units. */
export const MAX_TEMPLATE_URI_LENGTH = 65_536

/** A compiled RFC 6570 template of level 1, 2 or 3. */
export interface UriTemplate {
  readonly source: string
  /** Names of its variables in the order they appear. */
  readonly variables: readonly string[]
  /** Fills it in; a variable without a value leaves nothing behind. */
  expand(values: { readonly [name: string]: string | undefined }): string
  /**
   * The percent-decoded values with which the template gives this URI; undefined when there are none. Variables outside
   * of `{?}`, `{&}` and `{;}` take at least one character, and all they can, left to right; those inside may be left out
   * and come in any order. The work grows linearly with the URI.
   */
  match(uri: UriText): { [name: string]: string } | undefined
}

const OPERATORS = '+#./;?&'
const NAME = /^(?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*$/

/**
 * Compiles a template.
 * @throws {TypeError} for what is no template: unbalanced braces, a name that is none or comes twice, modifiers of level 4
 * @see https://www.rfc-editor.org/rfc/rfc6570
 */
export function parseUriTemplate(source: string): UriTemplate {
  const parts = partsOf(source)
  const variables = parts.flatMap((part) => (typeof part === 'string' ? [] : part.names))
  const twice = variables.find((name, at) => variables.indexOf(name) !== at)
  if (twice !== undefined) throw broken(source, `the variable ${JSON.stringify(twice)} comes twice`)
  const steps = parts.flatMap(stepsOf)
  return {
    source,
    variables,
    expand: (values) =>
      parts.map((part) => (typeof part === 'string' ? part : expandExpression(part, values))).join(''),
    match(uri) {
      if (uri.length > MAX_TEMPLATE_URI_LENGTH) return undefined
      const found = matchSteps(steps, uri)
      return found === undefined ? undefined : decodeAll(found)
    },
  }
}

type Part = string | Expression

function partsOf(source: string): Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < source.length) {
    const open = source.indexOf('{', at)
    const literal = open === -1 ? source.slice(at) : source.slice(at, open)
    if (literal.includes('}')) throw broken(source, 'a "}" closes nothing')
    if (literal !== '') parts.push(encodeForeign(literal))
    if (open === -1) break
    const close = source.indexOf('}', open)
    if (close === -1) throw broken(source, 'a "{" is not closed')
    parts.push(expressionOf(source.slice(open + 1, close), source))
    at = close + 1
  }
  return parts
}

function expressionOf(text: string, source: string): Expression {
  const first = text.charAt(0)
  const operator = first !== '' && OPERATORS.includes(first) ? first : ''
  const names = text.slice(operator.length).split(',')
  for (const name of names) {
    if (/[*]$|:\d+$/.test(name)) throw broken(source, `${JSON.stringify(name)} has a modifier of level 4`)
    if (!NAME.test(name)) throw broken(source, `${JSON.stringify(name)} is no name of a variable`)
  }
  return { operator, names }
}

/** What stands before the first value of an expression, and between the others. */
const LEAD: Readonly<Record<string, readonly [first: string, next: string]>> = {
  '': ['', ','],
  '+': ['', ','],
  '#': ['#', ','],
  '.': ['.', '.'],
  '/': ['/', '/'],
}

function stepsOf(part: Part): MatchStep[] {
  if (typeof part === 'string') return [{ kind: 'literal', text: part }]
  const { operator, names } = part
  const lead = LEAD[operator]
  if (lead === undefined) return [{ kind: 'named', operator, names }]
  const takes = operator === '+' || operator === '#' ? 'anything' : 'segment'
  return names.flatMap((name, at): MatchStep[] => {
    const text = at === 0 ? lead[0] : lead[1]
    const value: MatchStep = { kind: 'value', name, takes }
    return text === '' ? [value] : [{ kind: 'literal', text }, value]
  })
}

function decodeAll(found: ReadonlyMap<string, string>): { [name: string]: string } | undefined {
  try {
    return Object.fromEntries([...found].map(([name, raw]) => [name, decodeURIComponent(raw)]))
  } catch {
    // broken percent-encoding, which no value expands to
    return undefined
  }
}

function broken(source: string, why: string): TypeError {
  return new TypeError(`URI template ${JSON.stringify(source)}: ${why}`)
}
