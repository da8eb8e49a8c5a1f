import { afterAll, expect, test } from 'bun:test'
import { ask } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

const fake = await startFakeJira()
afterAll(() => fake.close())

test('projects are found by key and name, in pages that link to the next', async () => {
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

test('projects say what an issue of a type is made of, and what it needs', async () => {
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
