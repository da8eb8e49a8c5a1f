import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { memory } from '@bao-mcp/client'
import { createServer, type Server, serveChannel, ToolError, tool } from '@bao-mcp/server'
import { serveHttp } from '@bao-mcp/server/http'
import { z } from 'zod'
import { JiraClient, type JiraConnectOptions } from '../../apps/jira-bridge/src/client/jira-client.ts'
import { JiraError } from '../../apps/jira-bridge/src/client/jira-error.ts'
import { bridgeLike } from './fixtures/bridge-like.ts'
import { createMemoryJira } from './fixtures/memory-jira.ts'

const ERAS = ['modern', 'legacy'] as const
const atlassianLike = fileURLToPath(new URL('./fixtures/atlassian-like.ts', import.meta.url))

const ISSUE = {
  ...{ key: 'DEMO-1', id: '1', url: 'https://jira.example.com/browse/DEMO-1', summary: 'a', type: 'Bug' },
  status: { name: 'To Do', category: 'new' },
  labels: [],
}

/** A client of a server in this process. */
function over(server: Server, options: JiraConnectOptions = {}): Promise<JiraClient> {
  return JiraClient.connect({ server: memory((channel) => void serveChannel(server, channel)), ...options })
}

function atlassian(options: JiraConnectOptions = {}): Promise<JiraClient> {
  return JiraClient.connect({ command: process.execPath, args: [atlassianLike], ...options })
}

/** A server of mcp-atlassian's names, all of whose tools do the same. */
function foreign(run: () => ReturnType<typeof refusal>): Server {
  const inputs = {
    jira_get_issue: z.object({ issue_key: z.string() }),
    jira_add_comment: z.object({ issue_key: z.string(), body: z.string() }),
  }
  const tools = Object.entries(inputs).map(([name, input]) => tool({ name, input: input.loose(), run }))
  return createServer({ name: 'foreign', version: '1', tools })
}

function refusal(text: string, told: Record<string, string | number> | undefined) {
  const content = [{ type: 'text' as const, text }]
  return { content, isError: true as const, ...(told !== undefined && { _meta: { 'example.com/error': told } }) }
}

async function failure(promise: Promise<unknown>): Promise<JiraError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof JiraError) return error
  throw new Error('it was to fail with a JiraError', { cause: error })
}

for (const era of ERAS) {
  test(`does everything through the tools of our bridge, ${era}`, async () => {
    await using jira = await over(bridgeLike(), { pin: era })
    expect((await jira.mapping()).name).toBe('bao jira bridge')
    const { key = '' } = await jira.createIssue({
      project: 'DEMO',
      type: 'Bug',
      summary: 'It rains',
      description: '# In',
    })
    expect(key).toBe('DEMO-4')
    expect((await jira.getTransitions(key)).map(({ name }) => name)).toEqual(['Start', 'Finish'])
    expect(await jira.transition(key, 'Start')).toMatchObject({ status: { name: 'In Progress' } })
    expect(await jira.addComment(key, 'It *still* does')).toMatchObject({ id: '1' })
    expect(await jira.getIssue(key)).toMatchObject({
      summary: 'It rains',
      description: '# In',
      status: { category: 'indeterminate' },
      comments: { total: 1, latest: [{ body: 'It *still* does' }] },
    })
    expect((await jira.searchIssues('project = DEMO')).map((issue) => issue.key)).toContain(key)
    expect((await jira.whoami()).user.name).toBe('Project lead')
  })

  test(`does the same through a server of other names and shapes, ${era}`, async () => {
    await using jira = await atlassian({ pin: era })
    expect((await jira.mapping()).name).toBe('mcp-atlassian')
    const { key = '', url } = await jira.createIssue({
      project: 'DEMO',
      type: 'Bug',
      summary: 'It rains',
      description: '# In',
      labels: ['roof'],
      assignee: 'role-lead',
    })
    expect([key, url]).toEqual(['DEMO-4', 'https://jira.example.com/browse/DEMO-4'])
    expect((await jira.getTransitions(key)).map(({ name, to }) => [name, to.name])).toEqual([
      ['Start', 'In Progress'],
      ['Finish', 'Done'],
    ])
    expect(await jira.transition(key, 'in progress')).toMatchObject({ status: { category: 'indeterminate' } })
    expect(await jira.addComment(key, 'It *still* does')).toEqual({ isDryRun: false, key, id: '1' })
    expect(await jira.updateIssue(key, { summary: 'It pours', assignee: null, labels: ['roof', 'wet'] })).toMatchObject(
      {
        key,
      },
    )
    const issue = await jira.getIssue(key)
    expect(issue).toMatchObject({
      summary: 'It pours',
      type: 'Bug',
      description: '# In',
      labels: ['roof', 'wet'],
      project: { key: 'DEMO', name: 'Demonstration' },
      reporter: { accountId: 'role-lead', name: 'Project lead' },
      comments: { total: 1, latest: [{ body: 'It *still* does' }] },
    })
    expect(issue.assignee).toBeUndefined()
    expect(await jira.listProjects({ query: 'oper' })).toMatchObject({ projects: [{ key: 'OPS' }], total: 1 })
    expect((await jira.listIssueTypes('DEMO')).map(({ isSubtask }) => isSubtask)).toEqual([false, true])
    expect(await jira.findUsers('lead@example.com')).toMatchObject([{ accountId: 'role-lead' }])
  })
}

test('says which tool a server lacks, and what it offers instead', async () => {
  await using other = await atlassian()
  const whoami = await failure(other.whoami())
  expect(whoami.code).toBe('unsupported')
  expect(whoami.message).toMatch(/mcp-atlassian has no tool for whoami; it offers jira_search, /)
  await using ours = await over(bridgeLike())
  const update = await failure(ours.updateIssue('DEMO-1', { summary: 'x' }))
  expect([update.code, update.tool]).toEqual(['unsupported', 'jira_update_issue'])
  expect(update.message).toContain('it offers jira_search_issues')
  await using none = await over(
    createServer({ name: 'n', version: '1', tools: [tool({ name: 'echo', run: () => '' })] }),
  )
  expect((await failure(none.searchIssues('a'))).message).toContain('it offers echo')
})

test('never leaves out in silence what a server cannot be told, such as a dry run', async () => {
  await using jira = await atlassian()
  const issue = { project: 'DEMO', type: 'Bug', summary: 'Not real' }
  const error = await failure(jira.createIssue({ ...issue, dryRun: true }))
  expect([error.code, error.message]).toEqual([
    'unsupported',
    'jira_create_issue of mcp-atlassian cannot be told dryRun; nothing was sent',
  ])
  expect((await jira.createIssue({ ...issue, dryRun: false })).key).toBe('DEMO-4')
})

test('drives a server under a URL as well', async () => {
  await using listening = await serveHttp(bridgeLike(), { port: 0 })
  await using jira = await JiraClient.connect({ server: { type: 'http', url: listening.url } })
  expect(await jira.searchIssues('project = DEMO')).toHaveLength(3)
})

test('refuses wrong input before anything is sent, with the name of the field', async () => {
  await using jira = await over(bridgeLike())
  const error = await failure(jira.getIssue('demo 1'))
  expect([error.code, error.message]).toEqual(['invalid', 'getIssue: key: must be an issue key such as DEMO-12'])
})

test('refuses a limit that makes no sense, and options that make no server', async () => {
  await using jira = await over(bridgeLike())
  for (const limit of [0, -1, Number.NaN]) {
    const error = await failure(jira.searchIssues('project = DEMO', { limit }))
    expect([error.code, error.message]).toEqual(['invalid', `search: limit must be at least 1, got ${limit}`])
  }
  expect((await failure(jira.searchIssues('project = DEMO', { limit: 1.5 }))).code).toBe('invalid')
  for (const mustStart of [true, false]) {
    const error = await failure(JiraClient.connect({ command: '', mustStart }))
    expect(error.code).toBe('invalid')
  }
})

test('refuses a field there is none of, as a misspelt dry run would be done', async () => {
  const server = bridgeLike()
  await using jira = await over(server)
  const misspelt = { project: 'DEMO', type: 'Bug', summary: 'Not real', dryrun: true }
  const error = await failure(jira.createIssue(misspelt))
  expect([error.code, error.message]).toEqual(['invalid', 'createIssue: Unrecognized key: "dryrun"'])
  expect(await jira.searchIssues('project = DEMO')).toHaveLength(3)
})

test('takes a failure that a server tells as if it were a success for one', async () => {
  await using jira = await atlassian()
  const error = await failure(jira.findUsers('nobody@example.com'))
  expect([error.code, error.message]).toEqual([
    'not_found',
    "jira_get_user_profile: User 'nobody@example.com' not found",
  ])
})

test('lists what an issue allows when a transition is not among it', async () => {
  await using jira = await atlassian()
  const error = await failure(jira.transition('DEMO-1', 'Fly'))
  expect(error.code).toBe('invalid')
  expect(error.message).toContain('it allows "Start" (id 21, to In Progress), "Finish" (id 31, to Done)')
})

test('walks over 1000 issues page by page, each of them once, with either server', async () => {
  await using ours = await over(bridgeLike(createMemoryJira({ seed: 1_000 })))
  await using other = await atlassian({ env: { SEED: '1000' } })
  for (const jira of [ours, other]) {
    const keys: string[] = []
    const sizes = new Set<number>()
    for await (const page of jira.issuePages('project = DEMO')) {
      sizes.add(page.length)
      keys.push(...page.map(({ key }) => key))
    }
    expect(new Set(keys).size).toBe(1_000)
    expect(keys).toHaveLength(1_000)
    expect(sizes.size).toBe(1)
    expect(await jira.searchIssues('project = DEMO', { limit: 120 })).toHaveLength(120)
  }
  // a Data Center has places instead of tokens
  expect(await other.searchIssues('"data center"', { limit: 1_000 })).toHaveLength(1_000)
})

test.each([
  ['hands out the same token twice', () => ({ nextPageToken: 'same', issues: [ISSUE] }), 'same'],
  ['gives empty pages for ever', (page: number) => ({ nextPageToken: `t${page}`, issues: [] }), 't10'],
] as const)('stops at a server that %s', async (_what, pageOf, token) => {
  let pages = 0
  const search = tool({
    name: 'jira_search_issues',
    input: z.object({ jql: z.string(), limit: z.number(), pageToken: z.string().optional() }),
    run: () => ({ content: [], structuredContent: { ...pageOf(++pages), isLast: false } }),
  })
  await using jira = await over(createServer({ name: 'circle', version: '1', tools: [search] }))
  const error = await failure(jira.searchIssues('a'))
  expect([error.code, error.message]).toEqual(['failed', `the server leads in a circle: page token "${token}"`])
})

test.each([
  ['There is no issue DEMO-9, or the account may not see it (404).', 'not_found'],
  ['Unauthorized (401): check JIRA_API_TOKEN', 'unauthorized'],
  ['The account lacks the permission EDIT_ISSUES (403).', 'forbidden'],
  ['Conflict (409): somebody else changed it', 'conflict'],
  ['Too many requests (429)', 'rate_limited'],
  ['"priority" is invalid (400)', 'invalid'],
  ['Jira is unavailable (503)', 'unavailable'],
  ['Nothing there (404). It does not exist, or this account has no permission to see it.', 'not_found'],
  ['403 Client Error: for url', 'forbidden'],
  ['DEMO-404 is invalid', 'invalid'],
  ['Jira timed out', 'timeout'],
  ['It just did not work', 'failed'],
] as const)('takes "%s" of a server without codes for %s', async (words, code) => {
  await using jira = await over(
    foreign(() => {
      throw new ToolError(words)
    }),
  )
  const error = await failure(jira.getIssue('DEMO-9'))
  expect([error.code, error.tool, error.message]).toEqual([code, 'jira_get_issue', `jira_get_issue: ${words}`])
})

test('reads how long to wait from the words of a server', async () => {
  const words = 'Jira takes no more requests for now (429, after 3 tries). Call again in 7 seconds.'
  await using jira = await over(
    foreign(() => {
      throw new ToolError(words)
    }),
  )
  expect(await failure(jira.addComment('DEMO-9', 'x'))).toMatchObject({ code: 'rate_limited', retryAfterMs: 7_000 })
})

test('believes a code more than words, and a server without codes all the same when it gives one', async () => {
  const told = { code: 'rate_limited', retryAfterMs: 7_000 }
  await using jira = await over(foreign(() => refusal('not found, it says', told)))
  expect(await failure(jira.getIssue('DEMO-9'))).toMatchObject(told)
})

test.each([
  ['timeout', 'no', 'outcome_unknown'],
  ['network', 'Jira could not be reached. The change may have been made.', 'outcome_unknown'],
  ['network', 'Jira could not be reached. Nothing was changed.', 'outcome_unknown'],
  ['unavailable', 'Jira failed (503)', 'outcome_unknown'],
  ['unexpected', 'Jira answered something else', 'outcome_unknown'],
  ['gone', 'no longer there', 'unsupported'],
  ['too_large', 'shorten it', 'invalid'],
  ['forbidden', 'no', 'forbidden'],
  ['conflict', 'no', 'conflict'],
  ['rate_limited', 'no', 'rate_limited'],
  [undefined, 'DEMO-9 has no transition "Rate limit" now.', 'invalid'],
  [undefined, 'jira_add_comment failed for a reason of its own; the log has it', 'outcome_unknown'],
] as const)('takes the failure %s ("%s") of a write by our bridge for %s', async (failed, words, code) => {
  const run = () => refusal(words, failed && { failure: failed })
  const input = z.object({ key: z.string(), body: z.string() })
  const write = tool({ name: 'jira_add_comment', input, run })
  await using jira = await over(createServer({ name: 'ours', version: '1', tools: [write] }))
  expect((await failure(jira.addComment('DEMO-9', 'x'))).code).toBe(code)
})

test('does not trust what a server answers: a read fails, and after a write the outcome is unknown', async () => {
  const read = tool({
    name: 'jira_get_issue',
    input: z.object({ key: z.string(), comments: z.number() }),
    run: () => ({ content: [], structuredContent: { key: 1 } }),
  })
  await using jira = await over(createServer({ name: 'liar', version: '1', tools: [read] }))
  const error = await failure(jira.getIssue('DEMO-9'))
  expect(error.code).toBe('failed')
  expect(error.message).toContain('key: ')
  await using other = await atlassian()
  expect((await failure(other.createIssue({ project: 'DEMO', type: 'Bug', summary: 'lost' }))).code).toBe(
    'outcome_unknown',
  )
})
