import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hunt } from './hunt.ts'
import type { Mutation } from './mutation.ts'

const SUM = 'export const sum = (a: number, b: number): number => a + b\n'
/** Keeps the names below from being citations themselves. */
const rule = 'MCP-001'

const testing = (expectation: string, cites = rule): string =>
  `import { expect, test } from 'bun:test'\nimport { sum } from './sum.ts'\ntest('adds ${cites}', () => ${expectation})\n`

async function verdictOn(test: string, more: Partial<Mutation> = {}): Promise<string | undefined> {
  const copy = mkdtempSync(join(tmpdir(), 'bao-hunt-'))
  try {
    await Bun.write(join(copy, 'sum.ts'), SUM)
    await Bun.write(join(copy, 'sum.test.ts'), test)
    const mutation = {
      rule,
      wrong: 'subtracts',
      file: 'sum.ts',
      from: 'a + b',
      to: 'a - b',
      test: 'sum.test.ts',
      ...more,
    } as const
    const { problem } = await hunt(mutation, copy)
    expect(await Bun.file(join(copy, 'sum.ts')).text()).toBe(SUM)
    return problem
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

test('a test that fails once the rule is broken has noticed', async () => {
  expect(await verdictOn(testing('expect(sum(1, 2)).toBe(3)'))).toBeUndefined()
})

test('a test that passes all the same has not', async () => {
  expect(await verdictOn(testing('expect(sum(1, 0)).toBe(1)'))).toBe('sum.test.ts noticed nothing')
})

test('a test that fails before the rule is broken proves nothing', async () => {
  expect(await verdictOn(testing('expect(sum(1, 2)).toBe(4)'))).toBe('unbroken, "adds MCP-001" failed')
})

test('a file without a test of the rule proves nothing', async () => {
  expect(await verdictOn(testing('expect(sum(1, 2)).toBe(3)', 'MCP-002'))).toMatch(/^unbroken, .*sum\.test\.ts/)
})

test('a source that cannot be read when it is broken proves nothing', async () => {
  const problem = await verdictOn(testing('expect(sum(1, 2)).toBe(3)'), { to: 'a +' })
  expect(problem).toMatch(/^broken, .*sum\.test\.ts/)
})

test('a text that is gone is told', async () => {
  expect(await verdictOn(testing('expect(sum(1, 2)).toBe(3)'), { from: 'a * b' })).toBe(
    'sum.ts holds "a * b" 0 times, expected once',
  )
})
