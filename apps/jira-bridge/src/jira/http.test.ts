import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { JiraApiError, retryAfterMs } from './errors.ts'
import { createJiraHttp, type JiraHttpOptions } from './http.ts'

const TOKEN = 'very-secret-token'
const AUTHORIZATION = `Basic ${btoa(`me@example.com:${TOKEN}`)}`

function answers(...planned: (Response | Error | 'never')[]) {
  const sent: { url: string; init: RequestInit }[] = []
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    sent.push({ url, init })
    const next = planned.shift() ?? Response.json({ ok: true })
    if (next instanceof Error) return Promise.reject(next)
    if (next !== 'never') return Promise.resolve(next)
    return new Promise((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true })
    })
  }
  return { sent, fetch }
}

function open(options: Partial<JiraHttpOptions> = {}) {
  return createJiraHttp({
    baseUrl: 'https://jira.example.com',
    authorization: AUTHORIZATION,
    secrets: [TOKEN],
    credentials: 'JIRA_EMAIL and JIRA_API_TOKEN',
    ...options,
  })
}

function refusal(status: number, body: unknown = {}, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

const failureOf = (sending: Promise<unknown>): Promise<JiraApiError> =>
  sending.then(
    () => Promise.reject(new Error('it went well')),
    (error: unknown) => (error instanceof JiraApiError ? error : Promise.reject(error)),
  )

const READ = { method: 'GET', path: '/rest/api/3/myself' }
const WRITE = { method: 'POST', path: '/rest/api/3/issue', body: { fields: {} } }

test.each([
  [401, 'unauthorized', /JIRA_EMAIL and JIRA_API_TOKEN/],
  [403, 'forbidden', /permission/],
  [404, 'not_found', /Check the key; for what this account has no permission to see/],
  [409, 'conflict', /[Rr]ead it again/],
  [410, 'gone', /no longer has POST \/rest\/api\/3\/issue/],
  [413, 'too_large', /Shorten/],
  [400, 'invalid', /summary: You must specify a summary.*Correct the fields/],
  [422, 'invalid', /summary: You must specify a summary/],
  [500, 'unavailable', /may have been made/],
  [418, 'unexpected', /418/],
] as const)('status %i is the failure %s, with what to do', async (status, failure, says) => {
  const { fetch } = answers(
    refusal(status, { errorMessages: ['Said Jira.'], errors: { summary: 'You must specify a summary.' } }),
  )
  const error = await failureOf(open({ fetch }).send(WRITE))
  expect(error).toMatchObject({ failure, status, fields: { summary: 'You must specify a summary.' } })
  expect(error.message).toMatch(says)
  expect(error.message).toContain(`(${status}`.slice(0, failure === 'unexpected' ? 0 : undefined))
  expect(error.message).toContain('Said Jira')
})

test('a request carries the credentials, its parameters and its body as JSON', async () => {
  const { sent, fetch } = answers()
  await open({ fetch }).send({ ...WRITE, query: { a: 'x y', b: [1, 2], c: undefined } })
  expect(sent[0]?.url).toBe('https://jira.example.com/rest/api/3/issue?a=x+y&b=1&b=2')
  expect(sent[0]?.init).toMatchObject({
    method: 'POST',
    redirect: 'manual',
    body: '{"fields":{}}',
    headers: { Authorization: AUTHORIZATION, 'Content-Type': 'application/json' },
  })
})

test('a read is sent again after as long as Retry-After says', async () => {
  const clock = createFakeClock()
  const { sent, fetch } = answers(refusal(429, {}, { 'Retry-After': '7' }))
  const reading = open({ fetch, clock }).send(READ)
  await settle()
  await clock.advance(6_999)
  expect(sent.length).toBe(1)
  await clock.advance(1)
  expect(await reading).toEqual({ ok: true })
  expect(sent.length).toBe(2)
})

test('without Retry-After the waits grow, and after the last try the model is told', async () => {
  const clock = createFakeClock()
  const { sent, fetch } = answers(...Array.from({ length: 9 }, () => refusal(503)))
  const failing = failureOf(open({ fetch, clock, maxAttempts: 4 }).send(READ))
  const seen: number[] = []
  for (const ms of [500, 1_000, 2_000]) {
    await clock.advance(ms - 1)
    seen.push(sent.length)
    await clock.advance(1)
  }
  expect(seen).toEqual([1, 2, 3])
  expect(await failing).toMatchObject({ failure: 'unavailable', message: expect.stringContaining('after 4 tries') })
})

test('a Retry-After past the bound is told at once, with the seconds', async () => {
  const { sent, fetch } = answers(refusal(429, {}, { 'Retry-After': '120' }))
  const error = await failureOf(open({ fetch, maxWaitMs: 20_000 }).send(READ))
  expect(error.retryAfterMs).toBe(120_000)
  expect(error.message).toContain('Call again in 120 seconds')
  expect(sent.length).toBe(1)
})

test.each([
  ['429', () => refusal(429, {}, { 'Retry-After': '1' }), 2],
  ['a connection that never came about', () => Object.assign(new Error('refused'), { code: 'ConnectionRefused' }), 2],
  ['503', () => refusal(503), 1],
  ['a connection that broke', () => Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 1],
] as const)('a write is sent again only when it is known not to have run: %s', async (_, fault, times) => {
  const clock = createFakeClock()
  const { sent, fetch } = answers(fault())
  const sending = open({ fetch, clock })
    .send(WRITE)
    .catch((error: unknown) => error)
  await clock.advance(5_000)
  await sending
  expect(sent.length).toBe(times)
})

test('a search is a read although it is posted', async () => {
  const clock = createFakeClock()
  const { sent, fetch } = answers(refusal(503))
  const sending = open({ fetch, clock }).send({ method: 'POST', path: '/rest/api/3/search/jql', body: {} })
  await clock.advance(500)
  expect(await sending).toEqual({ ok: true })
  expect(sent.length).toBe(2)
})

test('an answer that does not come ends after timeoutMs, and a write may have been made', async () => {
  const clock = createFakeClock()
  const failing = failureOf(open({ ...answers('never'), clock, timeoutMs: 1_000 }).send(WRITE))
  await clock.advance(1_000)
  expect(await failing).toMatchObject({
    failure: 'timeout',
    message: expect.stringMatching(/within 1000 ms.*may have been made/),
  })
})

test('whoever gives up gets the own reason back, while waiting for an answer and between two tries', async () => {
  const reason = new Error('given up')
  for (const planned of ['never', refusal(503)] as const) {
    const controller = new AbortController()
    const clock = createFakeClock()
    const failing = open({ ...answers(planned), clock })
      .send({ ...READ, signal: controller.signal })
      .catch((error: unknown) => error)
    await settle()
    controller.abort(reason)
    expect(await failing).toBe(reason)
    expect(clock.timers).toBe(0)
  }
})

test('a page instead of JSON, and a redirect, say what JIRA_URL must be', async () => {
  const html = new Response('<html>', { headers: { 'Content-Type': 'text/html' } })
  expect((await failureOf(open(answers(html)).send(READ))).message).toContain(
    'JIRA_URL must be the address of Jira itself',
  )
  const moved = new Response(null, { status: 302, headers: { Location: 'https://login.example.com/a?token=1' } })
  const error = await failureOf(open(answers(moved)).send(READ))
  expect(error.message).toContain('https://login.example.com (302)')
  expect(error.message).not.toContain('token=1')
})

test.each([200, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503])(
  'no error of status %i says a secret, whatever the answer says',
  async (status) => {
    const echo = `you sent ${AUTHORIZATION} with ${TOKEN}`
    const body =
      status === 200 ? new Response(echo) : refusal(status, { errorMessages: [echo], errors: { [TOKEN]: echo } })
    const error = await failureOf(open({ ...answers(body), maxAttempts: 1 }).send(WRITE))
    const said = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
    expect(said).not.toContain(TOKEN)
    expect(said).not.toContain(AUTHORIZATION.slice('Basic '.length))
  },
)

test('a network error says the host and the code, and no secret', async () => {
  const cause = Object.assign(new Error(`cannot reach with ${TOKEN}`), { code: 'ECONNRESET' })
  const error = await failureOf(open({ ...answers(cause), maxAttempts: 1 }).send(READ))
  expect(error.message).toContain('Jira at jira.example.com could not be reached (ECONNRESET)')
  expect(`${error.stack} ${String(error.cause)}`).not.toContain(TOKEN)
})

test.each([
  ['12', 12_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %p is %p milliseconds', (header, ms) => {
  expect(retryAfterMs(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(ms)
})

test('an answer past maxAnswerBytes is given up, and one of just that length is read', async () => {
  const body = JSON.stringify({ text: 'ü'.repeat(100) })
  const { byteLength } = new TextEncoder().encode(body)
  const read = (maxAnswerBytes: number) => open({ ...answers(new Response(body)), maxAnswerBytes }).send(READ)
  expect(await read(byteLength)).toEqual(JSON.parse(body))
  expect(await failureOf(read(byteLength - 1))).toMatchObject({
    failure: 'too_large',
    message: expect.stringContaining('Ask for less at once'),
  })
})

test('of what Jira says about fields so much is told, and no half of a secret with it', async () => {
  const errors = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, 'x'.repeat(5_000)]))
  const { fields } = await failureOf(open({ ...answers(refusal(400, { errors })) }).send(WRITE))
  expect(Object.keys(fields)).toEqual(Array.from({ length: 20 }, (_, n) => `f${n}`))
  expect(new Set(Object.values(fields))).toEqual(new Set([`${'x'.repeat(200)}…`]))
  const cut = refusal(400, { errors: { ['k'.repeat(1_000)]: `${'x'.repeat(190)}${TOKEN}` } })
  const error = await failureOf(open({ ...answers(cut) }).send(WRITE))
  const [[name = '', wrong] = []] = Object.entries(error.fields)
  expect([name.length, wrong]).toEqual([201, `${'x'.repeat(190)}[secret]`])
})

test('an answer to a write that is too long to be read leaves open whether it was made', async () => {
  const body = new Response('x'.repeat(100))
  const error = await failureOf(open({ ...answers(body), maxAnswerBytes: 10 }).send(WRITE))
  expect(error).toMatchObject({ failure: 'unexpected', message: expect.stringContaining('may have been made') })
})
