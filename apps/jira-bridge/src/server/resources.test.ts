import { expect, test } from 'bun:test'
import { openBridge } from './testing/open-bridge.ts'

const codeOf = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    () => 'read',
    ({ code }: { code: unknown }) => code,
  )
const ISSUE = { type: 'ref/resource', uri: 'jira://issue/{key}' } as const

test('an issue is read as Markdown and as JSON', async () => {
  await using open = await openBridge()
  const { contents } = await open.client.readResource('jira://issue/DEMO-2')
  expect(contents.map(({ mimeType }) => mimeType)).toEqual(['text/markdown', 'application/json'])
  const [markdown, json] = contents.map((one) => ('text' in one ? String(one.text) : ''))
  expect(markdown).toStartWith('# DEMO-2: Checkout without an account\n')
  const { structured } = await open.client.callTool('jira_get_issue', { key: 'DEMO-2', comments: 20 })
  expect(JSON.parse(json ?? '')).toEqual(structured)
})

test('an issue that is not there is no resource, and what is no key is refused before Jira is asked', async () => {
  await using open = await openBridge()
  expect<unknown[]>([-32002, -32602]).toContain(await codeOf(open.client.readResource('jira://issue/DEMO-99999')))
  const before = open.fake.requests.length
  for (const key of ['nonsense', '..%2F..%2Fmyself', 'DEMO-1%3Fa']) {
    expect(await codeOf(open.client.readResource(`jira://issue/${key}`))).toBe(-32602)
  }
  expect(open.fake.requests.length).toBe(before)
})

test('recent issues are listed, and a Jira that fails leaves an empty list and a line in the log', async () => {
  await using open = await openBridge()
  open.fake.fail({ path: /search/, status: 500, times: 4 })
  expect(await open.client.listResources()).toEqual([])
  expect(open.logged).toEqual([expect.stringContaining('could not be listed: Jira failed (500')])
  open.fake.clearFaults()
  const listed = await open.client.listResources()
  expect(listed.length).toBeGreaterThan(5)
  expect(listed[0]?.uri).toMatch(/^jira:\/\/issue\/[A-Z]+-\d+$/)
})

test('keys are completed by what was typed, reading Jira once', async () => {
  await using open = await openBridge()
  for (const value of ['demo-3', 'DEMO-3', 'DEMO-31']) {
    const { values } = await open.client.complete(ISSUE, { name: 'key', value })
    expect(values.length).toBeGreaterThan(0)
    expect(values.every((key) => key.startsWith(value.toUpperCase()))).toBe(true)
  }
  expect(open.fake.requests.filter(({ url }) => url.includes('search')).length).toBe(1)
})

test('a project that is not there yet completes to nothing', async () => {
  await using open = await openBridge()
  expect((await open.client.complete(ISSUE, { name: 'key', value: 'NOPE-1' })).values).toEqual([])
})
