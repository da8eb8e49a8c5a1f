import { expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { type Client, connect, stdio } from '@bao-mcp/client'
import { type FakeJira, startFakeJira } from '../../apps/jira-bridge/src/fake/start-fake-jira.ts'
import { TOOLS, type ToolInput, type ToolName, type ToolOutput } from '../../apps/jira-bridge/src/shapes.ts'
import { folder, unlessMissing } from '../oracle/official.ts'
import { startContract } from './fixtures/contract.ts'

const APP = resolve(import.meta.dir, '../../apps/jira-bridge')
const DOCUMENT = join(folder ?? '', 'jira/openapi.slim.json')
const TIMEOUT_MS = 120_000
const MANY = 1_000
const LONG = Array.from({ length: 4_500 }, (_, line) => `${line}: ünïcödé → 日本語 🎉 مرحبا`).join('\n\n')

/** What the bridge says, with its log at `debug`, of an answer that is not as documented. */
const STRANGE = /(GET|POST|PUT) \/rest\/api\/3\/\S+: /

interface Bridge extends AsyncDisposable {
  readonly client: Client
  readonly called: Set<string>
  /** Everything it said on stderr. */
  readonly said: string[]
  call<Name extends ToolName>(name: Name, args: ToolInput<Name>): Promise<ToolOutput<Name>>
  /** The words of a refusal. */
  refused(name: ToolName, args: Record<string, unknown>): Promise<string>
}

/** The bridge as its users start it, on a site at this address. */
async function openBridge(fake: FakeJira, url: string): Promise<Bridge> {
  const said: string[] = []
  const { email, apiToken } = fake.credentials
  const client = await connect(
    stdio({
      command: process.execPath,
      args: [APP],
      env: { JIRA_URL: url, JIRA_EMAIL: email, JIRA_API_TOKEN: apiToken, JIRA_WRITE: '1', BAO_LOG: 'debug' },
      stderr: (line) => void said.push(line),
    }),
  )
  const called = new Set<string>()
  return {
    client,
    called,
    said,
    async call(name, args) {
      called.add(name)
      const { structured, content, isError } = await client.callTool(name, args, { timeoutMs: TIMEOUT_MS })
      if (isError) throw new Error(`${name}: ${JSON.stringify(content)}`)
      // proof: it has just been parsed by the schema of this tool
      return TOOLS[name].output.parse(structured) as ToolOutput<typeof name>
    },
    async refused(name, args) {
      const { content, isError } = await client.callTool(name, args)
      expect(isError).toBe(true)
      return JSON.stringify(content)
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

test.skipIf(folder === undefined)(
  `everything the bridge asks of Jira, and all it is answered, is as Atlassian describes it${unlessMissing}`,
  async () => {
    await using fake = await startFakeJira({ seed: { issues: MANY } })
    await using contract = await startContract(DOCUMENT, fake.url)
    await using bridge = await openBridge(fake, contract.url)
    const { call, refused, client } = bridge

    expect((await call('jira_whoami', {})).user.name).toBe('Product owner')
    expect((await call('jira_list_projects', { query: 'parc' })).projects).toHaveLength(1)
    expect((await call('jira_list_projects', {})).total).toBe(2)
    const { types } = await call('jira_list_issue_types', { project: 'DEMO', withFields: true })
    expect(types.every(({ fields = [] }) => fields.some(({ id }) => id === 'summary'))).toBe(true)
    expect((await call('jira_find_users', { query: 'developer' })).users).toHaveLength(1)

    const all = await call('jira_search_issues', { jql: 'project = DEMO ORDER BY key', limit: MANY })
    expect(new Set(all.issues.map(({ key }) => key)).size).toBe(MANY)
    const walked: string[] = []
    let pageToken: string | undefined
    do {
      const page = await call('jira_search_issues', { jql: 'project = DEMO ORDER BY key', limit: 300, pageToken })
      walked.push(...page.issues.map(({ key }) => key))
      pageToken = page.nextPageToken
    } while (pageToken !== undefined)
    expect(walked).toEqual(all.issues.map(({ key }) => key))

    const draft = {
      project: 'DEMO',
      type: 'Task',
      summary: 'Straße → 日本 🎉',
      description: LONG,
      assignee: 'developer@example.com',
      priority: 'High',
      labels: ['ünï', 'b'],
      parent: 'DEMO-1',
    }
    expect(Buffer.byteLength(LONG)).toBeGreaterThan(200_000)
    const requests = fake.requests.length
    expect((await call('jira_create_issue', { ...draft, dryRun: true })).isDryRun).toBe(true)
    expect(fake.requests.slice(requests).filter(({ method }) => method !== 'GET')).toEqual([])
    const { key = '' } = await call('jira_create_issue', draft)
    const made = await call('jira_get_issue', { key })
    expect(made).toMatchObject({
      summary: draft.summary,
      priority: 'High',
      labels: draft.labels,
      assignee: { name: 'Developer' },
      parent: 'DEMO-1',
    })
    expect(made.description).toBe(LONG)

    await call('jira_update_issue', { key, summary: 'Neu', labels: ['c'], priority: 'Low', description: '# Kurz' })
    await call('jira_update_issue', { key, assignee: 'Tester' })
    expect((await call('jira_get_issue', { key })).assignee?.name).toBe('Tester')
    await call('jira_update_issue', { key, assignee: null })
    expect(await call('jira_get_issue', { key })).toMatchObject({
      summary: 'Neu',
      description: '# Kurz',
      labels: ['c'],
    })
    expect((await call('jira_get_issue', { key })).assignee).toBeUndefined()

    const { transitions } = await call('jira_get_transitions', { key })
    expect(transitions.map(({ name }) => name)).toContain('Start progress')
    const moved = await call('jira_transition_issue', { key, to: 'start PROGRESS', comment: 'los *geht* es' })
    expect(moved.status?.name).toBe('In Progress')
    await call('jira_add_comment', { key, body: LONG })
    expect(await call('jira_get_issue', { key })).toMatchObject({
      status: { name: 'In Progress' },
      comments: { total: 2, latest: [{ body: LONG }, { body: 'los *geht* es' }] },
    })
    const fresh = await call('jira_search_issues', { jql: `key = ${key}` })
    expect(fresh.issues).toMatchObject([{ key, summary: 'Neu', status: { name: 'In Progress' } }])

    expect(await refused('jira_get_issue', { key: 'DEMO-99999' })).toContain('(404)')
    expect(await refused('jira_search_issues', { jql: 'nonsense ===' })).toContain('(400)')
    expect(await refused('jira_transition_issue', { key, to: 'Nowhere' })).toContain('has no transition')
    expect(await refused('jira_create_issue', { project: 'NONE', type: 'Task', summary: 'x' })).toContain('NONE')

    const { contents } = await client.readResource(`jira://issue/${key}`)
    expect(contents).toMatchObject([{ mimeType: 'text/markdown', text: expect.stringContaining('Neu') }, {}])
    for (const prompt of ['triage', 'standup']) {
      expect(JSON.stringify(await client.getPrompt(prompt, { project: 'DEMO' }))).toMatch(/DEMO-\d/)
    }

    expect(contract.violations).toEqual([])
    expect([...bridge.called].sort()).toEqual((await client.listTools()).map(({ name }) => name).sort())
    // so that all it says has come
    await client.close()
    // answers were also compared with what the library behind the bridge takes them for
    expect(bridge.said.filter((line) => STRANGE.test(line))).toEqual([])
    expect([...contract.operations].sort()).toEqual([
      'GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes',
      'GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}',
      'GET /rest/api/3/issue/{issueIdOrKey}',
      'GET /rest/api/3/issue/{issueIdOrKey}/comment',
      'GET /rest/api/3/issue/{issueIdOrKey}/transitions',
      'GET /rest/api/3/myself',
      'GET /rest/api/3/project/search',
      'GET /rest/api/3/user/assignable/search',
      'GET /rest/api/3/user/search',
      'POST /rest/api/3/issue',
      'POST /rest/api/3/issue/{issueIdOrKey}/comment',
      'POST /rest/api/3/issue/{issueIdOrKey}/transitions',
      'POST /rest/api/3/search/jql',
      'PUT /rest/api/3/issue/{issueIdOrKey}',
    ])
    expect(new Set(contract.undescribed)).toEqual(new Set(['GET /rest/api/3/mypermissions']))
  },
  TIMEOUT_MS,
)

test.skipIf(folder === undefined)(
  `a request or an answer that is not as described is seen${unlessMissing}`,
  async () => {
    await using fake = await startFakeJira()
    // a Jira that is wrong in one answer
    await using wrong = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        const { pathname, search } = new URL(request.url)
        const headers = { authorization: request.headers.get('authorization') ?? '' }
        const answer = await fetch(fake.url + pathname + search, { headers })
        const body = await answer.json()
        return Response.json(pathname.endsWith('/myself') ? { ...body, accountId: 123 } : body, answer)
      },
    })
    await using contract = await startContract(DOCUMENT, `http://127.0.0.1:${wrong.port}`)
    const { violations } = contract
    await using bridge = await openBridge(fake, contract.url)
    await bridge.call('jira_list_projects', {})
    expect(violations).toEqual([])
    await bridge.client.callTool('jira_whoami', {})
    expect(violations.splice(0).join('\n')).toMatch(/GET \/rest\/api\/3\/myself 500: .*accountId must be string/)

    await using near = await openBridge(fake, `http://127.0.0.1:${wrong.port}`)
    await near.client.callTool('jira_whoami', {})
    await near.client.close()
    expect(near.said.filter((line) => STRANGE.test(line))).toEqual([expect.stringContaining('accountId')])

    const { email, apiToken } = fake.credentials
    const headers = { authorization: `Basic ${btoa(`${email}:${apiToken}`)}`, 'content-type': 'application/json' }
    const post = (path: string, body: unknown) =>
      fetch(contract.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    expect((await post('/rest/api/3/search/jql', { jql: 5 })).status).toBe(422)
    expect(violations.splice(0).join('\n')).toMatch(/jql must be string/)
    expect((await post('/rest/api/3/search', { jql: 'project = DEMO' })).status).toBe(404)
    expect(violations.splice(0).join('\n')).toMatch(/NO_PATH_MATCHED_ERROR/)
  },
  TIMEOUT_MS,
)
