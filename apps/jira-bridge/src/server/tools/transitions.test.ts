import { expect, test } from 'bun:test'
import { eras } from '@bao-mcp/protocol/testing'
import { openBridge } from '../testing/open-bridge.ts'

const textOf = ({ content: [block] }: { content: { type: string; text?: unknown }[] }): string => String(block?.text)
const DONE = { key: 'DEMO-32', to: 'Close', fields: { resolution: { name: 'Done' } } }

test.each([['Start progress'], ['start PROGRESS'], ['11'], ['In Progress']])('a transition goes by %s', async (to) => {
  await using open = await openBridge()
  const { structured } = await open.client.callTool('jira_transition_issue', { key: 'DEMO-32', to, comment: '*on it*' })
  expect(structured).toMatchObject({ key: 'DEMO-32', status: { name: 'In Progress', category: 'indeterminate' } })
  const { structured: issue } = await open.client.callTool('jira_get_issue', { key: 'DEMO-32' })
  expect(issue).toMatchObject({ status: { name: 'In Progress' }, comments: { latest: [{ body: '*on it*' }] } })
})

test('an unknown transition lists the allowed ones, and one that needs fields names them', async () => {
  await using open = await openBridge()
  const unknown = await open.client.callTool('jira_transition_issue', { key: 'DEMO-32', to: 'Ship' })
  expect(textOf(unknown)).toBe(
    'DEMO-32 has no transition "Ship" now. Allowed: Start progress (id 11) to In Progress; Close (id 61) to Done.',
  )
  const bare = await open.client.callTool('jira_transition_issue', { key: 'DEMO-32', to: 'Done', dryRun: true })
  expect(textOf(bare)).toContain('needs: resolution')
})

test.each([...eras])('a person is asked before an issue is done (%s)', async (pin) => {
  const asked: string[] = []
  const on = {
    elicitation: ({ message }: { message: string }) => {
      asked.push(message)
      return { action: 'accept' as const, content: { sure: asked.length > 1 } }
    },
  }
  await using open = await openBridge({ client: { pin, on } })
  expect(textOf(await open.client.callTool('jira_transition_issue', DONE))).toContain('did not agree')
  const { structured } = await open.client.callTool('jira_transition_issue', DONE)
  expect(structured).toMatchObject({ isDryRun: false, status: { name: 'Done', category: 'done' } })
  expect(asked).toEqual(['DEMO-32 will be Done. Go on?', 'DEMO-32 will be Done. Go on?'])
  expect(open.fake.requests.filter(({ method }) => method === 'POST').length).toBe(1)
})

test('a dry run shows the request and asks nobody', async () => {
  await using open = await openBridge({ client: { on: { elicitation: () => ({ action: 'decline' }) } } })
  const { structured } = await open.client.callTool('jira_transition_issue', { ...DONE, dryRun: true })
  expect(structured).toEqual({
    isDryRun: true,
    key: 'DEMO-32',
    status: { name: 'Done', category: 'done' },
    request: { transition: { id: '61' }, fields: { resolution: { name: 'Done' } } },
  })
})
