import { expect, test } from 'bun:test'
import type { Tool } from '@bao-mcp/protocol'
import { failure } from '../testing/failure.test.kit.ts'
import { helpful, managed, TOOLS } from './managed.test.kit.ts'
import { describeChanges, MAX_DESCRIBED_TOOLS, pinTools } from './pin-set.ts'

const tool = (name: string, description = 'x'): Tool => ({ name, description, inputSchema: { type: 'object' } })
const bland = Array.from({ length: MAX_DESCRIBED_TOOLS }, (_, nth) => tool(`bland${nth}`))

test('a tool whose changes nobody was shown is accepted only when it is named, or when it was shown', async () => {
  await using m = managed({ pinning: 'block' })
  let tools = TOOLS
  const server = helpful(undefined, { tools: () => tools })
  await m.manager.add('one', server)
  tools = [...TOOLS, ...bland, tool('evil'), tool('worse')]
  await m.manager.listTools('one', { fresh: true })
  const seen = m.manager.toolChanges('one')
  expect(seen).toMatchObject({ more: 2 })

  expect(await m.manager.acceptTools('one', { digest: seen?.digest })).toHaveLength(MAX_DESCRIBED_TOOLS)
  expect(await failure(m.manager.callTool('one', 'evil'))).toMatchObject({ code: 'tool_changed' })
  const rest = m.manager.toolChanges('one')
  expect(rest).toMatchObject({ more: 0, changes: [{ tool: 'evil' }, { tool: 'worse' }] })
  expect(await m.manager.acceptTools('one', { digest: rest?.digest })).toEqual(['evil', 'worse'])
  await m.manager.callTool('one', 'evil')
})

test('a tool that is named is accepted though it was not shown', async () => {
  await using m = managed({ pinning: 'block' })
  let tools = TOOLS
  await m.manager.add('one', helpful(undefined, { tools: () => tools }))
  tools = [...TOOLS, ...bland, tool('last')]
  await m.manager.listTools('one', { fresh: true })
  expect(await m.manager.acceptTools('one', { tools: ['last'] })).toEqual(['last'])
})

test('a tool of which no line is left to be shown does not count as described', async () => {
  const wide = Array.from({ length: 5 }, (_, nth) => ({
    ...tool(`wide${nth}`),
    inputSchema: {
      type: 'object' as const,
      properties: Object.fromEntries(
        Array.from({ length: 24 }, (__, at) => [`p${at}`, { type: 'string', description: 'y'.repeat(500) }]),
      ),
    },
  }))
  const changes = await describeChanges(new Map(), await pinTools([...wide, tool('evil')]))
  expect(changes?.changes.every(({ lines }) => lines.length > 0)).toBe(true)
  expect(changes?.changes.length).toBe(6 - (changes?.more ?? 0))
  expect(changes?.more).toBeGreaterThan(0)
})
