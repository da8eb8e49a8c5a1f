import { expect, test } from 'bun:test'
import { createSessionManager } from '@bao-mcp/client'
import { JiraClient } from '../../apps/jira-bridge/src/client/jira-client.ts'
import { marker, pidsOf } from '../manager/server-processes.ts'
import { ENDLESS } from './fixtures/bridge-like.ts'
import { bridgeProcess } from './fixtures/bridge-process.ts'

const LOST = { project: 'DEMO', type: 'Bug', summary: ENDLESS }

for (const pin of ['modern', 'legacy'] as const) {
  test(`a write is not sent again when its server is killed under it, and the next call works, ${pin}`, async () => {
    const mark = marker()
    const bridge = bridgeProcess(mark, { pin })
    const jira = await JiraClient.connect(bridge.options)
    const write = jira.createIssue(LOST).catch((error: unknown) => error)
    process.kill(await bridge.nth(1), 'SIGKILL')
    expect(await write).toMatchObject({ name: 'JiraError', code: 'outcome_unknown', tool: 'jira_create_issue' })
    expect(String(await write)).toContain('look before you repeat it')
    expect(await jira.searchIssues('project = DEMO')).toHaveLength(3)
    expect(bridge.begun).toHaveLength(1)
    await jira.close()
    expect(pidsOf(mark)).toEqual([])
  })
}

test('a read is sent once more when its server is killed under it, and then it is unavailable', async () => {
  const bridge = bridgeProcess(marker())
  await using jira = await JiraClient.connect(bridge.options)
  const read = jira.searchIssues(ENDLESS).catch((error: unknown) => error)
  process.kill(await bridge.nth(1), 'SIGKILL')
  const second = await bridge.nth(2)
  expect(second).not.toBe(bridge.begun[0] ?? 0)
  process.kill(second, 'SIGKILL')
  expect(await read).toMatchObject({ code: 'unavailable', tool: 'jira_search_issues' })
})

test('a read that takes too long is a timeout, a write is of unknown outcome', async () => {
  await using jira = await JiraClient.connect(bridgeProcess(marker()).options)
  const limits = { timeoutMs: 20 }
  expect(await jira.searchIssues(ENDLESS, limits).catch((error: unknown) => error)).toMatchObject({ code: 'timeout' })
  const write = await jira.createIssue(LOST, limits).catch((error: unknown) => error)
  expect(write).toMatchObject({ code: 'outcome_unknown' })
})

test('a call that is given up rejects with the reason of its signal', async () => {
  const bridge = bridgeProcess(marker())
  await using jira = await JiraClient.connect(bridge.options)
  const controller = new AbortController()
  const call = jira.searchIssues(ENDLESS, { signal: controller.signal }).catch((error: unknown) => error)
  await bridge.nth(1)
  const reason = new Error('enough')
  controller.abort(reason)
  expect(await call).toBe(reason)
})

test('a server that does not start is unavailable, with what it said last, and leaves nothing', async () => {
  const args = ['-c', 'echo JIRA_URL is wrong >&2; exit 3']
  const connecting = JiraClient.connect({ command: 'sh', args, restart: { max: 0 } })
  const error = await connecting.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'JiraError', code: 'unavailable' })
  expect(String(error)).toContain('JIRA_URL is wrong')
})

test('a client that need not start at once tells by its calls that the server is unavailable', async () => {
  const command = '/nowhere/at-all'
  await using jira = await JiraClient.connect({ command, mustStart: false })
  expect(await jira.whoami().catch((error: unknown) => error)).toMatchObject({ code: 'unavailable' })
})

test('drives a server of a manager that stays its owner’s', async () => {
  const { options } = bridgeProcess(marker())
  await using manager = createSessionManager()
  const { args, stderr } = options
  await manager.add('tracker', { command: process.execPath, args, stderr, trustAnnotations: false })
  {
    await using jira = JiraClient.over(manager.get('tracker'))
    expect(await jira.searchIssues('project = DEMO', { limit: 2 })).toHaveLength(2)
  }
  expect(manager.serverInfo('tracker').state).toBe('ready')
})
