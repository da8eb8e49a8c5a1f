import { beforeAll, expect, test } from 'bun:test'
import budgets from './budgets.json' with { type: 'json' }
import { bunConsumer, type Consumer } from './consumer.ts'
import { typeCost } from './type-cost.ts'

let consumer: Consumer
beforeAll(async () => {
  consumer = await bunConsumer()
}, 240_000)

const budget: readonly { tools: number; instantiations: number; limit: number }[] = budgets.types

test.each([...budget])(
  'the types of a server with $tools tools keep their budget',
  async ({ tools, limit }) => {
    expect(await typeCost(consumer, tools)).toBeLessThanOrEqual(limit)
  },
  60_000,
)

test('servers with 10, 50 and 200 tools have a budget, with at most a fifth of room', () => {
  expect(budget.map(({ tools }) => tools)).toEqual([0, 10, 50, 200])
  expect(budget.filter(({ instantiations, limit }) => limit < instantiations || limit > instantiations * 1.2)).toEqual(
    [],
  )
})
