import { afterAll, describe, expect, test } from 'bun:test'
import { createFakeClock, createRandom } from '@bao-mcp/protocol/testing'
import { adf, ask, type ErrorBody, keysOf, type SearchBody } from './ask.ts'
import { startFakeJira } from './start-fake-jira.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 31, 12)
const fake = await startFakeJira({ clock: createFakeClock(START_MS) })
afterAll(() => fake.close())

describe('a query', () => {
  test.each([
    ['project = OPS AND statusCategory = Done', ['OPS-5']],
    ['project = operations and type = epic', ['OPS-1']],
    ['key in (DEMO-3, demo-1) ORDER BY key', ['DEMO-1', 'DEMO-3']],
    ['project = OPS AND key > OPS-6 ORDER BY key DESC', ['OPS-8', 'OPS-7']],
    ['parent = DEMO-7 ORDER BY key', ['DEMO-19', 'DEMO-20']],
    ['project = OPS AND assignee is EMPTY ORDER BY key', ['OPS-7', 'OPS-8']],
    ['project = OPS AND assignee = "build-bot@example.com"', ['OPS-5']],
    ['assignee = currentUser() AND labels = i18n', ['DEMO-5']],
    ['project = OPS AND labels in (backup, docs) ORDER BY key', ['OPS-2', 'OPS-6', 'OPS-7']],
    ['project = OPS AND priority >= High ORDER BY priority DESC', ['OPS-3', 'OPS-2']],
    ['project = OPS AND priority in (Low, "Highest") ORDER BY priority ASC', ['OPS-7', 'OPS-3']],
    ['summary ~ umlaut', ['DEMO-6']],
    ['text ~ "müsli"', ['DEMO-6']],
    ['text ~ "MU\u0308SLI"', ['DEMO-6']],
    ['text ~ "お荷物*"', ['DEMO-5']],
    ['description ~ "\\"unique index\\""', ['DEMO-25']],
    ['description ~ "\\"index unique\\""', []],
    ['text ~ "build 812"', ['DEMO-7']],
    ['summary ~ "trans*"', ['DEMO-5']],
    ['project = OPS AND NOT (status = "To Do" OR status = Done) ORDER BY key', ['OPS-1', 'OPS-2', 'OPS-4']],
    ['project = OPS AND resolution is not EMPTY', ['OPS-5']],
    ['project = OPS AND status not in ("To Do", "In Progress", 10003)', ['OPS-2']],
  ])('%s', async (jql, keys) => {
    expect(await keysOf(fake, jql)).toEqual(keys)
  })

  test('does not match what is empty with !=', async () => {
    const some = await keysOf(fake, 'project = OPS AND assignee != on-call ORDER BY key')
    expect(some).toEqual(['OPS-4', 'OPS-5'])
    expect(await keysOf(fake, 'project = OPS AND labels not in (queue)')).toHaveLength(6)
  })

  test('reads dates as moments in UTC, and periods from now', async () => {
    const made = await keysOf(fake, 'project = DEMO AND created >= -7d')
    const from = new Date(START_MS - 7 * DAY_MS)
    const day = from.toISOString().slice(0, 10)
    const next = await keysOf(fake, `project = DEMO AND created >= "${day} 12:00"`)
    expect(made.length).toBeGreaterThan(0)
    expect(next).toEqual(made)
    expect(await keysOf(fake, 'project = DEMO AND created < 2020/01/01')).toEqual([])
    expect(await keysOf(fake, 'project = DEMO AND updated > startOfDay(1d)')).toEqual([])
  })

  test.each([
    ['', 'Unbounded JQL queries are not allowed here.'],
    ['ORDER BY created', 'Unbounded JQL queries are not allowed here.'],
    ['nope = 1', "Field 'nope' does not exist or you do not have permission to view it."],
    ['constructor = 1', "Field 'constructor' does not exist"],
    ['status = Nope', "The value 'Nope' does not exist for the field 'status'."],
    ['project = NOPE', "The value 'NOPE' does not exist for the field 'project'."],
    ['key = DEMO-999', "An issue with key 'DEMO-999' does not exist for field 'key'."],
    ['status ~ Done', "The operator '~' is not supported by the 'status' field."],
    ['created > tomorrow', "Date value 'tomorrow' for field 'created' is invalid."],
    ['created > 2026-02-31', "Date value '2026-02-31' for field 'created' is invalid."],
    ['assignee = members()', "Unable to find JQL function 'members()'"],
    ['summary ~ "!!"', "The text query '!!' is not allowed"],
    ['project = DEMO ORDER BY nope', "Field 'nope' does not exist"],
    ['status = ', 'line 1, character 10'],
  ])('is refused with 400: %j', async (jql, message) => {
    for (const path of ['3/search/jql', '3/search/approximate-count']) {
      const { status, body } = await ask<ErrorBody>(fake, path, { body: { jql } })
      expect(status).toBe(400)
      expect(body.errorMessages[0]).toContain(message)
      expect(body.errors).toEqual({})
    }
  })

  test('is answered with 200 or 400 and nothing else, whatever it is made of', async () => {
    const random = createRandom(7)
    const fields = [
      'project',
      'key',
      'status',
      'labels',
      'priority',
      'assignee',
      'created',
      'parent',
      'text',
      'summary',
    ]
    const operators = ['=', '!=', '<', '>=', '~', '!~', 'in', 'not in', 'is', 'is not']
    const values = [
      'DEMO',
      'DEMO-1',
      'Done',
      '"High"',
      'EMPTY',
      '-3d',
      'currentUser()',
      '(a, EMPTY)',
      '(EMPTY)',
      "'x y*'",
      '1',
    ]
    const statuses = new Set<number>()
    for (let round = 0; round < 400; round++) {
      const clause = () =>
        `${random.pick(['', 'NOT '])}${random.pick(fields)} ${random.pick(operators)} ${random.pick(values)}`
      const jql = `${clause()} ${random.pick(['AND', 'OR'])} ${clause()} ORDER BY ${random.pick(fields)} DESC`
      const { status } = await ask(fake, '3/search/jql', { body: { jql } })
      if (status !== 200 && status !== 400) throw new Error(`${jql}: ${status}`)
      statuses.add(status)
    }
    expect([...statuses].toSorted()).toEqual([200, 400])
  })
})

describe('a search', () => {
  test('shows ids alone unless fields are given, and never a total', async () => {
    const { body } = await ask<SearchBody>(fake, '3/search/jql', { body: { jql: 'key = DEMO-1' } })
    expect(body).toEqual({ issues: [{ id: '20001' }], isLast: true } as never)
    const get = await ask<SearchBody>(fake, '3/search/jql?jql=key%3DDEMO-1&fields=summary,labels&fields=nope')
    expect(get.body.issues[0]?.fields).toEqual({
      summary: 'Customers can follow their parcels',
      labels: ['tracking'],
    })
  })

  test('refuses a token that is broken or of another query, and an old one', async () => {
    const clock = createFakeClock(START_MS)
    await using aged = await startFakeJira({ clock })
    const first = await ask<SearchBody>(aged, '3/search/jql', { body: { jql: 'project = DEMO', maxResults: 5 } })
    const { nextPageToken } = first.body
    const statusOf = async (body: object) => (await ask(aged, '3/search/jql', { body })).status
    expect(await statusOf({ jql: 'project = OPS', nextPageToken })).toBe(400)
    expect(await statusOf({ jql: 'project = DEMO', nextPageToken: 'rubbish' })).toBe(400)
    expect(await statusOf({ jql: 'project = DEMO', nextPageToken })).toBe(200)
    clock.advance(8 * DAY_MS)
    expect(await statusOf({ jql: 'project = DEMO', nextPageToken })).toBe(400)
  })

  test('hides projects that the account does not see', async () => {
    const jql = 'created >= -365d'
    const seen = await keysOf(fake, jql, 'support-agent')
    expect(seen).toHaveLength(32)
    expect(seen.every((key) => key.startsWith('DEMO-'))).toBe(true)
    expect(await keysOf(fake, jql)).toHaveLength(40)
  })

  test('walks 1,000 issues exactly once, in order, while others are written', async () => {
    await using big = await startFakeJira({ seed: { issues: 1_000 } })
    const seen: number[] = []
    let nextPageToken: string | undefined
    let pages = 0
    do {
      const { body }: { body: SearchBody } = await ask<SearchBody>(big, '3/search/jql', {
        body: {
          jql: 'project = DEMO ORDER BY created DESC',
          maxResults: 999,
          fields: ['summary'],
          ...(nextPageToken && { nextPageToken }),
        },
      })
      expect(body.issues.length).toBeLessThanOrEqual(100)
      seen.push(...body.issues.map(({ key }) => Number(key.slice(5))))
      nextPageToken = body.nextPageToken
      expect(body.isLast).toBe(nextPageToken === undefined)
      pages++
      await create(big, `written while page ${pages} was read`)
    } while (nextPageToken !== undefined)
    expect(pages).toBe(10)
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => 1_000 - index))
  })

  test('pages through equal sort values without loss', async () => {
    await using big = await startFakeJira({ seed: { issues: 450 } })
    const keys = await keysOf(big, 'project = DEMO ORDER BY priority DESC, assignee, status')
    expect(new Set(keys).size).toBe(450)
    expect(keys).toHaveLength(450)
  })

  test('lags behind writes where asked to, until the index is told or an issue is named', async () => {
    await using stale = await startFakeJira({ staleSearch: true })
    const one = await create(stale, 'zebra one')
    const two = await create(stale, 'zebra two')
    const jql = 'summary ~ zebra'
    expect(await keysOf(stale, jql)).toEqual([])
    const body = { jql, fields: ['summary'], reconcileIssues: [Number(one.id)] }
    const named = await ask<SearchBody>(stale, '3/search/jql', { body })
    expect(named.body.issues.map(({ key }) => key)).toEqual([one.key])
    stale.index()
    expect(await keysOf(stale, jql)).toEqual([two.key, one.key])
  })

  test('is gone at its old address, with 410 and where to go', async () => {
    for (const options of [{}, { body: { jql: 'project = DEMO' } }]) {
      const { status, body } = await ask<ErrorBody>(fake, '3/search', options)
      expect(status).toBe(410)
      expect(body.errorMessages[0]).toContain('/rest/api/3/search/jql')
    }
  })
})

async function create(fake: Awaited<ReturnType<typeof startFakeJira>>, summary: string) {
  const fields = { project: { key: 'DEMO' }, issuetype: { name: 'Task' }, summary, description: adf(summary) }
  const { status, body } = await ask<{ id: string; key: string }>(fake, '3/issue', { body: { fields } })
  expect(status).toBe(201)
  return body
}
