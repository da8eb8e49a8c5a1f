import { expect, test } from 'bun:test'
import { openBridge } from '../testing/open-bridge.ts'

const COMMENT = { key: 'DEMO-1', body: 'x' }

test('a failure says for programs whether the change may have been made', async () => {
  await using open = await openBridge()
  const toldOf = async (name: string, args: Record<string, unknown>): Promise<unknown> => {
    const { isError, _meta } = await open.client.callTool(name, args)
    open.fake.clearFaults()
    expect(isError).toBe(true)
    return Object(_meta)['jira-bridge/error']
  }
  open.fake.fail({ path: /comment/, method: 'POST', status: 500, isAfterEffect: true })
  expect(await toldOf('jira_add_comment', COMMENT)).toMatchObject({ failure: 'unavailable', outcome: 'unknown' })
  open.fake.fail({ path: /comment/, method: 'POST', status: 403 })
  expect(await toldOf('jira_add_comment', COMMENT)).toMatchObject({ failure: 'forbidden', outcome: 'not_run' })
  open.fake.fail({ path: /transitions/, method: 'GET', status: 503, times: 4 })
  const move = { key: 'DEMO-1', to: 'Done' }
  expect(await toldOf('jira_transition_issue', move)).toMatchObject({ failure: 'unavailable', outcome: 'not_run' })
  expect(await toldOf('jira_transition_issue', { ...move, to: 'Nowhere' })).toMatchObject({ outcome: 'not_run' })
})
