import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { exportNames, type ToolAddress } from './export-names.ts'
import { hash8 } from './hash8.ts'

const EVERY_PROVIDER = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '_', '-', '.', ' ', 'é', '日', '1'), maxLength: 8 }),
)
const address: fc.Arbitrary<ToolAddress> = fc.record({ server: text, tool: text })

const name = (server: string, tool: string, others: ToolAddress[] = []): string | undefined =>
  exportNames([{ server, tool }, ...others]).nameOf(server, tool)

describe('a name for a model', () => {
  test('is the server and the tool where nothing stands in the way [MCP-196]', () => {
    expect(name('github', 'create_issue')).toBe('github__create_issue')
    expect(exportNames([{ server: 'a', tool: 'b' }], { prefix: 'none' }).nameOf('a', 'b')).toBe('b')
  })

  test('has an underscore for each run of characters that are not allowed, and never begins with a digit', () => {
    expect(name('my server', 'files.read')).toBe('my_server__files_read')
    expect(name('7zip', 'list')).toBe('_7zip__list')
  })

  test('that is too long keeps most of the tool and ends in a hash of both', () => {
    const long = name('a-server-with-a-really-long-name-in-it', 'and_a_tool_whose_name_is_long_too') ?? ''
    expect(long).toMatch(/^a-server-with-a.*__and_a_tool_whose_name_is_long_too_[0-9a-v]{8}$/)
    expect(long).toHaveLength(64)
  })

  test('that a rewritten rival would share stays with the tool that needed no rewriting', () => {
    const rival = { server: 's', tool: 'a.b' }
    expect(name('s', 'a_b', [rival])).toBe('s__a_b')
    expect(name('s', 'a.b', [{ server: 's', tool: 'a_b' }])).toMatch(/^s__a_b_[0-9a-v]{8}$/)
  })

  test('that two tools could have meant is nobody’s', () => {
    const both = [
      { server: 'a', tool: 'b__c' },
      { server: 'a__b', tool: 'c' },
    ]
    const names = exportNames(both)
    expect(names.toolOf('a__b__c')).toBeUndefined()
    expect(new Set(names.entries.map((entry) => entry.name)).size).toBe(2)
  })

  test('gives way to a tool that really has the name a hash would have made', () => {
    const hashed = name('s', '日') ?? ''
    const names = exportNames([
      { server: 's', tool: '日' },
      { server: hashed.slice(0, hashed.indexOf('__')), tool: hashed.slice(hashed.indexOf('__') + 2) },
    ])
    expect(names.toolOf(hashed)).not.toEqual({ name: hashed, server: 's', tool: '日' })
    expect(new Set(names.entries.map((entry) => entry.name)).size).toBe(2)
  })

  test('is refused a length that leaves no room', () => {
    expect(() => exportNames([], { maxLength: 8 })).toThrow(/maxLength is 8; expected an integer of at least 16/)
  })
})

describe('for tools of any names', () => {
  test('names are allowed everywhere, unique, and lead back [MCP-196]', () => {
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 40 }),
        fc.constantFrom('server' as const, 'none' as const),
        (tools, prefix) => {
          const names = exportNames(tools, { prefix })
          for (const { server, tool } of tools) {
            const exported = names.nameOf(server, tool) ?? ''
            expect(exported).toMatch(EVERY_PROVIDER)
            expect(names.toolOf(exported)).toMatchObject({ server, tool })
          }
          expect(new Set(names.entries.map((entry) => entry.name)).size).toBe(names.entries.length)
        },
      ),
    )
  })

  test('the order of the tools changes nothing', () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 20 }), (tools) => {
        const there = exportNames(tools)
        const back = exportNames([...tools].reverse())
        for (const { server, tool } of tools) expect(back.nameOf(server, tool)).toBe(there.nameOf(server, tool) ?? '')
      }),
    )
  })

  test('a tool more or less changes no name it does not collide with', () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 20 }), address, (tools, newcomer) => {
        const before = exportNames(tools)
        const after = exportNames([...tools, newcomer])
        const alone = exportNames([newcomer]).entries[0]?.name
        for (const entry of before.entries) {
          if (entry.name === alone || exportNames([entry]).entries[0]?.name === alone) continue
          expect(after.nameOf(entry.server, entry.tool)).toBe(entry.name)
        }
      }),
    )
  })
})

test('the hash is pinned, for names outlive processes', () => {
  expect(hash8('["s","a.b"]')).toBe('ntj94tee')
  expect(new Set(Array.from({ length: 50_000 }, (_, index) => hash8(`["s","tool-${index}"]`))).size).toBe(50_000)
})
