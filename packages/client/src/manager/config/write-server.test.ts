// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseConfig } from './parse-config.ts'
import { resolveServer } from './resolve-server.ts'
import { removeServer, writeServer } from './write-server.ts'

const TEXT = `{
  // servers of mine
  "mcpServers": {
    "a": { "command": "x", "args": ["1"] }, // the first
    // about b
    "b": {
      "command": "y", // why
      "env": {
        "KEEP": "1", // kept
        "DROP": "2"
      },
      "custom": 1
    } // last
  }
}
`

describe('writing a server', () => {
  test('changes what is given and keeps comments, other servers and other keys', () => {
    const written = writeServer(TEXT, 'b', { command: 'z', env: { KEEP: '1', NEW: '${TOKEN}' } })
    expect(written).toBe(
      TEXT.replace('"y"', '"z"').replace('// kept\n        "DROP": "2"', '// kept\n        "NEW": "${TOKEN}"'),
    )
  })

  test('adds one behind the last, and its comment stays where it was', () => {
    const added = '    }, // last\n    "c": {\n      "type": "http",\n      "url": "https://x"\n    }\n'
    expect(writeServer(TEXT, 'c', { type: 'http', url: 'https://x' })).toBe(TEXT.replace('    } // last\n', added))
  })

  test('begins a file under the key its host looks for', () => {
    const { servers } = JSON.parse(writeServer('', 'a', { command: 'x' }, { path: '/p/.vscode/mcp.json' }))
    expect(servers).toEqual({ a: { command: 'x' } })
    expect(JSON.parse(writeServer('{"theme":"x"}', 'a', { command: 'x' }))).toEqual({
      theme: 'x',
      mcpServers: { a: { command: 'x' } },
    })
  })

  test('replaces what is no server at all', () => {
    expect(JSON.parse(writeServer('{"mcpServers":{"a":[1]}}', 'a', { command: 'x', args: ['y'] }))).toEqual({
      mcpServers: { a: { command: 'x', args: ['y'] } },
    })
  })

  test('keeps line ends and tabs', () => {
    const text = '{\r\n\t"mcpServers": {\r\n\t\t"a": { "command": "x" }\r\n\t}\r\n}\r\n'
    expect(writeServer(text, 'b', { command: 'y' })).toBe(
      '{\r\n\t"mcpServers": {\r\n\t\t"a": { "command": "x" },\r\n\t\t"b": {\r\n\t\t\t"command": "y"\r\n\t\t}\r\n\t}\r\n}\r\n',
    )
  })

  test('refuses what is no server, what was resolved, and TOML', async () => {
    expect(() => writeServer('', 'a', { args: [] })).toThrow(/needs a command, or a URL/)
    expect(() => writeServer('', 'a', { command: 'x' }, { path: 'c.toml' })).toThrow(/cannot be written into TOML/)
    const [entry] = parseConfig('{"mcpServers":{"a":{"command":"x","env":{"A":"${A}"}}}}').servers
    if (entry === undefined) throw new Error('no entry')
    const resolved = await resolveServer(entry, { trusted: true, env: { A: 'secret' } })
    if (resolved.kind !== 'resolved') throw new Error('not resolved')
    // proof: any object may be tried
    expect(() => writeServer('', 'a', resolved.config as never)).toThrow(/may hold secrets/)
    const { config } = resolved
    // proof: the same of what is made of it
    expect(() => writeServer('', 'a', { ...config } as never)).toThrow(/may hold secrets/)
    const env = 'env' in config ? config.env : undefined
    expect(() => writeServer('', 'a', { command: 'x', env } as never)).toThrow(/may hold secrets/)
    const [remote] = parseConfig('{"mcpServers":{"a":{"url":"https://x.dev/${A}"}}}').servers
    if (remote === undefined) throw new Error('no entry')
    const there = await resolveServer(remote, { trusted: true, env: { A: 'secret' } })
    // proof: whatever it is, its members are copied
    const copy = there.kind === 'resolved' ? ({ ...there.config } as never) : undefined
    expect(() => writeServer('', 'a', copy ?? {})).toThrow(/may hold secrets/)
    expect(writeServer('', 'a', { command: 'x', env: { A: '${A}' } })).toContain('${A}')
  })
})

describe('removing a server', () => {
  test('takes it with its comma and leaves the comments of others', () => {
    expect(removeServer(TEXT, 'a')).toBe(TEXT.replace('    "a": { "command": "x", "args": ["1"] }, // the first\n', ''))
    expect(removeServer(removeServer(TEXT, 'b'), 'a')).toBe(
      '{\n  // servers of mine\n  "mcpServers": {\n    // about b\n  }\n}\n',
    )
  })

  test('that is not there is an error with those that are', () => {
    expect(() => removeServer(TEXT, 'bb')).toThrow('config: there is no server "bb"; there is: "b", "a"')
  })
})

test('whatever is written and removed is what is read then', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const text = fc.constantFrom('1', '2', '3')
  // JSON has no negative zero
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  const entry = fc.record(
    { args: fc.array(text, { maxLength: 2 }), env: fc.dictionary(text, text, { maxKeys: 2 }), custom: json },
    { requiredKeys: [] },
  )
  const step = fc.record({ name, entry: fc.option(entry, { nil: undefined }) })
  const start = fc.constantFrom(
    '',
    '{}',
    '{ /* x */ }',
    '{"mcpServers":{}}',
    TEXT,
    TEXT.replaceAll('\n', '\r\n'),
    '{ "mcpServers": { "a": { "command": "x", }, }, }',
  )
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 8 }), (first, steps) => {
      const model = new Map<string, Record<string, unknown>>()
      let written = writeServer(first, 'a', { command: 'x' })
      for (const { name: server, raw } of entriesOf(written)) model.set(server, raw)
      for (const { name: server, entry: change } of steps) {
        if (change === undefined) {
          if (!model.delete(server)) continue
          written = removeServer(written, server)
        } else {
          const next = { command: 'x', ...change }
          model.set(server, { ...model.get(server), ...next })
          written = writeServer(written, server, next)
        }
        expect(Object.fromEntries(entriesOf(written).map(({ name: one, raw }) => [one, raw]))).toEqual(
          Object.fromEntries(model),
        )
      }
    }),
  )
})

function entriesOf(text: string): { name: string; raw: Record<string, unknown> }[] {
  // proof: this runtime's own reader, and only objects are written above
  const root = Bun.JSONC.parse(text) as { mcpServers: Record<string, Record<string, unknown>> }
  return Object.entries(root.mcpServers).map(([name, raw]) => ({ name, raw }))
}
