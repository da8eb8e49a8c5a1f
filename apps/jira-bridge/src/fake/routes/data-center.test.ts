import { describe, expect, test } from 'bun:test'
import { ask, type ErrorBody } from '../ask.ts'
import { startFakeJira } from '../start-fake-jira.ts'

interface Page {
  startAt: number
  maxResults: number
  total: number
  issues: { key: string; fields: Record<string, unknown> }[]
}

describe('the API of Data Center', () => {
  test('knows accounts by name, and says what it is', async () => {
    await using fake = await startFakeJira()
    const { body } = await ask<Record<string, unknown>>(fake, '2/myself')
    expect(body).toMatchObject({ name: 'product-owner', key: 'product-owner', displayName: 'Product owner' })
    expect(body).not.toHaveProperty('accountId')
    expect((await ask(fake, '2/serverInfo')).body).toMatchObject({ deploymentType: 'Server' })
    const found = await ask<{ name: string }[]>(fake, '2/user/search?username=support')
    expect(found.body.map(({ name }) => name)).toEqual(['support-agent', 'support-lead'])
  })

  test('lists what an issue can be made of as values, and everybody for a dot', async () => {
    await using fake = await startFakeJira()
    const types = await ask<{ values: { name: string }[] }>(fake, '2/issue/createmeta/OPS/issuetypes')
    expect(types.body.values.map(({ name }) => name)).toEqual(['Epic', 'Story', 'Task', 'Bug', 'Subtask'])
    const everybody = await ask<unknown[]>(fake, '2/user/search?username=.')
    expect(everybody.body).toHaveLength(9)
    expect((await ask<unknown[]>(fake, '2/project')).body).toMatchObject([{ key: 'DEMO' }, { key: 'OPS' }])
  })

  test('pages by startAt and knows the total, restricted or not', async () => {
    await using fake = await startFakeJira({ seed: { issues: 100 } })
    const keys: string[] = []
    let total = 1
    while (keys.length < total) {
      const body = { jql: 'project = DEMO ORDER BY key', startAt: keys.length, maxResults: 30, fields: ['summary'] }
      const page = await ask<Page>(fake, '2/search', { body })
      total = page.body.total
      keys.push(...page.body.issues.map(({ key }) => key))
    }
    expect(keys).toEqual(Array.from({ length: 100 }, (_, index) => `DEMO-${index + 1}`))
    expect((await ask<Page>(fake, '2/search?startAt=106')).body).toMatchObject({ total: 108, startAt: 106 })
    expect((await ask<ErrorBody>(fake, '2/search?startAt=-1')).body.errorMessages[0]).toContain("'startAt'")
  })

  test('takes wiki text and gives it back unchanged, and shows documents as wiki text', async () => {
    await using fake = await startFakeJira()
    const description = 'h1. Title\n\n* one\n* two\n\n\n{code}\nx = 1\n{code}\n'
    const fields = {
      project: { key: 'OPS' },
      issuetype: { name: 'Task' },
      summary: 'x',
      description,
      assignee: { name: 'developer' },
    }
    const made = await ask<{ key: string }>(fake, '2/issue', { body: { fields } })
    const shown = await ask<Page['issues'][number]>(fake, `2/issue/${made.body.key}?fields=description,assignee`)
    expect(shown.body.fields).toMatchObject({ description, assignee: { name: 'developer' } })
    const seeded = await ask<Page['issues'][number]>(fake, '2/issue/DEMO-3?fields=description')
    expect(seeded.body.fields.description).toBe(
      'As a customer I want to see each scan with place and time.\n\n||Scan||Shown as||\n|{{ACCEPTED}}|We have your parcel|\n|{{IN_TRANSIT}}|On its way|\n|{{DELIVERED}}|Delivered ✅|',
    )
    const refused = await ask<ErrorBody>(fake, '2/issue/DEMO-3/comment', { body: { body: { type: 'doc' } } })
    expect(refused.body.errors.comment).toBe('Operation value must be a string')
  })
})
