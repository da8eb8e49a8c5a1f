import { badRequest, type JiraFailure } from '../failure.ts'
import { needles } from '../words.ts'
import { type DateRange, readDate } from './dates.ts'
import { type IndexField, indexField } from './index-fields.ts'
import { JqlError } from './jql-error.ts'
import { parseJql } from './parse.ts'
import type { Clause, Operator, Value } from './query.ts'

/** What a query means depends on who asks and when, and on what the site has. */
export interface JqlContext {
  accountId: string
  nowMs: number
  /** Whether a query may restrict nothing, as on Data Center. */
  mayBeUnbounded: boolean
  /** Stored values that a name means for a field, such as the key of a project; none when there is no such thing. */
  resolve(kind: IndexField['names'], value: string): readonly (string | number)[]
}

/** A query as SQL over the table `search_index`; every value is bound. */
export interface CompiledJql {
  where: string
  bindings: (string | number)[]
  /** Never null, so that a page can start after the values of the last row. */
  orderBy: readonly { sql: string; isDescending: boolean }[]
}

const MAX_VALUES = 10_000
const UNBOUNDED = 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.'

/** Parses and compiles a query.
 *  @throws {JiraFailure} 400 for a query that cannot be understood or restricts nothing */
export function compileJql(jql: string, context: JqlContext): CompiledJql {
  try {
    const { where, orderBy } = parseJql(jql)
    if (where === undefined && !context.mayBeUnbounded) throw new JqlError(UNBOUNDED)
    const bindings: (string | number)[] = []
    const sql = where === undefined ? 'TRUE' : compileClause(where, context, bindings)
    if (bindings.length > MAX_VALUES) throw new JqlError(`The query has more than ${MAX_VALUES} values.`)
    return { where: sql, bindings, orderBy: orderBy.map(sortTerm) }
  } catch (error) {
    throw error instanceof JqlError ? asFailure(error) : error
  }
}

function asFailure(error: JqlError): JiraFailure {
  return badRequest(error.message)
}

function sortTerm({ field, isDescending }: { field: string; isDescending: boolean }) {
  return { sql: indexField(field).sort, isDescending }
}

function compileClause(clause: Clause, context: JqlContext, bindings: (string | number)[]): string {
  switch (clause.kind) {
    case 'and':
    case 'or':
      return `(${clause.clauses.map((each) => compileClause(each, context, bindings)).join(` ${clause.kind.toUpperCase()} `)})`
    case 'not':
      return `(NOT ${compileClause(clause.clause, context, bindings)})`
    case 'compare':
      return comparison(clause, context, bindings)
    default:
      throw new JqlError(`unknown clause ${String(clause satisfies never)}`)
  }
}

function comparison(
  { field: name, operator, values }: Extract<Clause, { kind: 'compare' }>,
  context: JqlContext,
  bindings: (string | number)[],
): string {
  const field = indexField(name)
  if (!field.operators.includes(operator)) {
    throw new JqlError(`The operator '${operator}' is not supported by the '${name}' field.`)
  }
  if (operator === 'is' || operator === 'is not') return isEmpty(field, operator === 'is not')
  if (operator === 'in' || operator === 'not in') return membership(field, name, operator, values, context, bindings)
  const [value] = values
  if (value === undefined) throw new JqlError(`The '${name}' field has no value.`)
  if (value.kind === 'empty') {
    if (operator === '=' || operator === '!=') return isEmpty(field, operator === '!=')
    throw new JqlError(`The operator '${operator}' does not take 'EMPTY' for the '${name}' field.`)
  }
  if (operator === '~' || operator === '!~') return contains(field, textOf(value, name), operator === '!~', bindings)
  if (field.kind === 'date') return dateComparison(field, name, operator, value, context, bindings)
  if (operator === '=' || operator === '!=') {
    return membership(field, name, operator === '=' ? 'in' : 'not in', values, context, bindings)
  }
  const [bound] = resolved(field, name, value, context)
  bindings.push(bound ?? '')
  return `${field.column} ${field.isReversed === true ? reversed(operator) : operator} ?`
}

function membership(
  field: IndexField,
  name: string,
  operator: 'in' | 'not in',
  values: readonly Value[],
  context: JqlContext,
  bindings: (string | number)[],
): string {
  const bound = values.flatMap((value) => (value.kind === 'empty' ? [] : [...resolved(field, name, value, context)]))
  const withEmpty = values.length > 0 && values.some((value) => value.kind === 'empty')
  bindings.push(...bound)
  const marks = bound.map(() => '?').join(', ')
  const isIn =
    field.kind === 'list'
      ? `EXISTS (SELECT 1 FROM json_each(${field.column}) WHERE value IN (${marks}))`
      : `${field.column} IN (${marks})`
  const isNotEmpty = isEmpty(field, true)
  if (operator === 'in') return withEmpty ? `(${isIn} OR ${isEmpty(field, false)})` : isIn
  // what is empty never matches a "not": Jira wants `OR x IS EMPTY` to be said
  return `(NOT ${isIn} AND ${isNotEmpty})`
}

function isEmpty(field: IndexField, isNegated: boolean): string {
  if (field.kind === 'list') return `${field.column} ${isNegated ? '!=' : '='} '[]'`
  if (field.kind === 'text') return `trim(${field.column}) ${isNegated ? '!=' : '='} ''`
  return `${field.column} IS ${isNegated ? 'NOT ' : ''}NULL`
}

function contains(field: IndexField, value: string, isNegated: boolean, bindings: (string | number)[]): string {
  const wanted = needles(value)
  if (wanted.length === 0) throw new JqlError(`The text query '${value}' is not allowed to have no words.`)
  bindings.push(...wanted)
  return `(${isNegated ? 'NOT ' : ''}(${wanted.map(() => `instr(${field.column}, ?) > 0`).join(' AND ')}))`
}

function dateComparison(
  { column }: IndexField,
  name: string,
  operator: Operator,
  value: Value,
  context: JqlContext,
  bindings: (string | number)[],
): string {
  const { fromMs, untilMs }: DateRange = readDate(value, name, context.nowMs)
  if (operator === '=' || operator === '!=') {
    bindings.push(fromMs, untilMs)
    return `(${operator === '!=' ? 'NOT ' : ''}(${column} >= ? AND ${column} <= ?))`
  }
  // a day given as `<= 2026-01-31` means its first moment, as in Jira
  bindings.push(fromMs)
  return `${column} ${operator} ?`
}

function resolved(field: IndexField, name: string, value: Value, context: JqlContext): readonly (string | number)[] {
  if (field.kind === 'date') return [readDate(value, name, context.nowMs).fromMs]
  if (value.kind === 'call' && value.name.toLowerCase() === 'currentuser' && field.names === 'user') {
    return [context.accountId]
  }
  const text = textOf(value, name)
  const found = context.resolve(field.names, text)
  if (found.length > 0) return found
  if (field.names === 'issue') throw new JqlError(`An issue with key '${text}' does not exist for field '${name}'.`)
  throw new JqlError(`The value '${text}' does not exist for the field '${name}'.`)
}

function textOf(value: Value, name: string): string {
  if (value.kind === 'text') return value.text
  throw new JqlError(
    value.kind === 'empty'
      ? `The '${name}' field does not take 'EMPTY' here.`
      : `Unable to find JQL function '${value.name}(${value.args.join(', ')})' for the '${name}' field.`,
  )
}

function reversed(operator: Operator): string {
  return operator.startsWith('<') ? operator.replace('<', '>') : operator.replace('>', '<')
}
