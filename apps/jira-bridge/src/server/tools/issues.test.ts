import { expect, test } from 'bun:test'
import type { InputHandlers } from '@bao-mcp/client'
import { eras } from '@bao-mcp/protocol/testing'
import { type OpenBridge, openBridge } from '../testing/open-bridge.ts'

type Form = Parameters<Extract<InputHandlers['elicitation'], (...args: never[]) => unknown>>[0]

const textOf = ({ content: [block] }: { content: { type: string; text?: unknown }[] }): string => String(block?.text)
const writes = ({ fake }: OpenBridge): string[] =>
  fake.requests
    .filter(({ method, url }) => method !== 'GET' && !url.includes('/search'))
    .map(({ method, url }) => `${method} ${url}`)

/** A client whose person gives these answers, and what the person was asked. */
function person(content: Record<string, string | boolean> | 'decline') {
  const asked: string[] = []
  const elicitation = ({ message }: Form) => {
    asked.push(message)
    return content === 'decline' ? { action: 'decline' as const } : { action: 'accept' as const, content }
  }
  return { asked, on: { elicitation } }
}

const TASK = { project: 'DEMO', type: 'Task', summary: 'ünïcödé 🎉 <b>' }

test('an issue is created from Markdown and read back as Markdown', async () => {
  await using open = await openBridge()
  const description = '# Why\n\n- [ ] do **it**\n- [x] `done`\n\n| a | b |\n| - | - |\n| 1 | 2 |'
  const args = {
    ...TASK,
    type: 'task',
    description,
    priority: 'High',
    labels: ['x'],
    parent: 'DEMO-1',
    assignee: 'tester',
  }
  const { structured } = await open.client.callTool('jira_create_issue', args)
  const { key, url, isDryRun } = Object(structured)
  expect([isDryRun, url]).toEqual([false, `${open.fake.url}/browse/${key}`])
  const { structured: issue } = await open.client.callTool('jira_get_issue', { key })
  expect(issue).toMatchObject({
    summary: TASK.summary,
    type: 'Task',
    description,
    priority: 'High',
    labels: ['x'],
    parent: 'DEMO-1',
    assignee: { name: 'Tester' },
    comments: { total: 0, latest: [] },
  })
})

test('a description of 200 KB goes there and back whole', async () => {
  await using open = await openBridge()
  const description = Array.from({ length: 5_000 }, (_, n) => `Line **${n}** of a long description, 日本.`).join('\n\n')
  expect(description.length).toBeGreaterThan(200_000)
  const { structured } = await open.client.callTool('jira_create_issue', { ...TASK, description })
  const issue = await open.client.callTool('jira_get_issue', { key: Object(structured).key })
  expect(Object(issue.structured).description).toBe(description)
})

test('a dry run shows the exact request, checks it, and sends nothing', async () => {
  await using open = await openBridge()
  const bodies: unknown[] = []
  for (const [name, args] of [
    ['jira_create_issue', { ...TASK, description: 'a', labels: ['b'] }],
    ['jira_update_issue', { key: 'DEMO-3', fields: { environment: 'a', components: [] }, assignee: null }],
    ['jira_add_comment', { key: 'DEMO-3', body: '**a**' }],
  ] as const) {
    const { structured, isError } = await open.client.callTool(name, { ...args, dryRun: true })
    expect([isError ?? false, Object(structured).isDryRun]).toEqual([false, true])
    bodies.push(Object(structured).request)
  }
  const doc = (...content: object[]) => ({ type: 'doc', version: 1, content: [{ type: 'paragraph', content }] })
  expect(bodies).toEqual([
    {
      fields: {
        project: { key: 'DEMO' },
        issuetype: { id: '10102' },
        summary: TASK.summary,
        description: doc({ type: 'text', text: 'a' }),
        labels: ['b'],
      },
    },
    { fields: { environment: doc({ type: 'text', text: 'a' }), components: [], assignee: null } },
    { body: doc({ type: 'text', text: 'a', marks: [{ type: 'strong' }] }) },
  ])
  expect(writes(open)).toEqual([])
})

test.each([
  ['jira_create_issue', { ...TASK, type: 'Epik' }, /no issue type "Epik". It has: Epic \(id \d+\), /],
  ['jira_create_issue', { ...TASK, type: 'Subtask', dryRun: true }, /also needs: Parent \(parent\)/],
  ['jira_create_issue', { ...TASK, project: 'NOPE' }, /No project could be found/],
  [
    'jira_create_issue',
    { ...TASK, project: '../../myself' },
    /^project must be the key or the id of one, such as DEMO, got /,
  ],
  ['jira_list_issue_types', { project: '..' }, /^project must be the key or the id of one, such as DEMO, got ".."/],
  ['jira_create_issue', { ...TASK, assignee: 'nobody at all' }, /Nobody .* fits "nobody at all".*jira_find_users/],
  ['jira_create_issue', { ...TASK, fields: { wrong: 1 } }, /wrong: .*Correct the fields/],
  [
    'jira_create_issue',
    { ...TASK, fields: { parent: {}, issuetype: {} } },
    /must not hold issuetype, parent: give them/,
  ],
  ['jira_create_issue', { ...TASK, priority: 'Nonsense', dryRun: true }, /no priority "Nonsense".*There are: .*High/],
  ['jira_update_issue', { key: 'DEMO-1', fields: { description: 'x' } }, /must not hold description: give them/],
  ['jira_update_issue', { key: 'DEMO-1', fields: { assignee: {}, labels: [] } }, /must not hold assignee, labels/],
  [
    'jira_update_issue',
    { key: 'DEMO-1', priority: 'Nonsense', dryRun: true },
    /no priority "Nonsense".*There are: .*High/,
  ],
  ['jira_update_issue', { key: 'DEMO-1' }, /Nothing to change in DEMO-1/],
  ['jira_update_issue', { key: 'DEMO-99999', summary: 'x' }, /\(404\)/],
  ['jira_update_issue', { key: 'DEMO-1; drop', summary: 'x' }, /key: must be an issue key such as DEMO-12/],
  ['jira_add_comment', { key: 'DEMO-99999', body: 'x', dryRun: true }, /\(404\)/],
] as const)('%s with %j says what is wrong', async (name, args, says) => {
  await using open = await openBridge()
  const result = await open.client.callTool(name, args)
  expect(result.isError).toBe(true)
  expect(textOf(result)).toMatch(says)
})

test.each([...eras])('a person is asked before a description is replaced, and no means no (%s)', async (pin) => {
  const { asked, on } = person({ sure: true })
  await using open = await openBridge({ client: { pin, on } })
  const args = { key: 'DEMO-1', description: 'new' }
  expect((await open.client.callTool('jira_update_issue', args)).isError ?? false).toBe(false)
  expect(asked).toEqual([
    expect.stringMatching(/^The description of DEMO-1 \(\d+ characters\) will be replaced\. Go on\?$/),
  ])
  expect(writes(open)).toEqual(['PUT /rest/api/3/issue/DEMO-1'])

  for (const answer of ['decline', { sure: false }] as const) {
    await using other = await openBridge({ client: { pin, on: person(answer).on } })
    const refused = await other.client.callTool('jira_update_issue', args)
    expect([refused.isError, textOf(refused)]).toEqual([true, expect.stringContaining('Nothing was changed')])
    expect(writes(other)).toEqual([])
  }
})

test('nobody is asked about what loses nothing', async () => {
  const { asked, on } = person('decline')
  await using open = await openBridge({ client: { on } })
  await open.client.callTool('jira_update_issue', { key: 'DEMO-1', summary: 'new', labels: ['a'] })
  await open.client.callTool('jira_update_issue', { key: 'DEMO-1', description: 'new', dryRun: true })
  expect(asked).toEqual([])
})

test.each([...eras])('a name that fits several people is asked about where somebody can be asked (%s)', async (pin) => {
  const choice = 'Support lead <support-lead@example.com> (account id 5b10a0effa615349cb016006)'
  const { asked, on } = person({ choice })
  await using open = await openBridge({ client: { pin, on } })
  await open.client.callTool('jira_update_issue', { key: 'DEMO-3', assignee: 'support' })
  expect(asked).toEqual(['"support" fits several people. Which one?'])
  const { structured } = await open.client.callTool('jira_get_issue', { key: 'DEMO-3' })
  expect(Object(structured).assignee.name).toBe('Support lead')

  await using alone = await openBridge({ client: { pin } })
  const refused = await alone.client.callTool('jira_update_issue', { key: 'DEMO-3', assignee: 'support' })
  expect(textOf(refused)).toContain(`${choice}`)
  expect(textOf(refused)).toContain('Call again with the account id')
})

test.each([
  ['an account id', '5b10a0effa615349cb016004'],
  ['an e-mail', 'Tester@example.com'],
  ['a whole name that others have within theirs', 'tester'],
])('%s finds one person', async (_, assignee) => {
  await using open = await openBridge()
  await open.client.callTool('jira_update_issue', { key: 'DEMO-3', assignee })
  const { structured } = await open.client.callTool('jira_get_issue', { key: 'DEMO-3' })
  expect(Object(structured).assignee.name).toBe('Tester')
  await open.client.callTool('jira_update_issue', { key: 'DEMO-3', assignee: null })
  const { structured: after } = await open.client.callTool('jira_get_issue', { key: 'DEMO-3' })
  expect(Object(after).assignee).toBeUndefined()
})

test('the newest comments come first, as many as asked for', async () => {
  await using open = await openBridge()
  for (const body of ['one', 'two', '*three*']) await open.client.callTool('jira_add_comment', { key: 'DEMO-32', body })
  const read = async (comments: number) =>
    Object((await open.client.callTool('jira_get_issue', { key: 'DEMO-32', comments })).structured).comments
  const { total, latest } = await read(2)
  expect(latest.map(({ body }: { body: string }) => body)).toEqual(['*three*', 'two'])
  expect(await read(0)).toEqual({ total, latest: [] })
})
