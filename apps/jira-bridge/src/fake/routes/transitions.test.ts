import { describe, expect, test } from 'bun:test'
import { adf, ask, type ErrorBody } from '../ask.ts'
import { type FakeJira, startFakeJira } from '../start-fake-jira.ts'

interface Listed {
  transitions: { id: string; name: string; fields?: Record<string, { required: boolean }> }[]
}

interface Shown {
  fields: Record<string, { name?: string; comments?: { body: unknown }[] } | null>
  changelog: { histories: { items: unknown[] }[] }
}

describe('the workflow', () => {
  test('leads from To Do over review to Done, and keeps what happened', async () => {
    await using fake = await startFakeJira()
    expect(await names(fake, 'OPS-7')).toEqual(['Start progress', 'Close'])
    expect(await take(fake, 'OPS-7', { transition: { id: '11' } })).toMatchObject({ status: 204 })
    expect(await names(fake, 'OPS-7')).toEqual(['Stop progress', 'Send to review'])
    await take(fake, 'OPS-7', { transition: { id: '21' } })
    const approve = { transition: { id: '31' }, fields: { resolution: { name: 'done' } } }
    expect(await take(fake, 'OPS-7', approve)).toMatchObject({ status: 204 })
    const { body } = await ask<Shown>(fake, '3/issue/OPS-7?fields=status,resolution&expand=changelog')
    expect(body.fields.status?.name).toBe('Done')
    expect(body.fields.resolution?.name).toBe('Done')
    expect(body.changelog.histories.map(({ items }) => items[0])).toMatchObject([
      { toString: 'Done' },
      { toString: 'In Review' },
      { toString: 'In Progress' },
    ])
    await take(fake, 'OPS-7', { transition: { id: '41' } })
    const again = await ask<Shown>(fake, '3/issue/OPS-7?fields=resolution,resolutiondate')
    expect(again.body.fields).toEqual({ resolution: null, resolutiondate: null })
  })

  test('says which fields a step needs, and refuses it without them', async () => {
    await using fake = await startFakeJira()
    const { body } = await ask<Listed>(fake, '3/issue/OPS-2/transitions?expand=transitions.fields')
    const approve = body.transitions.find(({ name }) => name === 'Approve')
    expect(approve?.fields?.resolution?.required).toBe(true)
    expect(await take(fake, 'OPS-2', { transition: { id: '31' } })).toMatchObject({
      status: 400,
      body: { errors: { resolution: 'Resolution is required.' } },
    })
    const wrong = { transition: { id: '31' }, fields: { resolution: { name: 'Maybe' } } }
    expect((await take(fake, 'OPS-2', wrong)).body.errors.resolution).toBe('The resolution selected is invalid.')
  })

  test('refuses a step of another status, and one that is missing', async () => {
    await using fake = await startFakeJira()
    const other = await take(fake, 'OPS-7', { transition: { id: '31' }, fields: { resolution: { name: 'Done' } } })
    expect(other.status).toBe(400)
    expect(other.body.errorMessages[0]).toContain("transition id '31' is not valid for this issue")
    expect((await take(fake, 'OPS-7', {})).body.errorMessages[0]).toBe("Missing 'transition' identifier")
  })

  test('does not approve an issue above open ones', async () => {
    await using fake = await startFakeJira()
    expect(await names(fake, 'DEMO-4')).toEqual(['Request changes'])
    expect(await names(fake, 'DEMO-9')).toEqual(['Request changes', 'Approve'])
  })

  test('adds the comment of a step, and takes neither when the comment is wrong', async () => {
    await using fake = await startFakeJira()
    const step = (body: unknown) => ({ transition: { id: '11' }, update: { comment: [{ add: { body } }] } })
    expect((await take(fake, 'OPS-7', step('no document'))).status).toBe(400)
    expect(await names(fake, 'OPS-7')).toEqual(['Start progress', 'Close'])
    expect((await take(fake, 'OPS-7', step(adf('starting')))).status).toBe(204)
    const { body } = await ask<Shown>(fake, '3/issue/OPS-7?fields=comment')
    expect(body.fields.comment?.comments?.map((comment) => comment.body)).toEqual([adf('starting')])
  })

  test('offers nothing to an account that may only read', async () => {
    await using fake = await startFakeJira()
    expect(await names(fake, 'OPS-7', 'viewer')).toEqual([])
    const refused = await ask(fake, '3/issue/OPS-7/transitions', { role: 'viewer', body: { transition: { id: '11' } } })
    expect(refused.status).toBe(403)
  })
})

async function names(fake: FakeJira, key: string, role: 'product-owner' | 'viewer' = 'product-owner') {
  const { body } = await ask<Listed>(fake, `3/issue/${key}/transitions`, { role })
  return body.transitions.map(({ name }) => name)
}

function take(fake: FakeJira, key: string, body: unknown) {
  return ask<ErrorBody>(fake, `3/issue/${key}/transitions`, { body })
}
