import { afterAll, expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { startBackend } from '../../apps/jira-bridge/src/backend/serve.ts'
import { JiraClient, type JiraConnectOptions } from '../../apps/jira-bridge/src/client/jira-client.ts'
import { startFakeJira } from '../../apps/jira-bridge/src/fake/start-fake-jira.ts'
import { marker, pidsOf } from '../manager/server-processes.ts'

const main = fileURLToPath(new URL('../../apps/jira-bridge/src/main.ts', import.meta.url))
const fake = await startFakeJira({ seed: { issues: 1_000 } })
afterAll(() => fake.close())

const { email, apiToken } = fake.credentials
const env = { JIRA_URL: fake.url, JIRA_EMAIL: email, JIRA_API_TOKEN: apiToken, JIRA_WRITE: '1' }
const NEW = { project: 'DEMO', type: 'Task', summary: 'Änderung → 日本' }

/** The bridge as a process that can be found by its marker. */
function bridge(mark: string, more: JiraConnectOptions = {}): JiraConnectOptions {
  // the bridge takes no arguments of its own, so the marker is one of the runtime
  return { command: process.execPath, args: [`--title=${mark}`, main], env, restart: { firstMs: 1 }, ...more }
}

for (const pin of ['modern', 'legacy'] as const) {
  test(`drives the bridge over stdio through everything it does, ${pin}`, async () => {
    await using jira = await JiraClient.connect({ env, pin })
    expect(jira.info().era).toBe(pin)
    expect((await jira.whoami()).user.email).toBe(email)
    const dry = await jira.createIssue({ ...NEW, dryRun: true })
    expect([dry.isDryRun, dry.key]).toEqual([true, undefined])
    const { key = '' } = await jira.createIssue({ ...NEW, description: '# Title\n\n* one\n* two', labels: ['a'] })
    const steps = await jira.getTransitions(key)
    expect(steps.map(({ to }) => to.name)).toContain('In Progress')
    expect((await jira.transition(key, 'In Progress')).status).toEqual({
      name: 'In Progress',
      category: 'indeterminate',
    })
    await jira.addComment(key, 'It *works*')
    await jira.updateIssue(key, { labels: ['b'] })
    expect(await jira.getIssue(key)).toMatchObject({
      summary: NEW.summary,
      labels: ['b'],
      status: { name: 'In Progress' },
      description: expect.stringContaining('# Title'),
      comments: { total: 1, latest: [{ body: expect.stringContaining('*works*') }] },
    })
    expect((await jira.searchIssues(`key = ${key}`)).map((issue) => issue.key)).toEqual([key])
    expect((await jira.listProjects()).projects.map((project) => project.key)).toContain('DEMO')
    expect((await jira.listIssueTypes('DEMO')).map(({ name }) => name)).toContain('Task')
    expect(await jira.findUsers(email)).toHaveLength(1)
  })
}

test('pages through 1000 issues of the bridge, each of them once', async () => {
  await using jira = await JiraClient.connect({ env })
  const keys: string[] = []
  for await (const page of jira.issuePages('project = DEMO ORDER BY key', { limit: 1_000 })) {
    keys.push(...page.map(({ key }) => key))
  }
  expect([keys.length, new Set(keys).size]).toEqual([1_000, 1_000])
})

test.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [409, 'conflict'],
  [410, 'unsupported'],
  [422, 'invalid'],
] as const)('a %d of Jira is %s to who asked, and holds no secret', async (status, code) => {
  await using jira = await JiraClient.connect({ env })
  fake.fail({ path: '/rest/api/3/issue/DEMO-1', status })
  const error = await jira.getIssue('DEMO-1').catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'JiraError', code, tool: 'jira_get_issue' })
  expect(Bun.inspect(error)).not.toContain(apiToken)
})

test('without its flag for writes the bridge has no tool for them, and the client says so', async () => {
  await using jira = await JiraClient.connect({ env: { ...env, JIRA_WRITE: '0' } })
  const error = await jira.createIssue(NEW).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'unsupported', tool: 'jira_create_issue' })
  expect(String(error)).toContain('it offers jira_')
})

for (const pin of ['modern', 'legacy'] as const) {
  test(`backend, client, bridge and Jira: a bridge that is killed under a create does it once, ${pin}`, async () => {
    const mark = marker()
    const backend = await startBackend({ port: 0, log: () => {}, jira: bridge(mark, { pin, startWaitMs: 30_000 }) })
    const post = (path: string, body: unknown) =>
      fetch(backend.url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    const summary = `killed under it ${pin}`
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>()
    const held = fake.hold({ path: '/rest/api/3/issue', method: 'POST', until, isAfterEffect: true })
    const write = post('/issues', { ...NEW, summary })
    await held
    const [pid = 0] = pidsOf(mark)
    process.kill(pid, 'SIGKILL')
    expect(await (await write).json()).toMatchObject({ status: 409, code: 'outcome_unknown' })
    letGo()
    const found = await (await post('/search', { jql: `project = DEMO AND summary ~ "${summary}"` })).json()
    expect(found.issues).toHaveLength(1)
    expect(pidsOf(mark)).not.toContain(pid)
    await backend.close()
    expect(pidsOf(mark)).toEqual([])
  })
}

for (const pin of ['modern', 'legacy'] as const) {
  test(`backend, client, bridge and Jira: a read whose bridge is killed under it is answered by the next, ${pin}`, async () => {
    const mark = marker()
    await using backend = await startBackend({
      port: 0,
      log: () => {},
      jira: bridge(mark, { pin, startWaitMs: 30_000 }),
    })
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>()
    const path = '/rest/api/3/issue/DEMO-2'
    // it keeps the first answer back until the end, so any answer is another one
    const held = fake.hold({ path, until })
    const read = fetch(`${backend.url}/issues/DEMO-2`)
    await held
    const [pid = 0] = pidsOf(mark)
    process.kill(pid, 'SIGKILL')
    const answer = await read
    expect([answer.status, (await answer.json()).key]).toEqual([200, 'DEMO-2'])
    expect(pidsOf(mark)).not.toContain(pid)
    letGo()
  })
}
