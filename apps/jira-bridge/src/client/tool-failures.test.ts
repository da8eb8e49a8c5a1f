import { expect, test } from 'bun:test'
import { toolFailure } from './tool-failures.ts'

type Failures = Parameters<typeof toolFailure>[0]['failures']

const codeOf = (words: string, failures: Failures, told: object = {}, isWrite = true): string =>
  toolFailure({ tool: 't', words, isWrite, failures, evidence: [{ 'jira-bridge/error': told }] }).code

test.each([
  ['Webhook "nothing was done" of the project failed (500)', { failure: 'unavailable' }],
  ['Nothing was changed.', { failure: 'network' }],
  ['no', { failure: 'network', outcome: 'unknown' }],
  ['no', { failure: 'invalid', outcome: 'unknown' }],
  ['no', { failure: 'timeout', outcome: 'nonsense' }],
])('words never say that a write was not done: "%s" with %j leaves it open', (words, told) => {
  expect(codeOf(words, 'codes', told)).toBe('outcome_unknown')
  expect(codeOf(words, 'words', told)).toBe('outcome_unknown')
})

test.each([
  ['unavailable', 'unavailable'],
  ['network', 'unavailable'],
  ['timeout', 'timeout'],
  ['unexpected', 'failed'],
])(
  'a bridge that says of a failure %s that nothing was done is believed, and another server is not',
  (failure, code) => {
    expect(codeOf('no', 'codes', { failure, outcome: 'not_run' })).toBe(code)
    expect(codeOf('no', 'words', { failure, outcome: 'not_run' })).toBe('outcome_unknown')
  },
)

test('a write that failed for no reason that is known may have been done, and a read has nothing to leave open', () => {
  expect(codeOf('It just did not work', 'words')).toBe('outcome_unknown')
  expect(codeOf('It just did not work', 'words', {}, false)).toBe('failed')
  expect(codeOf('no', 'codes', { failure: 'timeout', outcome: 'unknown' }, false)).toBe('timeout')
})
