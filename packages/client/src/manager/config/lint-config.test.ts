// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations are written
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { lintConfig } from './lint-config.ts'
import { mergeConfigs, parseConfig } from './parse-config.ts'

const found = (config: unknown, path = 'c.json'): string[] =>
  lintConfig(JSON.stringify(config), { path }).map(({ code, server, field }) =>
    [code, server, field].filter((one) => one !== undefined).join(' '),
  )

const server = (raw: unknown, path: string, key = 'mcpServers'): string[] => found({ [key]: { s: raw } }, path)

describe('the linter', () => {
  test.each<[unknown, string, string[]]>([
    [{ command: 'x' }, 'c.json', []],
    [{ command: 'npx -y foo' }, 'c.json', ['command_line s command']],
    [{ command: '/opt/My Programs/x' }, 'c.json', []],
    [{ command: 'npx', args: ['foo'] }, 'c.json', ['npx_prompt s args']],
    [{ command: 'cd', args: ['/x', '&&', 'ls'] }, 'c.json', ['shell_syntax s args.1']],
    [{ command: 'sh', args: ['-c', '|'] }, 'c.json', []],
    [{ command: './x', cwd: 'sub' }, 'c.json', ['relative_path s command', 'relative_path s cwd']],
    [{ command: 'x', args: ['~/docs'] }, 'c.json', ['tilde s args.0']],
    [{ command: 'x', env: { A: 1 } }, 'c.json', ['env_type s env.A']],
    [{ command: 'x', timeout: 30 }, 'c.json', ['timeout_unit s timeout']],
    [{ command: 'x', timeout: 30 }, 'cline_mcp_settings.json', []],
    [{ command: 'x', env: { API_KEY: 'abc' } }, 'c.json', ['plain_secret s env.API_KEY']],
    [{ command: 'x', env: { API_KEY: '${API_KEY}', AUTH: 'true', KEY_FILE: '/etc/key' } }, 'c.json', []],
    [{ command: 'x', args: ['--api-key', '${API_KEY}', '${PORT}'] }, 'c.json', ['exposed_secret s args.1']],
    [{ type: 'http', url: 'https://x.dev/${TOKEN}' }, 'c.json', ['exposed_secret s url']],
    [{ command: 'x', args: ['--api-key', 'abc'] }, 'c.json', ['plain_secret s args.1']],
    [
      { url: 'https://x.dev', headers: { Authorization: 'Bearer abc' } },
      'c.json',
      ['plain_secret s headers.Authorization'],
    ],
    [{ url: 'https://x.dev' }, '.mcp.json', ['type_missing s']],
    [{ type: 'http', url: 'http://x.dev/mcp' }, 'c.json', ['plain_http s url']],
    [{ type: 'http', url: 'http://locahost:3000' }, 'c.json', ['host s url', 'plain_http s url']],
    [{ type: 'http', url: 'http://0.0.0.0:3000' }, 'c.json', ['host s url']],
    [{ type: 'http', url: 'http://localhost:3000/mcp' }, 'c.json', []],
    [{ type: 'http', url: 'localhost:3000/mcp' }, 'c.json', ['url s url']],
    [{ type: 'http', url: 'https://x.dev/sse' }, 'c.json', ['sse_url s url']],
    [{ type: 'stdio', command: 'x', url: 'https://x' }, 'c.json', ['type_mismatch s type']],
    [{ command: 'x', uri: 'y' }, 'c.json', ['misnamed_key s uri']],
    [{ serverUrl: 'https://x.dev' }, '.cursor/mcp.json', ['foreign_key s serverUrl']],
    [{ command: ['x', 'y'] }, 'claude_desktop_config.json', ['foreign_key s command']],
    [{ command: '${env:X}' }, '.mcp.json', ['foreign_variable s command']],
    [{ command: '${X}' }, '.mcp.json', []],
    [{ command: '${X}' }, '.cursor/mcp.json', ['foreign_variable s command']],
    [{ command: '${command:X}' }, 'c.json', ['unknown_variable s command']],
    [{ command: '${HOST-x}' }, 'c.json', ['unknown_variable s command']],
    [{ command: 'x', env: { API_KEY: '$API_KEY' } }, 'c.json', ['foreign_variable s env.API_KEY']],
    [{ command: 'x', env: { API_KEY: '$API_KEY' } }, '.gemini/settings.json', []],
    [{ type: 'local', command: 'x', tools: ['*'] }, '.copilot/mcp-config.json', []],
    [{ type: 'local', command: 'x' }, 'c.json', ['foreign_key s type']],
    [{ command: 7 }, 'c.json', ['invalid_entry s command']],
  ])('%j in %s: %j', (raw, path, expected) => {
    expect(server(raw, path)).toEqual(expected)
  })

  test('knows what opencode writes otherwise', () => {
    expect(server({ command: 'x', args: ['1'], env: {} }, 'opencode.json', 'mcp')).toEqual([
      ...['type_missing s', 'foreign_key s env', 'foreign_key s args', 'foreign_key s command'],
    ])
    expect(server({ type: 'local', command: ['x'], environment: { A: '{env:A}' } }, 'opencode.json', 'mcp')).toEqual([])
  })

  test('says that a host does not look where the servers are', () => {
    expect(server({ type: 'stdio', command: 'x' }, '.vscode/mcp.json')).toEqual(['wrong_key'])
    expect(found({ x: 1 })).toEqual(['unreadable'])
  })

  test('looks for the inputs of a file', () => {
    const servers = { s: { type: 'stdio', command: '${input:a}${input:b}' } }
    expect(found({ inputs: [{ id: 'a' }], servers }, '.vscode/mcp.json')).toEqual(['unknown_input s command'])
  })

  test('says which names models will not see as they are', () => {
    const mcpServers = { 'my server': { command: 'x' }, a__b: { command: 'x' }, ['n'.repeat(40)]: { command: 'x' } }
    expect(found({ mcpServers })).toEqual(['name my server', 'name a__b', `long_name ${'n'.repeat(40)}`])
  })

  test('leaves other settings of a host alone, and says what it does not read', () => {
    const mcpServers = { s: { command: 'x' } }
    expect(found({ mcpServers, mcp: { allowed: ['s'], excluded: ['t'] } }, '.gemini/settings.json')).toEqual([])
    expect(found({ mcpServers, projects: { '/p': { mcpServers } } }, '.claude.json')).toEqual(['other_project'])
  })

  test('repeats no default of a variable that is written wrongly', () => {
    const env = { A: '${A-hunter2}', B: '${B:=hunter2}', C: '${input:C:-hunter2}' }
    const findings = lintConfig(JSON.stringify({ mcpServers: { s: { command: 'x', env } } }), { path: '.mcp.json' })
    expect(findings.map(({ code }) => code)).toEqual(['unknown_variable', 'unknown_variable', 'unknown_input'])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  test('points at the line, says what to do, and repeats no secret', () => {
    const text = '{"mcpServers": {\n  "s": {\n    "command": "x",\n    "env": { "TOKEN": "hunter2" }\n  }\n}}'
    const findings = lintConfig(text, { path: 'c.json' })
    expect(findings).toMatchObject([
      { place: { path: 'c.json', line: 4, column: 14 }, fix: expect.stringMatching(/variable/) },
    ])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  test('reads Codex, whose keys name variables', () => {
    const text =
      '[mcp_servers.s]\nurl = "https://x.dev"\nbearer_token_env_var = "T"\n[mcp_servers.t]\ncommand = "${X}"\n'
    expect(lintConfig(text, { path: '.codex/config.toml' }).map(({ code, place }) => [code, place.line])).toEqual([
      ['foreign_variable', 5],
    ])
  })

  test('sees what several files define', () => {
    const file = (path: string) => parseConfig('{"mcpServers":{"a":{"command":"x"}}}', { path })
    expect(lintConfig(mergeConfigs([file('1.json'), file('2.json')]))).toMatchObject([
      { code: 'duplicate', place: { path: '2.json' } },
    ])
  })

  test('never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(fc.string(), fc.jsonValue()).map((mcpServers) => JSON.stringify({ mcpServers })),
    )
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('json' as const, 'toml' as const),
        (one, format) => void lintConfig(one, { format }),
      ),
    )
  })
})
