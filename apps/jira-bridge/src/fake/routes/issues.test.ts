import { describe, expect, test } from 'bun:test'
import { adf, ask, type ErrorBody } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

interface Shown {
  id: string
  key: string
  fields: Record<string, unknown>
  changelog: { histories: { author: { displayName: string }; items: unknown[] }[] }
}

const MINIMUM = { project: { key: 'DEMO' }, issuetype: { name: 'Task' }, summary: 'Made here' }

describe('creating an issue', () => {
  test('keeps every field it takes, unicode included', async () => {
    await using fake = await startFakeJira()
    const description = adf('Grüße, 日本語, 🎁, שלום')
    const fields = {
      ...MINIMUM,
      description,
      assignee: { accountId: fake.accountIdOf('developer') },
      priority: { name: 'High' },
      labels: ['a', 'b', 'a'],
      components: [{ name: 'Payments' }],
      parent: { key: 'DEMO-1' },
      duedate: '2026-12-24',
      customfield_10016: 5,
    }
    const made = await ask<Shown>(fake, '3/issue', { body: { fields } })
    expect(made).toMatchObject({ status: 201, body: { key: 'DEMO-33' } })
    const { body } = await ask<Shown>(fake, '3/issue/DEMO-33')
    expect(body.fields).toMatchObject({
      summary: 'Made here',
      description,
      assignee: { displayName: 'Developer' },
      reporter: { displayName: 'Product owner' },
      priority: { name: 'High' },
      status: { name: 'To Do', statusCategory: { key: 'new' } },
      labels: ['a', 'b'],
      components: [{ name: 'Payments' }],
      parent: { key: 'DEMO-1' },
      duedate: '2026-12-24',
      customfield_10016: 5,
    })
  })

  test('takes a description of 200 KB as it is', async () => {
    await using fake = await startFakeJira()
    const description = adf('é日x'.repeat(34_000))
    const made = await ask<Shown>(fake, '3/issue', { body: { fields: { ...MINIMUM, description } } })
    const { body } = await ask<Shown>(fake, `3/issue/${made.body.key}?fields=description`)
    expect(body.fields).toEqual({ description })
  })

  test.each([
    [{ issuetype: MINIMUM.issuetype, summary: 'x' }, { project: 'Specify a valid project ID or key' }],
    [
      { project: MINIMUM.project },
      { summary: 'You must specify a summary of the issue.', issuetype: 'Specify a valid issue type' },
    ],
    [{ ...MINIMUM, summary: 'a\nb' }, { summary: 'The summary is invalid because it contains newline characters.' }],
    [{ ...MINIMUM, summary: 'x'.repeat(256) }, { summary: 'Summary must be less than 255 characters.' }],
    [
      { ...MINIMUM, description: 'plain text' },
      { description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)' },
    ],
    [{ ...MINIMUM, priority: { name: 'Urgent' } }, { priority: 'The priority selected is invalid.' }],
    [{ ...MINIMUM, labels: ['two words'] }, { labels: "The label 'two words' contains spaces which is invalid." }],
    [{ ...MINIMUM, assignee: { accountId: 'nobody' } }, { assignee: "User 'nobody' does not exist." }],
    [
      { ...MINIMUM, issuetype: { name: 'Subtask' } },
      { parent: 'Issue type is a sub-task but parent issue key or id not specified.' },
    ],
    [{ ...MINIMUM, parent: { key: 'DEMO-999' } }, { parent: 'Could not find issue by id or key.' }],
    [
      { ...MINIMUM, customfield_1: 1 },
      { customfield_1: "Field 'customfield_1' cannot be set. It is not on the appropriate screen, or unknown." },
    ],
  ])('refuses %j by field', async (fields, errors) => {
    await using fake = await startFakeJira()
    const { status, body } = await ask<ErrorBody>(fake, '3/issue', { body: { fields } })
    expect(status).toBe(400)
    expect(body).toEqual({ errorMessages: [], errors })
  })

  test('refuses a text over the limit of the site', async () => {
    await using fake = await startFakeJira({ textLimit: 10 })
    const { body } = await ask<ErrorBody>(fake, '3/issue', {
      body: { fields: { ...MINIMUM, description: adf('x'.repeat(11)) } },
    })
    expect(body.errors.description).toContain('allowed limit of 10 characters')
    const long = await ask<ErrorBody>(fake, '3/issue/DEMO-1/comment', { body: { body: adf('x'.repeat(11)) } })
    expect(long.body.errors.comment).toContain('allowed limit of 10 characters')
  })
})

describe('editing an issue', () => {
  test('changes what is named, adds and removes labels, and keeps the history', async () => {
    await using fake = await startFakeJira()
    const edit = {
      fields: { summary: 'Renamed', priority: { id: '1' } },
      update: { labels: [{ add: 'new' }, { remove: 'on-call' }] },
    }
    expect((await ask(fake, '3/issue/OPS-4', { method: 'PUT', role: 'developer', body: edit })).status).toBe(204)
    const { body } = await ask<Shown>(fake, '3/issue/OPS-4?expand=changelog')
    expect(body.fields).toMatchObject({ summary: 'Renamed', priority: { name: 'Highest' }, labels: ['queue', 'new'] })
    const [latest] = body.changelog.histories
    expect(latest?.author.displayName).toBe('Developer')
    expect(latest?.items).toMatchObject([
      { field: 'summary', fromString: 'Restart the queue worker by itself', toString: 'Renamed' },
      { field: 'priority', fromString: 'Medium', toString: 'Highest' },
      { field: 'labels', fromString: 'on-call queue', toString: 'queue new' },
    ])
  })

  test('changes nothing when one field is wrong', async () => {
    await using fake = await startFakeJira()
    const body = { fields: { summary: 'Renamed', duedate: 'soon' } }
    const refused = await ask<ErrorBody>(fake, '3/issue/OPS-4', { method: 'PUT', body })
    expect(Object.keys(refused.body.errors)).toEqual(['duedate'])
    const shown = await ask<Shown>(fake, '3/issue/OPS-4?fields=summary')
    expect(shown.body.fields.summary).toBe('Restart the queue worker by itself')
  })

  test('assigns and unassigns, but not to an account that cannot work on it', async () => {
    await using fake = await startFakeJira()
    const assign = (accountId: string | null) =>
      ask<ErrorBody>(fake, '3/issue/OPS-4/assignee', { method: 'PUT', body: { accountId } })
    expect((await assign(fake.accountIdOf('support-lead'))).status).toBe(204)
    for (const role of ['viewer', 'former-member', 'support-agent'] as const) {
      expect((await assign(fake.accountIdOf(role))).body.errors.assignee).toContain('cannot be assigned issues')
    }
    const before = await ask<Shown>(fake, '3/issue/OPS-4?fields=assignee')
    expect(before.body.fields.assignee).toMatchObject({ displayName: 'Support lead' })
    expect((await assign(null)).status).toBe(204)
    const after = await ask<Shown>(fake, '3/issue/OPS-4?fields=assignee')
    expect(after.body.fields.assignee).toBeNull()
  })
})

describe('deleting an issue', () => {
  test('asks for the subtasks to be named, takes them along, and frees the children of an epic', async () => {
    await using fake = await startFakeJira()
    const remove = (path: string) => ask<ErrorBody>(fake, `3/issue/${path}`, { method: 'DELETE' })
    const refused = await remove('DEMO-7')
    expect(refused.status).toBe(400)
    expect(refused.body.errorMessages[0]).toContain("'deleteSubtasks'")
    expect((await remove('DEMO-7?deleteSubtasks=true')).status).toBe(204)
    expect((await ask(fake, '3/issue/DEMO-19')).status).toBe(404)
    expect((await remove('DEMO-2')).status).toBe(204)
    const child = await ask<Shown>(fake, '3/issue/DEMO-10?fields=parent,summary')
    expect(child.body.fields).toEqual({ summary: 'Order number and e-mail open the tracking page' })
  })
})
