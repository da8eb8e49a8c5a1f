import { type LegGroup, legGroups } from './legs.ts'

export interface TestArguments {
  json: boolean
  /** Empty means all. Filters for `bun test` alone mean the legs that understand them. */
  groups: LegGroup[]
  /** For `bun test`, untouched. */
  extra: string[]
}

/**
 * Splits our own flags from those for `bun test`. Everything after `--`, and everything not ours before it, goes there
 * (`bun run test -- -t name` arrives without its `--`).
 *
 * @throws {TypeError} when `--leg` names no group of legs
 */
export function readTestArguments(argv: readonly string[]): TestArguments {
  const read: TestArguments = { json: false, groups: [], extra: [] }
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') {
      read.extra.push(...argv.slice(at + 1))
      break
    }
    if (word === '--json') read.json = true
    else if (word === '--leg') read.groups.push(groupCalled(argv[++at]))
    else if (word.startsWith('--leg=')) read.groups.push(groupCalled(word.slice('--leg='.length)))
    else read.extra.push(word)
  }
  if (read.extra.length > 0 && read.groups.length === 0) read.groups.push('unit')
  return read
}

function groupCalled(name: string | undefined): LegGroup {
  const found = legGroups.find((group) => group === name)
  if (found === undefined) throw new TypeError(`--leg is one of ${legGroups.join(', ')}, not ${name ?? 'nothing'}`)
  return found
}
