import { describe, expect, test } from 'bun:test'
import { createRandom } from '@bao-mcp/protocol/testing'
import { JqlError } from './jql-error.ts'
import { parseJql } from './parse.ts'
import type { Clause } from './query.ts'

describe('parseJql', () => {
  test('binds NOT tighter than AND, and AND tighter than OR', () => {
    expect(shape('a = 1 OR NOT b = 2 AND c = 3')).toBe('(a OR ((NOT b) AND c))')
    expect(shape('(a = 1 || ! b = 2) && c = 3')).toBe('((a OR (NOT b)) AND c)')
  })

  test('reads every operator, in any case', () => {
    const operators = ['=', '!=', '<', '<=', '>', '>=', '~', '!~', 'in', 'NOT in', 'Is', 'is NOT']
    const read = operators.map((operator) => {
      const value = /in$/.test(operator) ? '(1)' : /^is/i.test(operator) ? 'EMPTY' : '1'
      const { where } = parseJql(`a ${operator} ${value}`)
      return where?.kind === 'compare' && where.operator
    })
    expect(read).toEqual(['=', '!=', '<', '<=', '>', '>=', '~', '!~', 'in', 'not in', 'is', 'is not'])
  })

  test('reads quoted values with escapes, functions with arguments, and several sort terms', () => {
    expect(parseJql('"Story point" in ("a \\"b\\"", \'\\u00fc\', now(-1d), EMPTY) ORDER BY x, y DESC, z asc')).toEqual({
      where: {
        kind: 'compare',
        field: 'Story point',
        operator: 'in',
        values: [
          { kind: 'text', text: 'a "b"' },
          { kind: 'text', text: 'ü' },
          { kind: 'call', name: 'now', args: ['-1d'] },
          { kind: 'empty' },
        ],
      },
      orderBy: [
        { field: 'x', isDescending: false },
        { field: 'y', isDescending: true },
        { field: 'z', isDescending: false },
      ],
    })
  })

  test('has no restriction for nothing and for an order alone', () => {
    expect(parseJql('  ')).toEqual({ orderBy: [] })
    expect(parseJql('order by created').where).toBeUndefined()
  })

  test.each([
    ['status =', 'Expecting either a value, list or function but got the end of the query. (line 1, character 9)'],
    ['status Done', "Expecting operator but got 'Done'."],
    ['status = Done priority = High', "Expecting either 'OR' or 'AND' but got 'priority'. (line 1, character 15)"],
    ['a = 1 AND\n(b = 2', "Expecting ')' but got the end of the query. (line 2, character 7)"],
    ['a = "open', "The quoted string 'open' has not been completed. (line 1, character 5)"],
    ['a = b@c', "The character '@' is a reserved JQL character."],
    ['a = "\\q"', "'\\q' is an illegal JQL escape sequence."],
    ['a in ()', "Expecting either a value, list or function but got ')'. (line 1, character 7)"],
    ['a is 1', "The operator 'is' only takes 'EMPTY' or 'NULL'."],
    ['and = 1', "Expecting a field name but got 'and'. (line 1, character 1)"],
  ])('says where %j is wrong', (jql, message) => {
    expect(failure(jql).message).toContain(message)
  })

  test('refuses nesting and length without end', () => {
    expect(failure(`${'('.repeat(5_000)}a = 1`).message).toContain('nests deeper than 50 levels')
    expect(failure(`${'NOT '.repeat(5_000)}a = 1`).message).toContain('nests deeper than 50 levels')
    expect(failure(Array(600).fill('a = 1').join(' OR ')).message).toContain('more than 500 clauses')
  })

  test('never throws anything but its own error, whatever it reads', () => {
    const random = createRandom(20_260_131)
    const pieces = [
      ...['project', 'status', '"a b"', "'", '"', '=', '!=', '!', '~', '<=', '(', ')', ',', 'in', 'not', 'is', 'empty'],
      ...[
        'and',
        'or',
        'order',
        'by',
        'desc',
        '-7d',
        '2026-01-31',
        'currentUser()',
        '\\',
        '\\u00',
        '\n',
        ' ',
        '@',
        '日',
        '\u{1F600}',
        '\0',
      ],
    ]
    let parsed = 0
    for (let round = 0; round < 5_000; round++) {
      const jql = Array.from({ length: random.below(14) }, () => random.pick(pieces)).join(random.pick(['', ' ']))
      try {
        parseJql(jql)
        parsed++
      } catch (error) {
        expect({ jql, error }).toEqual({ jql, error: expect.any(JqlError) })
      }
    }
    expect(parsed).toBeGreaterThan(0)
  })
})

function failure(jql: string): Error {
  try {
    parseJql(jql)
  } catch (error) {
    if (error instanceof JqlError) return error
    throw error
  }
  throw new Error(`${jql} was parsed`)
}

function shape(jql: string): string {
  const { where } = parseJql(jql)
  return where === undefined ? '' : shown(where)
}

function shown(clause: Clause): string {
  switch (clause.kind) {
    case 'compare':
      return clause.field
    case 'not':
      return `(NOT ${shown(clause.clause)})`
    default:
      return `(${clause.clauses.map(shown).join(` ${clause.kind.toUpperCase()} `)})`
  }
}
