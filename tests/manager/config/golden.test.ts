import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { lintConfig, parseConfig } from '@bao-mcp/client/config'

const folder = join(import.meta.dir, 'golden')

/** A file of each host, and where the host keeps it. */
const hosts: readonly (readonly [file: string, path: string])[] = [
  ['claude-code.json', '/project/.mcp.json'],
  ['claude-desktop.json', '/home/me/Claude/claude_desktop_config.json'],
  ['cursor.json', '/project/.cursor/mcp.json'],
  ['windsurf.json', '/home/me/.codeium/windsurf/mcp_config.json'],
  ['cline.json', '/home/me/settings/cline_mcp_settings.json'],
  ['gemini.json', '/home/me/.gemini/settings.json'],
  ['copilot.json', '/home/me/.copilot/mcp-config.json'],
  ['vscode.jsonc', '/project/.vscode/mcp.json'],
  ['codex.toml', '/home/me/.codex/config.toml'],
  ['opencode.jsonc', '/project/opencode.jsonc'],
  ['bare.json', '/project/servers.json'],
]

describe('the format of', () => {
  test.each(hosts)('%s has its normal form', async (file, path) => {
    const text = await Bun.file(join(folder, file)).text()
    const { servers, inputs, problems } = parseConfig(text, { path })
    const name = file.replace(/\.\w+$/, '.expected.json')
    expect({ servers, inputs, problems }).toEqual(await Bun.file(join(folder, name)).json())
  })

  test.each(hosts)('%s holds nothing that its host would not understand', async (file, path) => {
    const findings = lintConfig(await Bun.file(join(folder, file)).text(), { path })
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

test('the settings of VS Code hold what its own file holds', () => {
  const servers = { a: { type: 'stdio', command: 'x' } }
  const own = parseConfig(JSON.stringify({ servers }), { path: '.vscode/mcp.json' }).servers
  const settings = parseConfig(JSON.stringify({ mcp: { servers } }), { path: 'settings.json' }).servers
  expect(settings.map(({ origin, ...entry }) => [origin.dialect, entry])).toEqual(
    own.map(({ origin, ...entry }) => [origin.dialect, entry]),
  )
})
