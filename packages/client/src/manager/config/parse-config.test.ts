// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ConfigError } from './config-error.ts'
import { mergeConfigs, parseConfig } from './parse-config.ts'

function failure(text: string, path = 'c.json'): ConfigError {
  try {
    parseConfig(text, { path })
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('a configuration', () => {
  test('may hold comments, trailing commas and a byte order mark', () => {
    const text = '\uFEFF// mine\n{ "mcpServers": { /* one */ "a": { "command": "x", "args": ["1", ], }, }, }\n'
    expect(parseConfig(text).servers).toMatchObject([{ name: 'a', type: 'stdio', command: 'x', args: ['1'] }])
  })

  test.each([
    ['{\n  "mcpServers": }', 'c.json:2:17: found "}"; expected a value'],
    ['{"a": 1 "b": 2}', 'c.json:1:9: found "\\""; expected "," or "}"'],
    ['{"a": "x', 'c.json:1:9: the text ends; expected a closing quote'],
    ['{"a": 1} x', 'c.json:1:10: found "x"; expected the end of the text'],
    ['{"a": 1 /* x', 'c.json:1:13: the text ends; expected "*/" at the end of the comment'],
    ['[]', 'c.json:1:1: found an array; expected an object'],
    ['{"mcpServers": []}', 'c.json:1:2: "mcpServers" is an array; expected an object'],
    [
      '{"mcpservers": {}}',
      'c.json:1:2: there are no servers, only "mcpservers"; expected "mcpServers", "servers", "mcp" or "mcp_servers"',
    ],
  ])('%j is refused with its place and what was expected', (text, message) => {
    expect(failure(text).message).toBe(message)
  })

  test('in TOML is refused with its line', () => {
    const error = failure('a = 1\n\n[mcp_servers.x]\nargs = ["a",\n"b"]\ncommand = = 1\nb = 2\n', 'c.toml')
    expect([error.code, error.place.line]).toEqual(['syntax', 6])
  })

  test('that is too deep is refused instead of ending the process', () => {
    expect(failure(`{"a":${'['.repeat(100_000)}`).code).toBe('too_large')
    expect(failure(`a = ${'['.repeat(80)}${']'.repeat(80)}`, 'c.toml').code).toBe('too_large')
  })

  test('leaves out the entries that cannot be used, and says which field it is', () => {
    const { servers, problems } = parseConfig(
      '{"mcpServers":{"a":{"command":"x"},"b":{"command":"x",\n"args":"-y"},"c":{},"d":{"type":"carrier-pigeon","url":"https://x"},"e":7}}',
    )
    expect(servers.map(({ name }) => name)).toEqual(['a'])
    expect(problems.map(({ server, field, place: { line } }) => [server, field, line])).toEqual([
      ['b', 'args', 2],
      ['c', undefined, 2],
      ['d', 'type', 2],
      ['e', undefined, 2],
    ])
  })

  test('with a name twice counts the first one and reports the other', () => {
    const { servers, problems } = parseConfig('{"mcpServers":{"a":{"command":"1"},\n"a":{"command":"2"}}}')
    expect(servers).toMatchObject([{ command: '1' }])
    expect(problems).toMatchObject([{ kind: 'duplicate', place: { line: 2 } }])
  })

  test('with a server called like something every object has keeps it', () => {
    const { servers } = parseConfig('{"mcpServers":{"__proto__":{"command":"x"},"constructor":{"command":"y"}}}')
    expect(servers.map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
  })

  test('that is a bare map may have a server called "servers"', () => {
    expect(parseConfig('{"servers":{"command":"x"}}').servers).toMatchObject([{ name: 'servers' }])
  })

  test('of very many servers has the right place for each', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `"s${index}": { "command": "x" }`)
    const text = `{ "mcpServers": {\n${many.join(',\n')}\n} }`
    expect(parseConfig(text).servers.at(-1)).toMatchObject({ name: 's19999', origin: { line: 20_001, column: 1 } })
  })

  test('never fails but with a ConfigError, whatever the text', () => {
    const json = fc.json({ maxDepth: 5 })
    const broken = fc.tuple(json, fc.nat(), fc.string({ maxLength: 3 })).map(([text, at, put]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + put + text.slice(cut)
    })
    const servers = fc.dictionary(fc.string(), fc.jsonValue()).map((one) => JSON.stringify({ mcpServers: one }))
    const format = fc.constantFrom('json' as const, 'toml' as const)
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, broken, servers), format, (text, of) => {
        try {
          parseConfig(text, { format: of })
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})

test('of several configurations the first one that defines a name counts', () => {
  const first = parseConfig('{"mcpServers":{"a":{"command":"1"}}}', { path: 'first.json' })
  const second = parseConfig('{"mcpServers":{"a":{"command":"2"},"b":{"command":"3"}}}', { path: 'second.json' })
  const { servers, problems } = mergeConfigs([first, second])
  expect(servers.map(({ name, origin }) => [name, origin.path])).toEqual([
    ['a', 'first.json'],
    ['b', 'second.json'],
  ])
  expect(problems).toMatchObject([{ kind: 'duplicate', server: 'a', place: { path: 'second.json', line: 1 } }])
})
