import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { startFakeJira } from '../fake/start-fake-jira.ts'
import { cloudWire } from './cloud.ts'
import { cloudDialect } from './dialect.ts'
import { createJiraHttp } from './http.ts'
import { createJira } from './jira.ts'
import { readWalk, writeWalk } from './walk-token.ts'

/** A Jira whose index is behind, and which ids each search names. */
async function open() {
  const fake = await startFakeJira({ staleSearch: true, seed: { issues: 50 } })
  const authorization = `Basic ${btoa(`${fake.credentials.email}:${fake.credentials.apiToken}`)}`
  const named: unknown[] = []
  const clock = createFakeClock()
  const http = createJiraHttp({
    baseUrl: fake.url,
    authorization,
    credentials: 'none',
    fetch(url, init) {
      if (url.endsWith('/search/jql')) named.push(JSON.parse(String(init.body)).reconcileIssues)
      return fetch(url, init)
    },
  })
  const jira = createJira({ wire: cloudWire(http), dialect: cloudDialect, site: fake.url, clock })
  const create = (summary: string) => jira.create(jira.bodies.create({ project: 'DEMO', typeId: '10102', summary }), {})
  return { jira, named, clock, create, [Symbol.asyncDispose]: () => fake.close() }
}

test('every page of one search names the same issues, whatever is written meanwhile', async () => {
  await using at = await open()
  const jql = 'project = DEMO ORDER BY key'
  const plain = await at.jira.search({ jql, limit: 5 }, {})
  await at.create('one')
  await at.jira.search({ jql, limit: 5, pageToken: plain.nextPageToken }, {})
  const first = await at.jira.search({ jql, limit: 5 }, {})
  await at.create('two')
  const second = await at.jira.search({ jql, limit: 5, pageToken: first.nextPageToken }, {})
  await at.jira.search({ jql, limit: 5, pageToken: second.nextPageToken }, {})
  const one = [expect.any(Number)]
  expect(at.named).toEqual([undefined, undefined, one, one, one])
})

test('a write is named for a minute', async () => {
  await using at = await open()
  const search = () => at.jira.search({ jql: 'project = DEMO', limit: 1 }, {})
  await at.create('one')
  await at.clock.advance(59_999)
  await search()
  await at.clock.advance(1)
  await search()
  expect(at.named).toEqual([[expect.any(Number)], undefined])
})

test('an issue that only a search has shown is found right after it is written', async () => {
  await using at = await open()
  await at.jira.search({ jql: 'key = DEMO-1', limit: 5 }, {})
  await at.jira.update('DEMO-1', at.jira.bodies.update({ labels: ['fresh'] }), {})
  const { issues } = await at.jira.search({ jql: 'project = DEMO AND labels = fresh', limit: 5 }, {})
  expect(issues.map(({ key }) => key)).toEqual(['DEMO-1'])
})

test("a page token keeps its ids and Jira's own token, whatever that looks like", () => {
  for (const token of ['a', 'ids-1:x', '7:é\n='])
    for (const reconcileIssues of [[], [1, 9_007_199_254_740_991]])
      expect(readWalk(writeWalk({ token, reconcileIssues }))).toEqual({ token, reconcileIssues })
})

test.each(['', 'abc', 'ids', 'ids:', 'ids-x:t', 'ids-9007199254740993:t', `ids${'-1'.repeat(51)}:t`])(
  'the page token %j is none of ours',
  (token) => {
    expect(() => readWalk(token)).toThrow('pageToken is not one this server gave out')
  },
)
