import { afterAll, expect, test } from 'bun:test'
import { adf, ask, type ErrorBody } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

const fake = await startFakeJira()
afterAll(() => fake.close())

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
