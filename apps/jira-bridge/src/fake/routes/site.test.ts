import { afterAll, expect, test } from 'bun:test'
import { ask } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

const fake = await startFakeJira()
afterAll(() => fake.close())

test('links show from both sides', async () => {
  const link = { type: { name: 'blocks' }, inwardIssue: { key: 'OPS-7' }, outwardIssue: { key: 'OPS-8' } }
  expect((await ask(fake, '3/issueLink', { body: link })).status).toBe(201)
  const linksOf = async (key: string) =>
    (await ask<{ fields: { issuelinks: unknown[] } }>(fake, `3/issue/${key}?fields=issuelinks`)).body.fields.issuelinks
  expect(await linksOf('OPS-7')).toMatchObject([{ type: { outward: 'blocks' }, outwardIssue: { key: 'OPS-8' } }])
  expect(await linksOf('OPS-8')).toMatchObject([{ type: { inward: 'is blocked by' }, inwardIssue: { key: 'OPS-7' } }])
  expect((await ask(fake, '3/issueLink', { body: { ...link, type: { name: 'Nope' } } })).status).toBe(404)
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
