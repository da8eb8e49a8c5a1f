import { expect, test } from 'bun:test'
import { growAnchor, optionalFrom, readAnchor, readOptional } from './anchor.ts'
import { listScenarios } from './referee.ts'

test('an anchor grows and never shrinks', () => {
  const before = { 'server-all': { ping: ['b'], gone: ['c'] }, 'client-all': { tools_call: ['d'] } }
  const grown = growAnchor(before, 'server-all', [
    { scenario: 'ping', succeeded: ['a'] },
    { scenario: 'new', succeeded: ['e'] },
  ])
  expect(grown).toEqual({
    'server-all': { ping: ['a', 'b'], gone: ['c'], new: ['e'] },
    'client-all': { tools_call: ['d'] },
  })
})

test('the anchor holds every run of both sides', async () => {
  expect(Object.keys(await readAnchor()).sort()).toEqual([
    'client-2025-11-25',
    'client-2026-07-28',
    'client-all',
    'server-2025-11-25',
    'server-2026-07-28',
    'server-all',
  ])
})

test('every scenario that is anchored or optional is one of the referee', async () => {
  for (const side of ['server', 'client'] as const) {
    const known = await listScenarios(side, 'all')
    const anchored = Object.keys((await readAnchor())[`${side}-all`] ?? {})
    expect(anchored.filter((scenario) => !known.includes(scenario))).toEqual([])
    if (side === 'server')
      expect([...(await readOptional()).keys()].filter((each) => !known.includes(each))).toEqual([])
  }
})

test.each([
  [{}, 'the list of optional scenarios is not an array'],
  [[{ scenario: 'ping' }], 'optional 0: "reason" is empty'],
  [[{ reason: 'why' }], 'optional 0: "scenario" is empty'],
  [
    [
      { scenario: 'ping', reason: 'why' },
      { scenario: 'ping', reason: 'why' },
    ],
    'optional 1: ping is listed twice',
  ],
])('refuses the list %j', (entries, message) => {
  expect(() => optionalFrom(entries)).toThrow(new TypeError(message))
})
