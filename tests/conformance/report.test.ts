import { expect, test } from 'bun:test'
import { readJunit } from '../../scripts/lib/junit.ts'
import type { MatchVerdict } from './gate.ts'
import { scenariosIn } from './referee.ts'
import { junit, tally } from './report.ts'

const match: MatchVerdict = {
  name: 'server-all',
  folder: '/tmp/none',
  seconds: 1,
  trouble: ['the referee ended with code 1'],
  verdicts: [
    { scenario: 'ping', succeeded: ['ping'], problems: [] },
    { scenario: 'caching', succeeded: [], problems: [{ check: 'ttl', message: 'is <none> & "0"' }] },
    { scenario: 'tasks', succeeded: [], problems: [{ message: 'it checked nothing' }], excuse: 'not built yet' },
  ],
}

test('counts what failed, and what is excused apart from it', () => {
  expect(tally([match])).toEqual({ passed: 1, failed: 2, excused: 1 })
})

test('its JUnit report reads back as the same verdicts, without what is excused', () => {
  const file = 'tests/conformance/run.ts'
  expect(readJunit(junit([match], file))).toEqual([
    { name: 'server-all > the run', file, outcome: 'failed', message: 'the referee ended with code 1' },
    { name: 'server-all > ping', file, outcome: 'passed' },
    { name: 'server-all > caching', file, outcome: 'failed', message: 'ttl: is <none> & "0"' },
  ])
})

test("reads the referee's list, and takes what is not scored by its side", () => {
  const list = [
    'Server scenarios (test against a server):',
    '  - ping [2025-11-25]',
    '',
    'Client scenarios (test against a client):',
    '  - tools_call',
    '',
    'Run and reported, but never scored:',
    '  extension (2):',
    '    - tasks-lifecycle [server]',
    '    - auth/dpop [client]',
    '',
    'Authorization server scenarios:',
    '  - authorization-code-grant',
  ].join('\n')
  expect(scenariosIn(list, 'server')).toEqual(['ping', 'tasks-lifecycle'])
  expect(scenariosIn(list, 'client')).toEqual(['tools_call', 'auth/dpop'])
})
