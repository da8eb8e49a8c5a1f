import { expect, test } from 'bun:test'
import { type Change, type ConnectOptions, RpcError } from '@bao-mcp/client'
import { eras } from '@bao-mcp/protocol/testing'
import { GROUPS } from './flags.ts'
import { openBridge } from './testing/open-bridge.ts'

const READS = [
  'jira_search_issues',
  'jira_get_issue',
  'jira_get_transitions',
  'jira_list_projects',
  'jira_list_issue_types',
  'jira_find_users',
  'jira_whoami',
]
const WRITES = ['jira_create_issue', 'jira_update_issue', 'jira_transition_issue', 'jira_add_comment']
const groups = (...left: (typeof GROUPS)[number][]) => new Set(left)
const codeOf = (calling: Promise<unknown>): Promise<unknown> =>
  calling.then(
    () => 'no error',
    (error: unknown) => (error instanceof RpcError ? error.code : error),
  )

test('reads are offered and writes are not, until the flag says so; a hidden tool is an unknown one', async () => {
  await using open = await openBridge({ flags: { write: false } })
  expect((await open.names()).sort()).toEqual(READS.toSorted())
  for (const name of WRITES) {
    expect(await codeOf(open.client.callTool(name, { key: 'DEMO-1', body: 'x', to: 'x' }))).toBe(-32602)
  }
  expect(open.fake.requests.filter(({ method }) => method !== 'GET')).toEqual([])
})

test.each([...eras])('a flag that changes tells the client, which then finds the tools (%s)', async (pin) => {
  await using open = await openBridge({ flags: { write: false }, client: { pin } satisfies ConnectOptions })
  const changed = Promise.withResolvers<Change>()
  await using _ = await open.client.listen({ tools: true }, changed.resolve)
  expect(await open.names()).not.toContain('jira_add_comment')
  open.bridge.setFlags({ write: true, groups: new Set(GROUPS) })
  expect(await changed.promise).toMatchObject({ kind: 'tools' })
  expect((await open.names()).toSorted()).toEqual([...READS, ...WRITES].toSorted())
})

test('each group is switched by itself', async () => {
  await using open = await openBridge({ flags: { groups: groups('search', 'users') } })
  expect((await open.names()).toSorted()).toEqual(['jira_find_users', 'jira_search_issues', 'jira_whoami'])
  expect([await open.client.listPrompts(), await open.client.listResourceTemplates()]).toEqual([[], []])
  expect(await codeOf(open.client.readResource('jira://issue/DEMO-1'))).not.toBe('no error')
  open.bridge.setFlags({ write: false, groups: groups('prompts', 'resources') })
  expect(await open.names()).toEqual([])
  expect((await open.client.listPrompts()).map(({ name }) => name)).toEqual(['triage', 'standup'])
  expect((await open.client.listResourceTemplates()).length).toBe(1)
})

test('what the account may not do is not offered, from the first list on', async () => {
  await using open = await openBridge({ role: 'viewer' })
  const arrived = Promise.withResolvers<void>()
  const held = open.fake.hold({ path: /mypermissions/, until: arrived.promise })
  const asked = open.bridge.askPermissions()
  const listed = open.names()
  await held
  arrived.resolve()
  expect((await listed).toSorted()).toEqual(READS.toSorted())
  await asked
})

test.each([403, 404, 500])('nothing is hidden when Jira answers %i about permissions', async (status) => {
  await using open = await openBridge({ role: 'viewer' })
  open.fake.fail({ path: /mypermissions/, status, times: 10 })
  await open.bridge.askPermissions()
  expect((await open.names()).toSorted()).toEqual([...READS, ...WRITES].toSorted())
  expect(open.logged).toEqual([expect.stringContaining(`(${status}`)])
})

test('every tool says what it does to Jira', async () => {
  await using open = await openBridge()
  const tools = await open.client.listTools()
  for (const { name, annotations, title, description, outputSchema } of tools) {
    expect(annotations).toMatchObject({ readOnlyHint: READS.includes(name), openWorldHint: true })
    expect([title, description, outputSchema].every(Boolean)).toBe(true)
  }
  const hint = (name: string) => tools.find((tool) => tool.name === name)?.annotations?.destructiveHint
  expect(WRITES.map(hint)).toEqual([false, true, true, false])
})

test('whose account it is can be told although Jira does not say what it may do', async () => {
  await using open = await openBridge()
  open.fake.fail({ path: /mypermissions/, status: 403 })
  const { structured } = await open.client.callTool('jira_whoami')
  expect(structured).toMatchObject({ user: { name: 'Product owner' }, site: open.fake.url, permissions: {} })
  expect(Object((await open.client.callTool('jira_whoami')).structured).permissions.EDIT_ISSUES).toBe(true)
})
