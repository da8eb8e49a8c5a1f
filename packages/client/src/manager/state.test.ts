import { expect, test } from 'bun:test'
import { nextState, type ServerState, TRANSITIONS, type Trigger } from './state.ts'

const STATES: readonly ServerState[] = [
  ...(['configured', 'manifest-known', 'starting', 'ready', 'degraded', 'backing-off', 'failed'] as const),
  ...(['needs-auth', 'disabled', 'idle-stopped', 'stopping', 'quarantined'] as const),
]
// proof: the table is a record of all triggers
const TRIGGERS = Object.keys(TRANSITIONS) as Trigger[]

test.each([
  ['configured', 'know', 'manifest-known'],
  ['manifest-known', 'start', 'starting'],
  ['starting', 'open', 'ready'],
  ['ready', 'impair', 'degraded'],
  ['degraded', 'recover', 'ready'],
  ['degraded', 'lose', 'backing-off'],
  ['backing-off', 'start', 'starting'],
  ['backing-off', 'give_up', 'failed'],
  ['starting', 'refuse', 'needs-auth'],
  ['needs-auth', 'start', 'starting'],
  ['ready', 'stop', 'stopping'],
  ['stopping', 'park', 'idle-stopped'],
  ['stopping', 'rest', 'configured'],
  ['stopping', 'disable', 'disabled'],
  ['stopping', 'quarantine', 'quarantined'],
  ['disabled', 'enable', 'configured'],
] as const)('%s, %s: %s', (from, trigger, to) => {
  expect(nextState(from, trigger)).toBe(to)
})

test.each([
  ['ready', 'start'],
  ['starting', 'start'],
  ['failed', 'open'],
  ['disabled', 'start'],
  ['quarantined', 'start'],
  ['ready', 'disable'],
  ['ready', 'park'],
  ['stopping', 'lose'],
  ['configured', 'stop'],
] as const)('%s, %s: nothing', (from, trigger) => {
  expect(nextState(from, trigger)).toBeUndefined()
})

test('every change leads to another state, every state is reached, and every state is left again', () => {
  const changes = STATES.flatMap((from) =>
    TRIGGERS.flatMap((trigger) => {
      const to = nextState(from, trigger)
      return to === undefined ? [] : [{ from, to }]
    }),
  )
  expect(changes.filter(({ from, to }) => from === to)).toEqual([])
  expect(STATES.filter((state) => !changes.some(({ to }) => to === state))).toEqual([])
  expect(STATES.filter((state) => !changes.some(({ from }) => from === state))).toEqual([])
})
