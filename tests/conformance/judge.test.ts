import { expect, test } from 'bun:test'
import { type Check, type Evidence, judge, type Standard, type Verdict } from './judge.ts'

const ok: Check = { id: 'a', status: 'SUCCESS' }

function judged(
  checks: Check[] | undefined,
  standard: Partial<Standard> = {},
  evidence: Partial<Evidence> = {},
): Verdict {
  const [verdict] = judge(
    {
      side: 'server',
      expected: ['ping'],
      results: new Map(checks === undefined ? [] : [['ping', checks]]),
      exits: new Map(),
      ...evidence,
    },
    { anchored: {}, optional: new Map(), ...standard },
  )
  if (verdict === undefined) throw new Error('no verdict')
  return verdict
}
const messages = (verdict: Verdict): string[] => verdict.problems.map(({ check, message }) => `${check}: ${message}`)

test('a scenario passes when something succeeded and nothing else was said', () => {
  const verdict = judged([ok, { id: 'note', status: 'INFO' }, { id: 'left out', status: 'SKIPPED' }])
  expect(verdict).toEqual({ scenario: 'ping', succeeded: ['a'], problems: [] })
})

test('a warning fails like a failure does, each with its own words', () => {
  const verdict = judged([
    ok,
    { id: 'b', status: 'WARNING', errorMessage: 'odd' },
    { id: 'c', status: 'FAILURE', errorMessage: 'bad' },
    { id: 'd', status: 'FAILURE', description: 'is good' },
    { id: 'e', status: 'FAILURE' },
  ])
  expect(messages(verdict)).toEqual(['b: a warning: odd', 'c: bad', 'd: is good', 'e: without a message'])
})

test.each([
  ['left no result', undefined, 'it left no result: the referee itself failed in it'],
  ['found nothing', [], 'it checked nothing'],
  ['skipped all', [{ id: 'a', status: 'SKIPPED' }], 'it checked nothing'],
  ['saw well-formed messages only', [{ id: 'wire-schema-valid', status: 'SUCCESS' }], 'it checked nothing'],
] as const)('a scenario that %s fails', (_, checks, message) => {
  expect(judged(checks?.slice()).problems).toEqual([{ message }])
})

test('a check that succeeded once must be reached again', () => {
  const anchored = { ping: ['a', 'b'] }
  expect(messages(judged([ok], { anchored }))).toEqual(['b: it succeeded before and was not reached this time'])
  expect(judged([ok, { id: 'b', status: 'SUCCESS' }], { anchored }).problems).toEqual([])
})

test('what failed outright is not listed as lost as well', () => {
  expect(
    messages(judged([{ id: 'a', status: 'FAILURE', errorMessage: 'bad' }], { anchored: { ping: ['a'] } })),
  ).toEqual(['a: bad'])
})

test('an optional scenario is excused while it fails, and fails when it passes', () => {
  const optional = new Map([['ping', 'not built yet']])
  expect(judged(undefined, { optional }).excuse).toBe('not built yet')
  const passing = judged([ok], { optional })
  expect(passing.excuse).toBeUndefined()
  expect(passing.problems).toEqual([{ message: 'it passes: take it off the list of what is optional' }])
})

test('a client must end with code 0, except where it rightly gives up', () => {
  const client = { side: 'client' as const, expected: ['ping'] }
  expect(judged([ok], {}, { ...client, exits: new Map([['ping', 0]]) }).problems).toEqual([])
  expect(judged([ok], {}, { ...client, exits: new Map([['ping', 7]]) }).problems).toEqual([
    { message: 'the client ended with code 7' },
  ])
  expect(judged([ok], {}, client).problems).toEqual([{ message: 'the client was killed before it ended' }])
  const [refusal] = judge(
    {
      side: 'client',
      expected: ['auth/iss-wrong-issuer'],
      results: new Map([['auth/iss-wrong-issuer', [ok]]]),
      exits: new Map([['auth/iss-wrong-issuer', 1]]),
    },
    { anchored: {}, optional: new Map() },
  )
  expect(refusal?.problems).toEqual([])
})
