import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSessionManager } from '@bao-mcp/client'
import { applyConfig, parseConfig } from '@bao-mcp/client/config'
import { type FakeJira, startFakeJira } from '../../apps/jira-bridge/src/fake/start-fake-jira.ts'
import { openHttpV1 } from '../interop/drivers/http-v1.ts'
import { openHttpV2 } from '../interop/drivers/http-v2.ts'
import { startBridgeHttp } from './fixtures/bridge-http.ts'

const ROOT = resolve(import.meta.dir, '../..')
const README = readFileSync(resolve(ROOT, 'apps/jira-bridge/README.md'), 'utf8')

/** Configurations of the README, in order: as a person copies them. */
const CONFIGURATIONS: readonly string[] = [...README.matchAll(/^```json\n(\{[^`]*"mcpServers"[^`]*)^```$/gm)].map(
  ([, block = '']) => block,
)

function signedIn(fake: FakeJira): Record<string, string> {
  const { email, apiToken } = fake.credentials
  return { JIRA_URL: fake.url, JIRA_EMAIL: email, JIRA_API_TOKEN: apiToken }
}

const CLIENTS = [
  ['sdk v1', openHttpV1, 'legacy'],
  ['client v2, legacy', (url: URL) => openHttpV2(url, { mode: 'legacy' }), 'legacy'],
  ['client v2, modern', (url: URL) => openHttpV2(url, { mode: 'auto' }), 'modern'],
] as const

test.each(CLIENTS)('an official client drives the bridge over HTTP (%s)', async (_, open, era) => {
  await using fake = await startFakeJira()
  await using bridge = await startBridgeHttp({ ...signedIn(fake), JIRA_WRITE: '1' })
  await using client = await open(bridge.url)
  expect(client.era).toBe(era)
  expect(await client.listTools()).toHaveLength(11)
  const progress: number[] = []
  const found = await client.call(
    'jira_search_issues',
    { jql: 'project = DEMO ORDER BY key', limit: 5 },
    { onProgress: (done) => void progress.push(done) },
  )
  expect([Object(found.structured).issues.length, progress]).toEqual([5, [5]])
  const made = await client.call('jira_create_issue', { project: 'DEMO', type: 'Task', summary: 'x', description: 'a' })
  const { key } = Object(made.structured)
  client.reply = { action: 'decline' }
  const kept = await client.call('jira_update_issue', { key, description: 'b' })
  expect([kept.isError, client.asked]).toEqual([true, 1])
  const moved = await client.call('jira_transition_issue', { key, to: 'Start progress' })
  expect(Object(moved.structured).status.name).toBe('In Progress')
  await client.call('jira_add_comment', { key, body: 'ünïcödé 🎉' })
  expect((await client.call('jira_get_issue', { key })).structured).toMatchObject({
    description: 'a',
    comments: { latest: [{ body: 'ünïcödé 🎉' }] },
  })
  expect(Object(await client.read(`jira://issue/${key}`)).contents[0].text).toContain('ünïcödé')
  expect(JSON.stringify(await client.prompt('triage', { project: 'DEMO' }))).toContain('DEMO-')
  expect(await client.complete({ prompt: 'triage' }, 'project', 'd')).toEqual(['DEMO'])
  expect(bridge.said()).not.toContain(fake.credentials.apiToken)
})

test('the configuration of the README starts the bridge unchanged, with the Jira that comes along', async () => {
  await using manager = createSessionManager()
  const [first = ''] = CONFIGURATIONS
  const config = parseConfig(first, { path: resolve(ROOT, '.mcp.json') })
  expect(config.problems).toEqual([])
  const plan = await applyConfig(manager, config, { trusted: true })
  expect({ add: plan.add, unresolved: plan.unresolved, skipped: plan.skipped }).toEqual({
    add: ['jira'],
    unresolved: [],
    skipped: [],
  })
  const { structured } = await manager.callTool('jira', 'jira_add_comment', { key: 'DEMO-1', body: 'from a host' })
  expect(structured).toMatchObject({ isDryRun: false, key: 'DEMO-1' })
})

test('the configuration for a real site signs in there, and writes nothing until it is told to', async () => {
  await using fake = await startFakeJira()
  await using manager = createSessionManager()
  const { email, apiToken } = fake.credentials
  const filled = (CONFIGURATIONS[1] ?? '')
    .replace('/path/to/bao', ROOT)
    .replace('https://your-site.atlassian.net', fake.url)
    .replace('you@example.com', email)
    .replace('your token', apiToken)
  const config = parseConfig(filled, { path: '/home/you/.mcp.json' })
  expect(config.problems).toEqual([])
  expect((await applyConfig(manager, config, { trusted: true })).add).toEqual(['jira'])
  const { structured } = await manager.callTool('jira', 'jira_whoami', {})
  expect(structured).toMatchObject({ user: { email } })
  const names = (await manager.listTools()).map(({ tool }) => tool.name)
  expect(names.filter((name) => /create|update|transition_|comment/.test(name))).toEqual([])
  expect(names).toContain('jira_get_transitions')
})
