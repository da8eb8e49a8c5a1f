import { expect, test } from 'bun:test'
import { describeCommand } from './describe-command.ts'

test.each([
  [['bun', 'apps/echo'], 'bun apps/echo'],
  [['x', '--api-key', 'hunter2', 'run'], 'x --api-key *** run'],
  [['x', '--token', '--verbose'], 'x --token --verbose'],
  [['x', '--auth-token=hunter2', '-p', '8080'], 'x --auth-token=*** -p 8080'],
  [['env', 'JIRA_API_TOKEN=hunter2', 'x'], 'env JIRA_API_TOKEN=*** x'],
  [['x', 'postgres://me:hunter2@db/main'], 'x postgres://me:***@db/main'],
  [['x', 'https://example.test/a=b'], 'x https://example.test/a=b'],
  [['x', '--header', 'Authorization: Bearer hunter2'], 'x --header Authorization: ***'],
  [['x', '--header=X-Api-Key:hunter2'], 'x --header=X-Api-Key:***'],
  [['x', '--token=hunter2 and more'], 'x --token=***'],
  [['x', '--access-key', 'hunter2', '--keyboard', 'us'], 'x --access-key *** --keyboard us'],
  [['x', 'https://h.test/mcp?v=1&api_key=hunter2&w=2'], 'x https://h.test/mcp?v=1&api_key=***&w=2'],
  [['x', 'https://hunter2@h.test/mcp'], 'x https://***@h.test/mcp'],
  [['x', 'https://token.h.test:8080/mcp'], 'x https://token.h.test:8080/mcp'],
  [['sh', '-c', `TOKEN=hunter2 x`], 'sh -c TOKEN=***'],
  [['sh', '-c', `export A=1 TOKEN='hunter2 3'; x`], 'sh -c export A=1 TOKEN=***; x'],
  [['x', 'ghp_abcdefghijkl', 'sk-ant-12345678'], 'x *** ***'],
])('%j is shown as %s', ([command = '', ...args], shown) => {
  expect(describeCommand(command, args)).toBe(shown)
})

test('a long command line is cut', () => {
  expect(describeCommand('sh', ['-c', 'x'.repeat(1000)])).toHaveLength(200)
})
