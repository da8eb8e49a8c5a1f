import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { complete, type InputRequests, type InputResponses, type Outcome, type Round } from './outcome.ts'
import { settleInput } from './settle-input.ts'

const done = complete({ done: true })
const asks = (key: string, state?: string): Outcome => ({
  kind: 'input_required',
  requests: { [key]: { method: 'roots/list' } },
  ...(state !== undefined && { state }),
})
const answersTo = (requests: InputRequests): InputResponses =>
  Object.fromEntries(Object.keys(requests).map((key) => [key, { answer: key }]))

/** Ends each run with the next of these outcomes, and keeps the rounds it saw. */
function scripted(outcomes: readonly Outcome[]): {
  rounds: (Round | undefined)[]
  run: (round: Round | undefined) => Outcome
} {
  const rounds: (Round | undefined)[] = []
  return {
    rounds,
    run(round) {
      rounds.push(round)
      return outcomes[rounds.length - 1] ?? done
    },
  }
}

test('a result that is there at once is returned without a promise', () => {
  expect(settleInput({ run: () => done, fulfil: answersTo })).toBe(done)
})

test('a promised result is waited for', async () => {
  expect(await settleInput({ run: async () => done, fulfil: answersTo })).toBe(done)
})

test('each run gets the answers and the exact state of the round before it alone [MCP-189, MCP-190, MCP-191]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.string(), { nil: undefined }), { maxLength: 10 }), async (states) => {
      const { rounds, run } = scripted(states.map((state, index) => asks(`key ${index}`, state)))
      expect(await settleInput({ run, fulfil: async (requests) => answersTo(requests) })).toBe(done)
      const expected = states.map((state, index) => ({
        responses: { [`key ${index}`]: { answer: `key ${index}` } },
        state,
      }))
      expect(rounds).toEqual([undefined, ...expected])
    }),
    { numRuns: 1000 },
  )
})

test('nothing runs again before everything asked is answered [MCP-189]', async () => {
  const order: string[] = []
  const answers = Promise.withResolvers<InputResponses>()
  const settled = settleInput({
    run(round) {
      order.push(round === undefined ? 'first run' : 'second run')
      return round === undefined ? asks('a') : done
    },
    fulfil: () => answers.promise,
  })
  await Promise.resolve()
  order.push('answered')
  answers.resolve({ a: {} })
  await settled
  expect(order).toEqual(['first run', 'answered', 'second run'])
})

test('gives up past the most rounds, ten by default', async () => {
  let runs = 0
  const run = (): Outcome => {
    runs++
    return asks('again')
  }
  const message = 'input was still required after 10 rounds'
  await expect(async () => settleInput({ run, fulfil: answersTo })).toThrow(message)
  expect(runs).toBe(11)
  runs = 0
  await expect(async () => settleInput({ run, fulfil: answersTo, maxRounds: 2 })).toThrow('after 2 rounds')
  expect(runs).toBe(3)
})

test('what run or fulfil throw comes out as it is', async () => {
  const boom = new Error('boom')
  const fails = (): never => {
    throw boom
  }
  expect(() => settleInput({ run: fails, fulfil: answersTo })).toThrow(boom)
  await expect(async () => settleInput({ run: () => asks('a'), fulfil: fails })).toThrow(boom)
})

test('nobody is asked for a call that was given up', async () => {
  const asked: InputRequests[] = []
  const fulfil = (requests: InputRequests): InputResponses => {
    asked.push(requests)
    return {}
  }
  const signal = AbortSignal.abort(new Error('gone'))
  await expect(async () => settleInput({ run: () => asks('a'), fulfil, signal })).toThrow('gone')
  expect(asked).toEqual([])
})

test('an abort while the answers come stops the loop with its reason', async () => {
  const controller = new AbortController()
  let runs = 0
  const settled = settleInput({
    run() {
      runs++
      return asks('a')
    },
    async fulfil() {
      controller.abort(new Error('gone'))
      return {}
    },
    signal: controller.signal,
  })
  await expect(async () => settled).toThrow('gone')
  expect(runs).toBe(1)
})
