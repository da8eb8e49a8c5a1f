import { expect, test } from 'bun:test'
import { registrationHint } from './register.ts'

const launch = { command: '/opt/my tools/bun', args: ['/home/me/echo'] }
const hint = registrationHint(launch, (text) => text)

test('names every host a person is likely to have', () => {
  for (const host of ['claude mcp add echo --', '.mcp.json', '.vscode/mcp.json', '.cursor/mcp.json']) {
    expect(hint).toContain(host)
  }
})

test('quotes what a shell would split', () => {
  expect(hint).toContain("claude mcp add echo -- '/opt/my tools/bun' /home/me/echo")
})

test('prints configurations that are JSON and start this very command', () => {
  const blocks = [...hint.matchAll(/^ {2}\{\n[\s\S]*?^ {2}\}$/gm)].map(([block]) => JSON.parse(block))
  expect(blocks).toEqual([
    { mcpServers: { echo: launch } },
    { servers: { echo: { type: 'stdio', ...launch } } },
    { mcpServers: { echo: launch } },
  ])
})
