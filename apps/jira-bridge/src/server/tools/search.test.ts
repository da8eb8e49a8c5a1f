import { expect, test } from 'bun:test'
import type { Progress } from '@bao-mcp/client'
import { openBridge } from '../testing/open-bridge.ts'

test('a thousand issues come in one call, page by page, with progress', async () => {
  await using open = await openBridge({ fake: { seed: { issues: 1_000 } } })
  const progress: Progress[] = []
  const { structured } = await open.client.callTool(
    'jira_search_issues',
    { jql: 'project = DEMO ORDER BY key', limit: 1_000 },
    { onProgress: (one) => void progress.push(one) },
  )
  const { issues, isLast } = Object(structured)
  expect(new Set(issues.map(({ key }: { key: string }) => key)).size).toBe(1_000)
  expect(isLast).toBe(true)
  expect(progress.map((one) => one.progress)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
})

test('a limit ends the search with a token that goes on', async () => {
  await using open = await openBridge()
  const search = async (args: object) =>
    Object(
      (await open.client.callTool('jira_search_issues', { jql: 'project = DEMO ORDER BY key', ...args })).structured,
    )
  const first = await search({ limit: 7 })
  expect([first.issues.length, first.isLast]).toEqual([7, false])
  const second = await search({ limit: 7, pageToken: first.nextPageToken })
  const keys = [...first.issues, ...second.issues].map(({ key }) => key)
  expect(new Set(keys).size).toBe(14)
})

test('cancelling stops between pages', async () => {
  await using open = await openBridge({ fake: { seed: { issues: 300 } } })
  const controller = new AbortController()
  const reason = new Error('enough')
  const calling = open.client.callTool(
    'jira_search_issues',
    { jql: 'project = DEMO', limit: 300 },
    { signal: controller.signal, onProgress: () => controller.abort(reason) },
  )
  expect(await calling.catch((error: unknown) => error)).toBe(reason)
  await open.client.callTool('jira_whoami')
  expect(open.fake.requests.filter(({ url }) => url.includes('/search/jql')).length).toBeLessThan(3)
})

test('JQL that Jira refuses comes back with its words', async () => {
  await using open = await openBridge()
  const { isError, content } = await open.client.callTool('jira_search_issues', { jql: 'project = ' })
  expect(isError).toBe(true)
  expect(content[0]).toMatchObject({
    text: expect.stringMatching(/^Jira refused the request \(400\): .+\. Correct it/),
  })
})
