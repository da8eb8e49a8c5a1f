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
])('%j is shown as %s', ([command = '', ...args], shown) => {
  expect(describeCommand(command, args)).toBe(shown)
})

test('a long command line is cut', () => {
  expect(describeCommand('sh', ['-c', 'x'.repeat(1000)])).toHaveLength(200)
})
