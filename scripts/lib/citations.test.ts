import { describe, expect, test } from 'bun:test'
import { contradictions, findCitations, withImplemented } from './citations.ts'

/** Keeps the examples below from being citations themselves. */
const cite = (inside: string): string => `[${inside}]`

describe('finding citations', () => {
  test('reads names and comments, alone and in lists, with their places', () => {
    const text = `test('${cite('MCP-001')} speaks', f)\n\n// ${cite('MCP-002, MCP-003')} and ${cite('MCP-001')}\n`
    const found = findCitations([{ path: 'a.test.ts', text }])
    expect([...found].map(([id, all]) => [id, all.map(({ place }) => place)])).toEqual([
      ['MCP-001', ['a.test.ts:1', 'a.test.ts:3']],
      ['MCP-002', ['a.test.ts:3']],
      ['MCP-003', ['a.test.ts:3']],
    ])
  })

  test('knows the name of the test, also of the one below a comment', () => {
    const text = [
      `test('it is his\\'s ${cite('MCP-001')} ${cite('MCP-002')}', f)`,
      `])('row %s ${cite('MCP-003')}', f)`,
      `// ${cite('MCP-004')} so it's said`,
      'test(`below`, f)',
      `// ${cite('MCP-005')}`,
    ].join('\n')
    const found = findCitations([{ path: 'a.test.ts', text }])
    expect([...found.values()].map(([first]) => first?.name)).toEqual([
      "it is his's",
      "it is his's",
      'row %s',
      'below',
      'a comment',
    ])
  })

  test('an id without brackets is no citation', () => {
    expect(findCitations([{ path: 'a.test.ts', text: 'see MCP-001' }]).size).toBe(0)
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
