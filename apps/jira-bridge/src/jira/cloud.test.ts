import { expect, test } from 'bun:test'
import { startFakeJira } from '../fake/start-fake-jira.ts'
import { cloudWire, type SchemaMismatch } from './cloud.ts'
import { dataCenterWire } from './data-center.ts'
import { cloudDialect, dataCenterDialect } from './dialect.ts'
import { createJiraHttp } from './http.ts'
import { createJira } from './jira.ts'
import type { JiraPort } from './port.ts'
import { cloudRestWire } from './rest.ts'

interface Opened extends AsyncDisposable {
  jira: JiraPort
  requests(): string[]
}

async function openCloud(kind: 'jira.js' | 'fetch'): Promise<Opened> {
  // everybody reads the same time, so that two sites are alike
  const fake = await startFakeJira({ clock: { now: () => Date.parse('2026-06-01T12:00:00Z') } })
  const authorization = `Basic ${btoa(`${fake.credentials.email}:${fake.credentials.apiToken}`)}`
  const http = createJiraHttp({ baseUrl: fake.url, authorization, credentials: 'none' })
  const onSchemaMismatch = (mismatch: SchemaMismatch): never => {
    throw new Error(JSON.stringify(mismatch))
  }
  const wire = kind === 'jira.js' ? cloudWire(http, { onSchemaMismatch }) : cloudRestWire(http)
  return {
    jira: createJira({ wire, dialect: cloudDialect, site: 'https://site.example.com' }),
    requests: () => fake.requests.map(({ method, url, status }) => `${method} ${sorted(url)} ${status}`),
    [Symbol.asyncDispose]: () => fake.close(),
  }
}

/** The order of parameters means nothing. */
function sorted(path: string): string {
  const url = new URL(path, 'http://localhost')
  url.searchParams.sort()
  return decodeURIComponent(`${url.pathname}${url.search}`)
}

/** Everything the port can do, in one go. */
async function everything(jira: JiraPort): Promise<unknown[]> {
  const here = { project: 'DEMO' }
  const [task] = (await jira.issueTypes('DEMO', {})).filter(({ name }) => name === 'Task')
  const made = await jira.create(
    jira.bodies.create({ ...here, typeId: task?.id ?? '', summary: 'ünïcödé 🎉', description: '# Hi\n\n- a\n- b' }),
    {},
  )
  await jira.update(made.key, jira.bodies.update({ labels: ['a', 'b'], priority: 'High' }), {})
  const steps = await jira.transitions(made.key, {})
  await jira.transition(made.key, jira.bodies.transition({ id: steps[0]?.id ?? '', comment: '*moved*' }), {})
  const first = await jira.search({ jql: 'project = DEMO ORDER BY key', limit: 3 }, {})
  const missing = await jira.issue('DEMO-99999', 1, {}).catch(({ message }: Error) => message)
  return [
    made,
    steps,
    await jira.addComment(made.key, jira.bodies.comment('**bold**'), {}),
    await jira.issue(made.key, 5, {}),
    first,
    await jira.search({ jql: 'project = DEMO ORDER BY key', limit: 3, pageToken: first.nextPageToken }, {}),
    await jira.projects({ startAt: 0, limit: 1 }, {}),
    await jira.projects({ query: 'ops', startAt: 0, limit: 10 }, {}),
    await jira.fields({ ...here, typeId: task?.id ?? '' }, {}),
    await jira.users({ query: 'support', limit: 5 }, {}),
    await jira.user((await jira.whoAmI({})).accountId, {}),
    await jira.assignable({ query: 'dev', where: here, limit: 5 }, {}),
    await jira.permissions(['BROWSE_PROJECTS', 'EDIT_ISSUES'], {}),
    missing,
  ]
}

test('two clients of Jira Cloud see and do the same, and jira.js finds every answer as documented', async () => {
  await using byLibrary = await openCloud('jira.js')
  await using byFetch = await openCloud('fetch')
  // page tokens are opaque and differ by site
  const told = (seen: unknown): unknown =>
    JSON.parse(JSON.stringify(seen), (name, value) => (name === 'nextPageToken' ? 'token' : value))
  const seen = told(await everything(byLibrary.jira))
  expect(seen).toEqual(told(await everything(byFetch.jira)))
  // some of them are sent together, and may arrive either way round
  expect(byLibrary.requests().toSorted()).toEqual(byFetch.requests().toSorted())
  expect(JSON.stringify(seen)).toContain('https://site.example.com/browse/DEMO-')
})

test('a search right after a write finds what was written although the index is behind', async () => {
  await using fake = await startFakeJira({ staleSearch: true })
  const authorization = `Basic ${btoa(`${fake.credentials.email}:${fake.credentials.apiToken}`)}`
  const wire = cloudWire(createJiraHttp({ baseUrl: fake.url, authorization, credentials: 'none' }))
  const jira = createJira({ wire, dialect: cloudDialect, site: fake.url })
  const { key } = await jira.create(jira.bodies.create({ project: 'DEMO', typeId: '10102', summary: 'brandnew' }), {})
  const { issues } = await jira.search({ jql: 'project = DEMO AND summary ~ brandnew', limit: 5 }, {})
  expect(issues.map((issue) => issue.key)).toEqual([key])
})

test('Data Center is read and written with a personal token and pages by position', async () => {
  await using fake = await startFakeJira()
  const authorization = `Bearer ${fake.credentials.personalToken}`
  const wire = dataCenterWire(createJiraHttp({ baseUrl: fake.url, authorization, credentials: 'none' }))
  const jira = createJira({ wire, dialect: dataCenterDialect, site: fake.url })
  const seen = await everything(jira)
  const [, , , issue, first, second] = seen
  expect(issue).toMatchObject({ summary: 'ünïcödé 🎉', labels: ['a', 'b'], priority: 'High', comments: { total: 2 } })
  expect(first).toMatchObject({ isLast: false, nextPageToken: '3' })
  expect(second).toMatchObject({ nextPageToken: '6' })
  const { isLast, nextPageToken } = await jira.search({ jql: 'project = DEMO', limit: 100 }, {})
  expect([isLast, nextPageToken]).toEqual([true, undefined])
  expect(await jira.whoAmI({})).toMatchObject({ accountId: 'product-owner' })
  expect(fake.requests.every(({ url }) => url.startsWith('/rest/api/2/'))).toBe(true)
})
