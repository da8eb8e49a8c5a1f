import type { TestCase } from './junit.ts'

/** A skip that was thought about: which tests, why, and in which circumstances only. */
export type SkipRule = { name: RegExp; reason: string } & (
  | { when: 'no-contract-data' }
  /** Wants what a machine may lack, until the environment variable `requiredBy` is set: then it has to be there. */
  | { when: 'optional'; requiredBy: string }
  /** `runsOn` lists the platforms (`linux-x64`, or `linux` for all of it) where the test must run. */
  | { when: 'platform'; runsOn: readonly string[] }
)

export interface Surroundings {
  hasContractData: boolean
  /** As in `linux-x64`. */
  platform: string
  /** Names of the environment variables that are set, as far as they require something. */
  required?: ReadonlySet<string>
}

/**
 * Reads the checked-in list of skips.
 *
 * @throws {TypeError} naming the first entry that is malformed
 */
export function readSkipRules(entries: unknown): SkipRule[] {
  if (!Array.isArray(entries)) throw new TypeError('the list of skips is not an array')
  return entries.map((entry: unknown, index) => {
    const wrong = (what: string): TypeError => new TypeError(`skip ${index}: ${what}`)
    if (typeof entry !== 'object' || entry === null) throw wrong('not an object')
    if (!('name' in entry) || typeof entry.name !== 'string' || entry.name === '') throw wrong('"name" is no pattern')
    if (!('reason' in entry) || typeof entry.reason !== 'string' || entry.reason === '')
      throw wrong('"reason" is empty')
    const common = { name: new RegExp(entry.name), reason: entry.reason }
    const when = 'when' in entry ? entry.when : undefined
    if (when === 'no-contract-data') return { ...common, when }
    if (when === 'optional') {
      const requiredBy = 'requiredBy' in entry ? entry.requiredBy : undefined
      if (typeof requiredBy !== 'string' || requiredBy === '') throw wrong('"requiredBy" names no variable')
      return { ...common, when, requiredBy }
    }
    if (when !== 'platform') throw wrong(`"when" is ${JSON.stringify(when)}`)
    const runsOn: unknown = 'runsOn' in entry ? entry.runsOn : undefined
    if (!isStrings(runsOn) || runsOn.length === 0) throw wrong('"runsOn" names no platform')
    return { ...common, when, runsOn }
  })
}

/** The skipped tests that no rule allows here; each of them counts as a failure. */
export function refusedSkips(
  cases: readonly TestCase[],
  rules: readonly SkipRule[],
  surroundings: Surroundings,
): TestCase[] {
  const isAllowed = (test: TestCase): boolean =>
    rules.some((rule) => rule.name.test(test.name) && holds(rule, surroundings))
  return cases.filter((test) => test.outcome === 'skipped' && !isAllowed(test))
}

function holds(rule: SkipRule, { hasContractData, platform, required }: Surroundings): boolean {
  switch (rule.when) {
    case 'no-contract-data':
      return !hasContractData
    case 'optional':
      return required?.has(rule.requiredBy) !== true
    case 'platform':
      return !rule.runsOn.some((each) => platform === each || platform.startsWith(`${each}-`))
    default:
      return rule satisfies never
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
