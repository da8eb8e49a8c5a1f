import { expect, test } from 'bun:test'
import { createLog } from './request-log.ts'

test('no line has a secret of the environment, or what looks like one of somebody else', () => {
  const lines: string[] = []
  const env = { JIRA_API_TOKEN: 'an-api-token', JIRA_BRIDGE_TOKEN: 'a-bridge-token' }
  const log = createLog((line) => lines.push(line), { env })
  const line = 'an-api-token a-bridge-token Authorization: Bearer abcdefgh12345678 https://me:hidden@e.com'
  log({ level: 'info', event: 'jira-server-says', line })
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toMatch(/an-api-token|a-bridge-token|abcdefgh12345678|hidden/)
})
