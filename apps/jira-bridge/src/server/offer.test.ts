import { expect, test } from 'bun:test'
import { tool } from '@bao-mcp/server'
import { readingTools } from './offer.ts'

test('a tool that does not say that it only reads is taken to write', () => {
  const named = (name: string, annotations?: { readOnlyHint: boolean }) =>
    tool({ name, run: () => 'x', ...(annotations !== undefined && { annotations }) })
  const tools = [named('reads', { readOnlyHint: true }), named('writes', { readOnlyHint: false }), named('silent')]
  expect([...readingTools(tools)]).toEqual(['reads'])
})
