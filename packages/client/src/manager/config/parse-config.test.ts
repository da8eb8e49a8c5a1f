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

describe('the settings of Gemini CLI', () => {
  const path = '/home/me/.gemini/settings.json'
  const read = (settings: unknown): ReturnType<typeof parseConfig> => parseConfig(JSON.stringify(settings), { path })

  test('have variables without braces, which are brought into the usual form', () => {
    const args = ['$A-${B}', '$$A', '$env:A', '$5', 'a$', '$${A}', '${A:-$B}', '$A ${']
    const { servers } = read({ mcpServers: { a: { command: '$X', args, env: { K: '$K' } } } })
    expect(servers).toMatchObject([
      {
        ...{ command: '${X}', env: { K: '${K}' } },
        args: ['${A}-${B}', '$A', '$env:A', '$5', 'a$', '$${A}', '${A:-$B}', '${A} ${'],
      },
    ])
    const other = parseConfig('{"mcpServers":{"a":{"command":"$X"}}}', { path: '.mcp.json' })
    expect(other.servers).toMatchObject([{ command: '$X' }])
  })

  test('call a URL of 2024 "url", and one of Streamable HTTP "httpUrl", which counts more', () => {
    const old = { url: 'https://x.dev/sse' }
    const { servers } = read({
      mcpServers: { old, both: { ...old, httpUrl: 'https://x.dev/mcp' }, said: { ...old, type: 'http' } },
    })
    expect(servers).toMatchObject([
      { name: 'old', type: 'sse', url: 'https://x.dev/sse' },
      { name: 'both', type: 'http', url: 'https://x.dev/mcp' },
      { name: 'said', type: 'http', url: 'https://x.dev/sse' },
    ])
  })

  test('say outside the servers which of them are on', () => {
    const mcpServers = { a: { command: 'x' }, b: { command: 'x' }, c: { command: 'x' } }
    const { servers, problems } = read({ mcpServers, mcp: { allowed: ['a', 'b'], excluded: ['b'] } })
    expect([servers.map(({ enabled }) => enabled), problems]).toEqual([[true, false, false], []])
    expect(read({ mcp: {}, mcpServers }).servers.map(({ enabled }) => enabled)).toEqual([true, true, true])
  })
})

test('a list of tools lets those through and no others', () => {
  const servers = { a: { command: 'x', tools: ['read'] }, b: { command: 'x', tools: { read: {} } } }
  const read = parseConfig(JSON.stringify({ mcpServers: servers }), { path: '/home/me/.copilot/mcp-config.json' })
  expect(read.servers.map(({ allow, extra }) => [allow, extra])).toEqual([
    [['read'], {}],
    [undefined, { tools: { read: {} } }],
  ])
  expect(parseConfig('{"mcpServers":{"a":{"command":"x","tools":[1]}}}').problems).toMatchObject([{ field: 'tools' }])
})

test('servers of single projects in the settings of Claude Code are not read, and that is said', () => {
  const mcpServers = { a: { command: 'x' } }
  const settings = { mcpServers, projects: { '/p': { mcpServers: { b: { command: 'y' } } }, '/q': { mcpServers: {} } } }
  const { servers, problems } = parseConfig(JSON.stringify(settings, null, 1), { path: '/home/me/.claude.json' })
  expect(servers.map(({ name }) => name)).toEqual(['a'])
  expect(problems).toEqual([
    {
      kind: 'other_project',
      message: '1 server for the project "/p" alone is not read',
      place: { path: '/home/me/.claude.json', line: 9, column: 4 },
    },
  ])
})

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

  test('in TOML is refused without what it holds', () => {
    expect(failure('a = hunter2', 'c.toml').message).toBe('c.toml:1: this is no TOML: Strings must be quoted')
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

test('of several configurations the first one that defines a name counts, also where it cannot be used', () => {
  const first = parseConfig('{"mcpServers":{"a":{"command":1}}}', { path: 'first.json' })
  const second = parseConfig('{"mcpServers":{"a":{"command":"2"}}}', { path: 'second.json' })
  expect(mergeConfigs([first, second]).servers).toEqual([])
  expect(mergeConfigs([second, first]).servers).toMatchObject([{ command: '2' }])
})
