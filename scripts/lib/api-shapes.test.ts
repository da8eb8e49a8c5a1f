import { expect, test } from 'bun:test'
import { shapesOf, shapesPage } from './api-shapes.ts'

const text = `import { z } from 'zod'

/** A page of \`x\` | y. @see https://a.example/x more */
export const ListX = z.object({})
export type ListX = z.infer<typeof ListX>

/**
 * Two
 * lines.
 */
export const Two = z.string()
export const Bare = z.string()
`

test('a schema is told with the sentence above it and its place in the specification', () => {
  expect(shapesOf(text)).toEqual([
    { name: 'ListX', sentence: 'A page of `x` | y.', see: 'https://a.example/x' },
    { name: 'Two', sentence: 'Two lines.', see: undefined },
    { name: 'Bare', sentence: '', see: undefined },
  ])
})

test('the page has a table for every module with schemas, and escapes what would end a cell', () => {
  const page = shapesPage([
    { path: 'a/lists.ts', text },
    { path: 'a/lists.test.ts', text },
    { path: 'a/empty.ts', text: 'export type A = 1' },
  ])
  expect(page).toContain('## lists\n\nIn [a/lists.ts](../../a/lists.ts).')
  expect(page).toContain('| [`ListX`](https://a.example/x) | A page of `x` \\| y. |')
  expect(page).not.toContain('empty')
  expect(page.match(/^## /gm)).toHaveLength(1)
})
