import { describe, expect, test } from 'bun:test'
import { measureRounds } from './cells.ts'
import { CONTESTANTS, type ContestantName } from './contestants.ts'
import type { Outcome } from './job.ts'

const quiet = (): void => {}

describe('measureRounds', () => {
  test('interleaves the contestants, another one first in each round', async () => {
    const order: ContestantName[] = []
    await measureRounds({
      rounds: CONTESTANTS.length,
      eras: [null],
      progress: quiet,
      metrics: {},
      measure: async ({ name }) => {
        order.push(name)
        return { kind: 'measured', finding: {} }
      },
    })
    const rounds = CONTESTANTS.map((_, round) =>
      order.slice(round * CONTESTANTS.length, (round + 1) * CONTESTANTS.length),
    )
    const names = CONTESTANTS.map(({ name }) => name)
    expect(rounds.map((round) => round[0])).toEqual(names)
    expect(rounds.every((round) => round.toSorted().join() === names.toSorted().join())).toBe(true)
  })

  test('gives one cell per metric, era and contestant, with every sample', async () => {
    let calls = 0
    const cells = await measureRounds({
      rounds: 3,
      eras: ['legacy', 'modern'],
      progress: quiet,
      metrics: { 'start.first': ({ ms }) => ms },
      measure: async () => ({ kind: 'measured', finding: { ms: ++calls }, speaks: 'some revision' }),
    })
    expect(cells).toHaveLength(2 * CONTESTANTS.length)
    expect(cells.flatMap(({ samples }) => samples).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 6 * CONTESTANTS.length }, (_, index) => index + 1),
    )
    expect(cells.every(({ summary, note }) => summary !== undefined && note === 'some revision')).toBe(true)
  })

  test('a failure leaves no numbers, is not tried again, and spoils nobody else', async () => {
    const tried: string[] = []
    const failure: Outcome = { kind: 'error', reason: 'cannot start' }
    const cells = await measureRounds({
      rounds: 3,
      eras: ['legacy', 'modern'],
      progress: quiet,
      metrics: { 'start.first': ({ ms }) => ms },
      measure: async ({ name }, era) => {
        if (name !== 'ours') return { kind: 'measured', finding: { ms: 1 } }
        tried.push(String(era))
        return era === 'legacy' ? failure : { kind: 'measured', finding: { ms: 2 } }
      },
    })
    expect(tried.filter((era) => era === 'legacy')).toHaveLength(1)
    expect(cells.filter(({ problem }) => problem)).toMatchObject([
      { contestant: 'ours', era: 'legacy', samples: [], problem: failure },
    ])
  })
})
