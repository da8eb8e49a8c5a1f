import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { root } from './commands.ts'
import { readSkipRules, refusedSkips, type Surroundings } from './skips.ts'

const rules = readSkipRules([
  { name: 'contract data', reason: 'r', when: 'no-contract-data' },
  { name: '^only linux$', reason: 'r', when: 'platform', runsOn: ['linux'] },
  { name: 'is not installed', reason: 'r', when: 'optional', requiredBy: 'BAO_REQUIRE_IT' },
  { name: '^only x64$', reason: 'r', when: 'platform', runsOn: ['linux-x64', 'darwin-x64'] },
])

const refused = (name: string, surroundings: Partial<Surroundings>): boolean =>
  refusedSkips([{ name, outcome: 'skipped' }], rules, {
    hasContractData: false,
    platform: 'linux-x64',
    ...surroundings,
  }).length === 1

describe('the skip policy', () => {
  test('refuses a skip that no rule names', () => {
    expect(refused('shy test', {})).toBe(true)
  })

  test('allows a skip for want of contract data only while there is none', () => {
    expect(refused('the shapes (contract data) > agree', { hasContractData: false })).toBe(false)
    expect(refused('the shapes (contract data) > agree', { hasContractData: true })).toBe(true)
  })

  test('allows a skip for the platform only where the test does not have to run', () => {
    expect(refused('only linux', { platform: 'linux-arm64' })).toBe(true)
    expect(refused('only linux', { platform: 'darwin-arm64' })).toBe(false)
    expect(refused('only x64', { platform: 'linux-x64' })).toBe(true)
    expect(refused('only x64', { platform: 'linux-arm64' })).toBe(false)
  })

  test('allows a skip for want of something until that is required', () => {
    expect(refused('it works (skipped: it is not installed)', {})).toBe(false)
    expect(refused('it works (skipped: it is not installed)', { required: new Set(['BAO_REQUIRE_OTHER']) })).toBe(false)
    expect(refused('it works (skipped: it is not installed)', { required: new Set(['BAO_REQUIRE_IT']) })).toBe(true)
  })

  test('leaves passed and failed tests alone', () => {
    const others = [
      { name: 'a', outcome: 'passed' },
      { name: 'b', outcome: 'failed' },
    ] as const
    expect(refusedSkips(others, rules, { hasContractData: true, platform: 'linux-x64' })).toEqual([])
  })
})

describe('the checked-in list of skips', () => {
  test('is well formed', async () => {
    const list: unknown = await Bun.file(join(root, 'tests/skips.json')).json()
    expect(readSkipRules(list).length).toBeGreaterThan(0)
  })

  test.each([
    ['not an array', {}],
    ['an entry that is no object', ['x']],
    ['no name', [{ reason: 'r', when: 'no-contract-data' }]],
    ['an empty reason', [{ name: 'n', reason: '', when: 'no-contract-data' }]],
    ['an unknown circumstance', [{ name: 'n', reason: 'r', when: 'flaky' }]],
    ['an optional thing that nothing can require', [{ name: 'n', reason: 'r', when: 'optional', requiredBy: '' }]],
    ['a platform rule that runs nowhere', [{ name: 'n', reason: 'r', when: 'platform', runsOn: [] }]],
  ])('may not hold %s', (_, list) => {
    expect(() => readSkipRules(list)).toThrow(TypeError)
  })
})
