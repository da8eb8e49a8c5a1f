import { expect, test } from 'bun:test'
import { lasting, registrationHint } from './register.ts'

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
  const blocks = [...hint.matchAll(/^ {2}(\{.*\})$/gm)].map(([, block]) => JSON.parse(block ?? ''))
  expect(blocks).toEqual([{ mcpServers: { echo: launch } }, { servers: { echo: { type: 'stdio', ...launch } } }])
})

test('ends with what it is waiting for', () => {
  expect(hint.trimEnd().split('\n').at(-1)).toBe('Waiting for a client on stdin; Ctrl-D stops it.')
})

test('registers a Bun that outlives the cache of npx', () => {
  expect(lasting({ command: '/home/me/.npm/_npx/1a2b/node_modules/bun/bin/bun.exe', args: ['/srv/echo'] })).toEqual({
    command: 'npx',
    args: ['--yes', '--allow-scripts=bun', 'bun@1.4.5', '/srv/echo'],
  })
  expect(lasting(launch)).toEqual(launch)
})
