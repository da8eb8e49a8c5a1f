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

const found = (ids: readonly number[], more: object): Response =>
  Response.json({ issues: ids.map((id) => ({ id: String(id), key: `DEMO-${id}`, fields: {} })), ...more })

test('a search that is led in a circle gives what came, each issue once, and no token', async () => {
  let asked = 0
  await using open = await openBridge({
    answer: ({ path }) =>
      path.endsWith('/search/jql') ? found([1, 2], { isLast: false, nextPageToken: 'AB'[asked++ % 2] }) : undefined,
  })
  const { structured } = await open.client.callTool('jira_search_issues', { jql: 'project = DEMO', limit: 500 })
  expect(structured).toMatchObject({ issues: [{ key: 'DEMO-1' }, { key: 'DEMO-2' }], isLast: false })
  expect([Object(structured).issues.length, asked]).toEqual([2, 3])
  expect(structured).not.toHaveProperty('nextPageToken')
})

test('a search gives no more than was asked for, whatever comes, and says that there is more', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) => n + 1)
  await using open = await openBridge({
    answer: ({ path }) => (path.endsWith('/search/jql') ? found(many, { isLast: true }) : undefined),
  })
  const { structured } = await open.client.callTool('jira_search_issues', { jql: 'project = DEMO', limit: 5 })
  expect([Object(structured).issues.length, Object(structured).isLast]).toEqual([5, false])
})
