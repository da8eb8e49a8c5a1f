import { describe, expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { adf, ask, type ErrorBody } from './ask.ts'
import { startFakeJira } from './start-fake-jira.ts'

const NOT_SEEN = 'Issue does not exist or you do not have permission to see it.'

describe('a fake Jira', () => {
  test('answers 401 without credentials, with wrong ones, and with those of the other API', async () => {
    await using fake = await startFakeJira()
    const { email, apiToken, personalToken } = fake.credentials
    const headers = [
      undefined,
      `Basic ${btoa(`${email}:wrong`)}`,
      `Basic ${btoa('no colon')}`,
      `Basic ${btoa(`former-member@example.com:${fake.credentialsOf('former-member').apiToken}`)}`,
      `Bearer ${personalToken}`,
    ]
    for (const authorization of headers) {
      const response = await fetch(`${fake.url}/rest/api/3/myself`, { headers: authorization ? { authorization } : {} })
      expect(response.status).toBe(401)
      const { errorMessages, errors }: ErrorBody = await response.json()
      expect(errorMessages).toEqual(['Client must be authenticated to access this resource.'])
      expect(errors).toEqual({})
      expect(response.headers.get('www-authenticate')).toStartWith('Basic')
    }
    const mislabelled = { authorization: `Basic ${personalToken}` }
    expect((await fetch(`${fake.url}/rest/api/2/myself`, { headers: mislabelled })).status).toBe(401)
    const basic = { authorization: `Basic ${btoa(`${email}:${apiToken}`)}` }
    expect((await fetch(`${fake.url}/rest/api/2/myself`, { headers: basic })).status).toBe(401)
  })

  test('answers 403 to every write of an account that may only read', async () => {
    await using fake = await startFakeJira()
    const fields = { project: { key: 'DEMO' }, issuetype: { name: 'Task' }, summary: 'x' }
    const writes = [
      ['POST', '3/issue', { fields }],
      ['PUT', '3/issue/DEMO-1', { fields: {} }],
      ['DELETE', '3/issue/DEMO-1', undefined],
      ['PUT', '3/issue/DEMO-1/assignee', { accountId: null }],
      ['POST', '3/issue/DEMO-1/comment', { body: adf('x') }],
      ['POST', '3/issue/DEMO-1/worklog', { timeSpent: '1h' }],
      ['POST', '3/issue/DEMO-1/transitions', { transition: { id: '11' } }],
      ['POST', '3/issueLink', {}],
    ] as const
    for (const [method, path, body] of writes) {
      expect([path, (await ask(fake, path, { role: 'viewer', method, body })).status]).toEqual([path, 403])
    }
    expect((await ask(fake, '3/issue/DEMO-1', { role: 'viewer' })).status).toBe(200)
  })

  test('answers the same 404 for what is missing and for what may not be seen', async () => {
    await using fake = await startFakeJira()
    for (const key of ['OPS-1', 'OPS-999', '20033']) {
      const { status, body } = await ask<ErrorBody>(fake, `3/issue/${key}`, { role: 'support-agent' })
      expect({ status, body }).toEqual({ status: 404, body: { errorMessages: [NOT_SEEN], errors: {} } })
    }
    expect((await ask(fake, '3/project/OPS', { role: 'support-agent' })).status).toBe(404)
    expect((await ask(fake, '3/nothing')).status).toBe(404)
    expect((await ask(fake, '3/issue/%E0%A4%A')).status).toBe(404)
  })

  test('answers 413 to a body that is too large', async () => {
    await using fake = await startFakeJira()
    const { status, body } = await ask<ErrorBody>(fake, '3/issue', {
      body: { fields: { summary: 'x'.repeat(10_000_000) } },
    })
    expect(status).toBe(413)
    expect(body.errorMessages).toEqual(['The request is larger than 10000000 characters.'])
  })

  test('answers 405 for a method, 415 for a type and 400 for a body it does not take', async () => {
    await using fake = await startFakeJira()
    expect((await ask(fake, '3/myself', { method: 'DELETE' })).status).toBe(405)
    const { email, apiToken } = fake.credentials
    const send = (type: string, body: string) =>
      fetch(`${fake.url}/rest/api/3/search/jql`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${email}:${apiToken}`)}`, 'content-type': type },
        body,
      })
    expect((await send('text/plain', '{}')).status).toBe(415)
    for (const body of ['{', '[]', '"x"', 'null', '{"jql":5}']) {
      expect((await send('application/json', body)).status).toBe(400)
    }
  })

  test.each([409, 410, 413, 422, 429, 500, 503])(
    'answers %i where a test asked for it, and then no more',
    async (status) => {
      await using fake = await startFakeJira()
      fake.fail({ path: '/rest/api/3/myself', status, retryAfter: 7, times: 2 })
      for (const expected of [status, status, 200]) {
        const reply = await ask<ErrorBody>(fake, '3/myself')
        expect(reply.status).toBe(expected)
        expect(reply.headers.get('retry-after')).toBe(expected === status ? '7' : null)
        if (expected === status) expect(reply.body.errorMessages).toHaveLength(1)
      }
    },
  )

  test('fails by method and pattern alone, before the effect or after it', async () => {
    await using fake = await startFakeJira()
    fake.fail({ path: /\/comment$/, method: 'POST', status: 503 })
    fake.fail({ path: /\/comment$/, method: 'POST', status: 500, isAfterEffect: true })
    const comments = async () => (await ask<{ total: number }>(fake, '3/issue/OPS-7/comment')).body.total
    const add = async () => (await ask(fake, '3/issue/OPS-7/comment', { body: { body: adf('x') } })).status
    expect([await comments(), await add(), await comments()]).toEqual([0, 503, 0])
    expect([await add(), await comments()]).toEqual([500, 1])
  })

  test('holds an answer until it is let go, and says when the request is there', async () => {
    await using fake = await startFakeJira()
    const gate = Promise.withResolvers<void>()
    const arrived = fake.hold({ path: '/rest/api/3/myself', until: gate.promise })
    let isAnswered = false
    const reply = ask(fake, '3/myself').finally(() => {
      isAnswered = true
    })
    await arrived
    expect((await ask(fake, '3/serverInfo')).status).toBe(200)
    expect(isAnswered).toBe(false)
    gate.resolve()
    expect((await reply).status).toBe(200)
  })

  test('lets an account make as many requests as its bucket holds, and says when the next one may come', async () => {
    const clock = createFakeClock(0)
    await using fake = await startFakeJira({ clock, rateLimit: { capacity: 2, perSecond: 0.25 } })
    const statuses = [await ask(fake, '3/myself'), await ask(fake, '3/myself')].map(({ status }) => status)
    const refused = await ask<ErrorBody>(fake, '3/myself')
    expect([...statuses, refused.status]).toEqual([200, 200, 429])
    expect(refused.headers.get('retry-after')).toBe('4')
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    expect((await ask(fake, '3/myself', { role: 'viewer' })).status).toBe(200)
    clock.advance(3_999)
    expect((await ask(fake, '3/myself')).status).toBe(429)
    clock.advance(1)
    expect((await ask(fake, '3/myself')).status).toBe(200)
  })

  test('keeps what it answered for tests to look at', async () => {
    await using fake = await startFakeJira()
    await ask(fake, '3/project/search?query=x')
    await ask(fake, '3/issue/NO-1')
    expect(fake.requests).toEqual([
      { method: 'GET', url: '/rest/api/3/project/search?query=x', status: 200 },
      { method: 'GET', url: '/rest/api/3/issue/NO-1', status: 404 },
    ])
  })

  test('says what the caller may do', async () => {
    await using fake = await startFakeJira()
    const may = async (query: string, role: 'product-owner' | 'viewer' | 'support-agent') => {
      const path = `3/mypermissions?permissions=BROWSE_PROJECTS,CREATE_ISSUES${query}`
      const { body } = await ask<{ permissions: Record<string, { havePermission: boolean }> }>(fake, path, { role })
      return Object.values(body.permissions).map(({ havePermission }) => havePermission)
    }
    expect(await may('', 'product-owner')).toEqual([true, true])
    expect(await may('', 'viewer')).toEqual([true, false])
    expect(await may('&projectKey=OPS', 'support-agent')).toEqual([false, false])
    expect((await ask(fake, '3/mypermissions')).status).toBe(400)
    expect((await ask(fake, '3/mypermissions?permissions=FLY')).status).toBe(400)
  })
})
