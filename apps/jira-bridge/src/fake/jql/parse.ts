import { JqlError } from './jql-error.ts'
import type { Clause, Operator, Query, Value } from './query.ts'
import { type Token, tokenize } from './tokens.ts'

const MAX_DEPTH = 50
const MAX_CLAUSES = 500
const SYMBOL_OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=', '~', '!~']
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'is', 'order', 'by', 'asc', 'desc', 'empty', 'null'])
const VALID = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."

/** Parses a query: NOT binds tighter than AND, AND tighter than OR.
 *  @throws {JqlError} naming the line and the character */
export function parseJql(jql: string): Query {
  return createParser(tokenize(jql)).query()
}

function createParser(tokens: readonly Token[]): { query(): Query } {
  let at = 0
  let clauseCount = 0
  const end: Token = tokens[tokens.length - 1] ?? { kind: 'end', text: '', place: { line: 1, character: 1 } }
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end
  const isWord = (word: string, ahead = 0) => peek(ahead).kind === 'word' && peek(ahead).text.toLowerCase() === word
  const isSymbol = (...symbols: string[]) => peek().kind === 'symbol' && symbols.includes(peek().text)
  const isOrderBy = () => isWord('order') && isWord('by', 1)

  function take(): Token {
    const token = peek()
    at++
    return token
  }

  function query(): Query {
    const where = peek().kind === 'end' || isOrderBy() ? undefined : either(0)
    const orderBy = isOrderBy() ? order() : []
    if (peek().kind !== 'end') throw expected(where === undefined ? "'ORDER BY'" : "either 'OR' or 'AND'")
    return { ...(where !== undefined && { where }), orderBy }
  }

  function either(depth: number): Clause {
    const clauses = [both(depth)]
    while (isWord('or') || isSymbol('|', '||')) {
      take()
      clauses.push(both(depth))
    }
    return joined('or', clauses)
  }

  function both(depth: number): Clause {
    const clauses = [single(depth)]
    while (isWord('and') || isSymbol('&', '&&')) {
      take()
      clauses.push(single(depth))
    }
    return joined('and', clauses)
  }

  function single(depth: number): Clause {
    if (isWord('not') || isSymbol('!')) {
      take()
      return { kind: 'not', clause: single(deeper(depth)) }
    }
    if (!isSymbol('(')) return comparison()
    take()
    const inner = either(deeper(depth))
    if (!isSymbol(')')) throw expected("')'")
    take()
    return inner
  }

  function deeper(depth: number): number {
    if (depth < MAX_DEPTH) return depth + 1
    throw new JqlError(`The query nests deeper than ${MAX_DEPTH} levels.`, { place: peek().place })
  }

  function comparison(): Clause {
    clauseCount++
    if (clauseCount > MAX_CLAUSES) throw new JqlError(`The query has more than ${MAX_CLAUSES} clauses.`)
    const field = name()
    const operator = operation()
    if (operator === 'in' || operator === 'not in') {
      const values = peek().kind === 'word' ? [value()] : list()
      return { kind: 'compare', field, operator, values }
    }
    const operand = value()
    if ((operator === 'is' || operator === 'is not') && operand.kind !== 'empty') {
      throw new JqlError(`The operator '${operator}' only takes 'EMPTY' or 'NULL'.`, { place: peek(-1).place })
    }
    return { kind: 'compare', field, operator, values: [operand] }
  }

  function name(): string {
    const token = peek()
    const isName = token.kind === 'string' || (token.kind === 'word' && !KEYWORDS.has(token.text.toLowerCase()))
    if (!isName) throw expected('a field name')
    return take().text
  }

  function operation(): Operator {
    const symbol = SYMBOL_OPERATORS.find((operator) => isSymbol(operator))
    if (symbol !== undefined) {
      take()
      return symbol
    }
    if (isWord('in')) return taken(1, 'in')
    if (isWord('not') && isWord('in', 1)) return taken(2, 'not in')
    if (isWord('is') && isWord('not', 1)) return taken(2, 'is not')
    if (isWord('is')) return taken(1, 'is')
    throw new JqlError(`Expecting operator but got ${shown(peek())}. ${VALID}`, { place: peek().place })
  }

  function taken(count: number, operator: Operator): Operator {
    at += count
    return operator
  }

  function list(): Value[] {
    if (!isSymbol('(')) throw expected("'('")
    take()
    const values = [value()]
    while (isSymbol(',')) {
      take()
      values.push(value())
    }
    if (!isSymbol(')')) throw expected("')' or ','")
    take()
    return values
  }

  function value(): Value {
    const token = peek()
    const keyword = token.kind === 'word' ? token.text.toLowerCase() : ''
    if (keyword === 'empty' || keyword === 'null') {
      take()
      return { kind: 'empty' }
    }
    const isValue = token.kind === 'string' || (token.kind === 'word' && !KEYWORDS.has(keyword))
    if (!isValue) throw expected('either a value, list or function')
    take()
    return token.kind === 'word' && isSymbol('(')
      ? { kind: 'call', name: token.text, args: callArguments() }
      : { kind: 'text', text: token.text }
  }

  function callArguments(): string[] {
    take()
    const args: string[] = []
    while (peek().kind === 'word' || peek().kind === 'string') {
      args.push(take().text)
      if (!isSymbol(',')) break
      take()
    }
    if (!isSymbol(')')) throw expected("')'")
    take()
    return args
  }

  function order(): Query['orderBy'] {
    at += 2
    const terms = [term()]
    while (isSymbol(',')) {
      take()
      terms.push(term())
    }
    return terms
  }

  function term(): { field: string; isDescending: boolean } {
    const field = name()
    const isDescending = isWord('desc')
    if (isDescending || isWord('asc')) take()
    return { field, isDescending }
  }

  function expected(what: string): JqlError {
    return new JqlError(`Expecting ${what} but got ${shown(peek())}.`, { place: peek().place })
  }

  return { query }
}

function joined(kind: 'and' | 'or', clauses: readonly Clause[]): Clause {
  const [only] = clauses
  return clauses.length === 1 && only !== undefined ? only : { kind, clauses }
}

function shown(token: Token): string {
  return token.kind === 'end' ? 'the end of the query' : `'${token.text}'`
}
