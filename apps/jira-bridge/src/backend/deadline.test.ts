import { expect, test } from 'bun:test'
import { createDeadline, type Stage } from './deadline.ts'

const outcomeOf = async (stage: Stage, give: 'end' | 'time'): Promise<unknown> => {
  using deadline = createDeadline(give === 'time' ? 0 : 60_000)
  deadline.stage = stage
  if (give === 'end') deadline.end('the service is shutting down')
  const error = await deadline.over.catch((error: unknown) => error)
  expect(deadline.signal.reason).toBe(error)
  return Object(error).code ?? Object(error).name
}

test.each([
  ['arriving', 'unavailable', 'LateError'],
  ['reading', 'unavailable', 'timeout'],
  ['writing', 'outcome_unknown', 'outcome_unknown'],
] as const)(
  'a request that is %s when the service ends is %s, and when its time is up %s',
  async (stage, ended, late) => {
    expect(await outcomeOf(stage, 'end')).toBe(ended)
    expect(await outcomeOf(stage, 'time')).toBe(late)
  },
)
