import { expect, test } from 'bun:test'
import { prompt } from '@bao-mcp/server'
import { z } from 'zod'

test('a prompt knows its arguments by a list and by a schema', () => {
  const listed = prompt({
    name: 'listed',
    arguments: [
      { name: 'needed', required: true, complete: (value, context) => [value, context.arguments.other ?? ''] },
      { name: 'other', complete: async () => ({ values: [], hasMore: true }) },
    ],
    run({ needed, other }) {
      needed satisfies string
      // @ts-expect-error an argument that is not required may be missing
      other satisfies string
      return `${needed} ${other}`
    },
  })
  const typed = prompt({
    name: 'typed',
    arguments: z.object({ days: z.coerce.number() }),
    complete: { days: (value) => [value] },
    run({ days }) {
      days satisfies number
      // @ts-expect-error the schema has no such argument
      days.length
      return [{ role: 'user', content: { type: 'text', text: `${days}` } }]
    },
  })
  const bare = prompt({ name: 'bare', run: () => 'text' })
  // @ts-expect-error a number is no prompt
  prompt({ name: 'wrong', run: () => 7 })
  expect([listed, typed, bare].map(({ listed: { arguments: all = [] } }) => all.length)).toEqual([2, 1, 0])
})
