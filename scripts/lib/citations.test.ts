import { describe, expect, test } from 'bun:test'
import { contradictions, findCitations, withImplemented } from './citations.ts'

/** Keeps the examples below from being citations themselves. */
const cite = (inside: string): string => `[${inside}]`

function citedIn(...lines: string[]): [id: string, place: string, name: string][] {
  const found = findCitations([{ path: 'a.test.ts', text: lines.join('\n') }])
  return [...found].flatMap(([id, all]) => all.map(({ place, name }): [string, string, string] => [id, place, name]))
}

describe('finding citations', () => {
  test('reads names of tests, alone and in lists, with their places', () => {
    const cited = citedIn(
      `test('it is his\\'s ${cite('MCP-001')} ${cite('MCP-002, MCP-003')}', () => {})`,
      '',
      `describe("all", () => { it.only(\`${cite('MCP-001')} speaks\`, f) })`,
    )
    expect(cited).toEqual([
      ['MCP-001', 'a.test.ts:1', "it is his's"],
      ['MCP-001', 'a.test.ts:3', 'speaks'],
      ['MCP-002', 'a.test.ts:1', "it is his's"],
      ['MCP-003', 'a.test.ts:1', "it is his's"],
    ])
  })

  test('reads names that are filled from rows, and the rows, wherever they stand', () => {
    const cited = citedIn(
      `test.each<[string, Map<string, number>]>([`,
      `  ['in place ${cite('MCP-001')}', /[)"]/, \`\${f('}')}\`],`,
      `])('row %s ${cite('MCP-002')}', f)`,
      `const rows: readonly Row[] = [{ name: 'given ${cite('MCP-003')}' }]`,
      'test.each(rows)("$name", f)',
      `const looped: [string][] = [['looped ${cite('MCP-004')}']]`,
      'for (const [how] of looped) { test(how, f) }',
    )
    expect(cited.map(([id, place, name]) => `${id} ${place} ${name}`)).toEqual([
      'MCP-001 a.test.ts:2 in place',
      'MCP-002 a.test.ts:3 row %s',
      'MCP-003 a.test.ts:4 given',
      'MCP-004 a.test.ts:6 looped',
    ])
  })

  const id = cite('MCP-001')
  test.each([
    ['without brackets', "test('see MCP-001', f)"],
    ['in a comment', `// ${id}\n/* test('${id}', f) */ test('it', () => {\n  // ${id}\n})`],
    ['in a test that is to be written', `test.todo('keeps it ${id}')`],
    ['in a test that is left out', `test.skip('it ${id}', f)`],
    ['in a test of a row that is left out', `test.skip.each(['${id}'])('%s', f); test.each([1]).skip('${id}', f)`],
    ['in a test that runs on a condition', `test.skipIf(true)('it ${id}', f); test.if(isLinux)('it ${id}', f)`],
    ['in a test that is meant to fail', `test.failing('it ${id}', f)`],
    ['in a group that is left out', `describe.skip('all', () => { test('it ${id}', f) })`],
    [
      'in rows that nothing runs',
      `const rows = ['${id}']\ntest.todo('%s')\nfor (const row of rows) { test.skip(row, f) }`,
    ],
    ['in what a test does', `test('it', () => { expect('${id}').toBe(one.test('${id}')) })`],
  ])('an id %s is no citation', (_, text) => {
    expect(citedIn(text)).toEqual([])
  })

  test('a file that cannot be read is told, not passed over', () => {
    expect(() => citedIn(`test('${id}', () => {`)).toThrow('line 1: a bracket is never closed')
    expect(() => citedIn(`test('${id}', f))`)).toThrow('line 1: ) closes nothing')
  })
})

describe('requirements and citations', () => {
  const requirements = { 'MCP-001': { status: 'implemented' }, 'MCP-002': { status: 'later' } } as const
  const at = { place: 'a:1', path: 'a', name: 'n' }
  const judge = (...ids: string[]): string[] => contradictions(requirements, new Map(ids.map((id) => [id, [at]])))

  test('agree when all that is implemented is cited and nothing else', () => {
    expect(judge('MCP-001')).toEqual([])
  })

  test('contradict each other when an implemented one is not cited', () => {
    expect(judge()).toEqual(['MCP-001 is implemented and no test cites it'])
  })

  test('contradict each other when a later one is cited', () => {
    expect(judge('MCP-001', 'MCP-002')).toEqual(['MCP-002 is cited at a:1 and stands as later'])
  })

  test('contradict each other when an id is unknown or mistyped', () => {
    expect(judge('MCP-001', 'MCP-999', 'MCP-1')).toHaveLength(2)
  })
})

describe('keeping the list of implemented rules', () => {
  const source = 'a\nconst implemented: ReadonlySet<number> = new Set<number>([\n  1,\n])\nb\n'

  test('replaces it, sorted, and touches nothing else', () => {
    const next = 'a\nconst implemented: ReadonlySet<number> = new Set<number>([2, 10])\nb\n'
    expect(withImplemented(source, [10, 2])).toBe(next)
  })

  test('refuses a source without it', () => {
    expect(() => withImplemented('const other = []', [1])).toThrow('not where it was')
  })
})
