import type { Side } from './judge.ts'

/** What the referee can be asked for: the frozen sets of two revisions, and everything it knows. */
export const runs = ['2025-11-25', '2026-07-28', 'all'] as const
export type Run = (typeof runs)[number]

export const sides: readonly Side[] = ['server', 'client']

export interface GateArguments {
  /** Absent: every side that there is something to judge of. */
  only?: Side
  runs: readonly Run[]
  json: boolean
  /** Where a JUnit report goes. */
  junit?: string
  writeAnchor: boolean
}

/**
 * Reads the command line of the gate.
 *
 * @param ci whether a machine is watching, which may not move the anchor it is there to hold
 * @throws {TypeError} for a word or a value that is not known, and for `--write-anchor` in CI
 */
export function readGateArguments(argv: readonly string[], ci: boolean): GateArguments {
  const read: GateArguments = { runs, json: false, writeAnchor: false }
  const words = argv.flatMap((word) => /^(--\w+)=(.*)$/s.exec(word)?.slice(1) ?? [word])
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === '--json') read.json = true
    else if (word === '--write-anchor') read.writeAnchor = true
    else if (word === '--only') read.only = oneOf(sides, word, words[++at])
    else if (word === '--rev') read.runs = [oneOf(runs, word, words[++at])]
    else if (word === '--junit') read.junit = words[++at] ?? ''
    else throw new TypeError(`unknown argument ${word}; there are --only, --rev, --json, --junit and --write-anchor`)
  }
  if (read.junit === '') throw new TypeError('--junit needs a file to write to')
  if (read.writeAnchor && ci) throw new TypeError('--write-anchor is for a person who reviews the change, not for CI')
  return read
}

function oneOf<T extends string>(known: readonly T[], flag: string, given: string | undefined): T {
  const found = known.find((each) => each === given)
  if (found === undefined) throw new TypeError(`${flag} is one of ${known.join(', ')}, not ${given ?? 'nothing'}`)
  return found
}
