import { expect, test } from 'bun:test'
import type { Tool } from '@bao-mcp/protocol'
import {
  acceptPins,
  changedTools,
  describeChanges,
  MAX_DESCRIBED_TOOLS,
  MAX_DIFF_CHARACTERS,
  MAX_PINNED_DEFINITION,
  parsePins,
  pinTools,
  printPins,
} from './pin-set.ts'

const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, inputSchema: { type: 'object' }, ...more })

test('everything a model sees of a tool is pinned, and nothing else', async () => {
  const pinned = await pinTools([tool('a')])
  const changed = async (more: Partial<Tool>): Promise<boolean> =>
    changedTools(pinned, await pinTools([tool('a', more)])).length > 0
  expect(await changed({ title: 'A' })).toBe(true)
  expect(await changed({ description: '' })).toBe(true)
  expect(await changed({ inputSchema: { type: 'object', required: [] } })).toBe(true)
  expect(await changed({ outputSchema: { type: 'object' } })).toBe(true)
  expect(await changed({ annotations: { readOnlyHint: true } })).toBe(true)
  expect(await changed({ _meta: { version: 2 } })).toBe(false)
})

test('the order of members, and of what is required, means nothing', async () => {
  const one = tool('a', { inputSchema: { type: 'object', required: ['x', 'y'] } })
  const other: Tool = { inputSchema: { required: ['y', 'x'], type: 'object' }, name: 'a' }
  expect(changedTools(await pinTools([one]), await pinTools([other]))).toEqual([])
})

test('a tool that is gone is no change, and one that comes back otherwise is', async () => {
  const pinned = await pinTools([tool('a'), tool('b')])
  expect(changedTools(pinned, await pinTools([tool('a')]))).toEqual([])
  const back = await pinTools([tool('a'), tool('b', { description: 'now' })])
  expect(changedTools(acceptPins(pinned, await pinTools([tool('a')])), back)).toEqual(['b'])
})

test('a second tool of the same name is a change', async () => {
  const pinned = await pinTools([tool('a')])
  const twice = await pinTools([tool('a'), tool('a', { description: 'poison' })])
  expect(changedTools(pinned, twice)).toEqual(['a'])
  const changes = await describeChanges(pinned, twice)
  expect(changes?.changes[0]?.lines.join()).toContain('poison')
})

test('only what is named is accepted', async () => {
  const pinned = await pinTools([tool('a'), tool('b')])
  const listed = await pinTools([tool('a', { title: 'A' }), tool('b', { title: 'B' }), tool('c')])
  expect(changedTools(pinned, listed)).toEqual(['a', 'b', 'c'])
  expect(changedTools(acceptPins(pinned, listed, ['a', 'nothing']), listed)).toEqual(['b', 'c'])
  expect(changedTools(acceptPins(pinned, listed), listed)).toEqual([])
  expect(pinned.size).toBe(2)
})

test('changes name the fields, and the same changes have the same digest', async () => {
  const pinned = await pinTools([tool('a')])
  const listed = await pinTools([tool('b'), tool('a', { description: 'x' })])
  const changes = await describeChanges(pinned, listed)
  expect(changes).toMatchObject({
    changes: [
      { tool: 'b', kind: 'new' },
      { tool: 'a', kind: 'changed', fields: ['description'], lines: ['+ description: "x"'], more: 0 },
    ],
    more: 0,
  })
  const again = await describeChanges(pinned, await pinTools([tool('a', { description: 'x' }), tool('b')]))
  const others = await describeChanges(pinned, await pinTools([tool('a', { description: 'y' }), tool('b')]))
  expect(again?.digest).toBe(changes?.digest ?? '')
  expect(others?.digest).not.toBe(changes?.digest ?? '')
  expect(await describeChanges(pinned, pinned)).toBeUndefined()
})

test('the description of all changes is bounded', async () => {
  const many = Array.from({ length: 500 }, (_, n) => tool(`t${n}`, { description: 'x'.repeat(5_000) }))
  const listed = await pinTools([...many, tool('n'.repeat(100_000))])
  const changes = await describeChanges(new Map(), listed)
  expect(changes?.changes).toHaveLength(MAX_DESCRIBED_TOOLS)
  expect(changes?.more).toBe(501 - MAX_DESCRIBED_TOOLS)
  expect(JSON.stringify(changes).length).toBeLessThan(MAX_DIFF_CHARACTERS * 2)
})

test('pins survive being written, and only their digest where they are long', async () => {
  const long = tool('long', { description: 'x'.repeat(MAX_PINNED_DEFINITION) })
  const pinned = await pinTools([tool('__proto__', { title: 'p' }), long])
  const back = parsePins(printPins('one', pinned))
  expect(changedTools(back, pinned)).toEqual([])
  expect(back.get('__proto__')?.definition).toMatchObject({ title: 'p' })
  expect(back.get('long')?.definition).toBeUndefined()
  const listed = await pinTools([tool('long', { description: 'short' })])
  const changes = await describeChanges(back, listed)
  expect(changes?.changes[0]?.lines[0]).toBe('~ the accepted definition was too long to be kept; this is the new one:')
})

test('what is no pins is refused', () => {
  for (const text of ['', '[]', '{}', '{"format":2,"tools":{}}', '{"format":1,"tools":{"a":{}}}']) {
    expect(() => parsePins(text)).toThrow()
  }
})
