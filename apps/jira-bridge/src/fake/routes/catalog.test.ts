import { afterAll, describe, expect, test } from 'bun:test'
import { adf, ask, type ErrorBody } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

const fake = await startFakeJira()
afterAll(() => fake.close())

describe('projects', () => {
  test('are found by key and name, in pages that link to the next', async () => {
    interface Page {
      values: { key: string }[]
      total: number
      isLast: boolean
      nextPage?: string
    }
    const first = await ask<Page>(fake, '3/project/search?maxResults=1')
    expect(first.body).toMatchObject({ total: 2, isLast: false, values: [{ key: 'DEMO' }] })
    const second = await ask<Page>(fake, (first.body.nextPage ?? '').replace(`${fake.url}/rest/api/`, ''))
    expect(second.body).toMatchObject({ isLast: true, values: [{ key: 'OPS' }] })
    expect(second.body.nextPage).toBeUndefined()
    expect((await ask<Page>(fake, '3/project/search?query=parc')).body.values.map(({ key }) => key)).toEqual(['DEMO'])
  })

  test('say what an issue of a type is made of, and what it needs', async () => {
    interface Meta {
      fields: { fieldId: string; required: boolean; allowedValues?: { name: string }[] }[]
    }
    const types = await ask<{ issueTypes: { id: string; name: string }[] }>(fake, '3/issue/createmeta/DEMO/issuetypes')
    const subtask = types.body.issueTypes.find(({ name }) => name === 'Subtask')
    const { body } = await ask<Meta>(fake, `3/issue/createmeta/DEMO/issuetypes/${subtask?.id}`)
    const required = body.fields.filter((field) => field.required).map(({ fieldId }) => fieldId)
    expect(required).toEqual(['summary', 'issuetype', 'project', 'parent'])
    const components = body.fields.find(({ fieldId }) => fieldId === 'components')
    expect(components?.allowedValues?.map(({ name }) => name)).toEqual(['Notifications', 'Payments', 'Web shop'])
    expect((await ask(fake, '3/issue/createmeta/NOPE/issuetypes')).status).toBe(400)
    expect((await ask(fake, '3/issue/createmeta/DEMO/issuetypes/1')).status).toBe(400)
  })
})

describe('people', () => {
  test('are found by the start of a name or an e-mail, and those who can be assigned by project', async () => {
    const names = async (path: string) =>
      (await ask<{ displayName: string }[]>(fake, path)).body.map(({ displayName }) => displayName)
    expect(await names('3/user/search?query=support')).toEqual(['Support agent', 'Support lead'])
    expect(await names('3/user/search?query=engineer')).toEqual(['On-call engineer'])
    expect(await names('3/user/search?query=former')).toEqual([])
    expect(await names('3/user/assignable/search?issueKey=OPS-1&query=')).not.toContain('Support agent')
    expect(await names('3/user/assignable/search?project=DEMO&query=sup')).toEqual(['Support agent', 'Support lead'])
    expect((await ask(fake, '3/user/search')).status).toBe(400)
    expect((await ask(fake, '3/user/assignable/search')).status).toBe(400)
  })
})

describe('what is left on issues', () => {
  test('links show from both sides', async () => {
    const link = { type: { name: 'blocks' }, inwardIssue: { key: 'OPS-7' }, outwardIssue: { key: 'OPS-8' } }
    expect((await ask(fake, '3/issueLink', { body: link })).status).toBe(201)
    const linksOf = async (key: string) =>
      (await ask<{ fields: { issuelinks: unknown[] } }>(fake, `3/issue/${key}?fields=issuelinks`)).body.fields
        .issuelinks
    expect(await linksOf('OPS-7')).toMatchObject([{ type: { outward: 'blocks' }, outwardIssue: { key: 'OPS-8' } }])
    expect(await linksOf('OPS-8')).toMatchObject([{ type: { inward: 'is blocked by' }, inwardIssue: { key: 'OPS-7' } }])
    expect((await ask(fake, '3/issueLink', { body: { ...link, type: { name: 'Nope' } } })).status).toBe(404)
  })

  test('comments come in pages, oldest first or newest first, and are never empty', async () => {
    for (const line of ['one', 'two', 'three']) {
      expect((await ask(fake, '3/issue/OPS-8/comment', { body: { body: adf(line) } })).status).toBe(201)
    }
    interface Page {
      total: number
      comments: { body: unknown }[]
    }
    const bodies = async (query: string) => {
      const { body } = await ask<Page>(fake, `3/issue/OPS-8/comment?${query}`)
      expect(body.total).toBe(3)
      return body.comments.map((comment) => comment.body)
    }
    expect(await bodies('startAt=1&maxResults=1')).toEqual([adf('two')])
    expect(await bodies('orderBy=-created&maxResults=1')).toEqual([adf('three')])
    const empty = await ask<ErrorBody>(fake, '3/issue/OPS-8/comment', { body: { body: adf(' ') } })
    expect(empty.body.errors.comment).toBe('Comment body can not be empty!')
  })

  test('work is logged in durations', async () => {
    const logged = await ask(fake, '3/issue/OPS-8/worklog', { body: { timeSpent: '1d 2h', comment: adf('fixed') } })
    expect(logged).toMatchObject({ status: 201, body: { timeSpent: '1d 2h', timeSpentSeconds: 36_000 } })
    expect((await ask(fake, '3/issue/OPS-8/worklog')).body).toMatchObject({ total: 1 })
    expect((await ask(fake, '3/issue/OPS-8?fields=timespent')).body).toMatchObject({ fields: { timespent: 36_000 } })
    const wrong = await ask<ErrorBody>(fake, '3/issue/OPS-8/worklog', { body: { timeSpent: 'soon' } })
    expect(wrong.body.errors).toEqual({ timeLogged: 'Invalid time entered' })
  })

  test('labels, priorities, link types and fields are listed', async () => {
    expect((await ask<{ values: string[] }>(fake, '3/label?startAt=0&maxResults=2')).body).toMatchObject({
      values: ['backup', 'build'],
      isLast: false,
    })
    expect((await ask<{ values: string[] }>(fake, '3/label', { role: 'support-agent' })).body.values).not.toContain(
      'queue',
    )
    expect((await ask(fake, '3/priority/search')).body).toMatchObject({ total: 5 })
    expect((await ask(fake, '3/issueLinkType')).body).toMatchObject({ issueLinkTypes: [{ name: 'Blocks' }, {}, {}] })
    expect((await ask<{ id: string }[]>(fake, '3/field')).body.map(({ id }) => id)).toContain('customfield_10016')
  })
})
