import { expect, test } from 'bun:test'
import { shown } from './shown.ts'

test('a name is quoted, and a long one is cut', () => {
  expect(shown('a "b"\n')).toBe('"a \\"b\\"\\n"')
  expect(shown('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`)
  expect(shown('x'.repeat(101))).toBe(`"${'x'.repeat(100)}…"`)
})
