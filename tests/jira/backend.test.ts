import { expect, test } from 'bun:test'
import { memory } from '@bao-mcp/client'
import { serveChannel } from '@bao-mcp/server'
import { type AppOptions, createApp } from '../../apps/jira-bridge/src/backend/app.ts'
import { readArguments } from '../../apps/jira-bridge/src/backend/arguments.ts'
import { createLog, type LogEntry } from '../../apps/jira-bridge/src/backend/request-log.ts'
import { JiraClient } from '../../apps/jira-bridge/src/client/jira-client.ts'
import { JIRA_ERROR_CODES, JiraError } from '../../apps/jira-bridge/src/client/jira-error.ts'
import { bridgeLike } from './fixtures/bridge-like.ts'
import { described } from './fixtures/described.ts'

const ORIGIN = 'http://127.0.0.1:8080'
type Jira = AppOptions['jira']

/** Calls the routes of an app without a port. */
function backendOf(jira: Jira, more: Partial<AppOptions> = {}) {
  const entries: LogEntry[] = []
  const { app, inFlight } = createApp({ jira, log: (entry) => entries.push(entry), ...more })
  const get = (path: string, init?: RequestInit) => Promise.resolve(app.request(ORIGIN + path, init))
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    get(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  return { get, post, inFlight, entries }
}

/** A client whose every call does the same. */
function stub(call: (signal: AbortSignal | undefined) => Promise<never>): Jira {
  const last = (...args: unknown[]) => {
    const options = args.at(-1)
    const has = typeof options === 'object' && options !== null && 'signal' in options
    return call(has && options.signal instanceof AbortSignal ? options.signal : undefined)
  }
  const info = () => ({ name: 'jira', transport: 'stub', state: 'ready', reason: 'it is' }) as const
  const verbs = { searchPage: last, getIssue: last, createIssue: last, getTransitions: last, transition: last }
  return { ...verbs, addComment: last, info }
}

const failing = (error: Error): Jira => stub(() => Promise.reject(error))
/** Calls that end only when their signal does. */
const endless = stub(
  (signal) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
)
const NEW = { project: 'DEMO', type: 'Bug', summary: 'It rains' }

for (const pin of ['modern', 'legacy'] as const) {
  test(`every route does what its description says, ${pin}`, async () => {
    await using jira = await JiraClient.connect({
      server: memory((channel) => void serveChannel(bridgeLike(), channel)),
      pin,
    })
    const { get, post } = backendOf(jira)
    const document = described(await (await get('/openapi.json')).json())
    expect(document.faults).toEqual([])
    const answers: [route: string, status: number, answer: Promise<Response>][] = [
      ['POST /search', 200, post('/search', { jql: 'project = DEMO', limit: 2 })],
      ['POST /search', 400, post('/search', { jql: '' })],
      ['POST /issues', 201, post('/issues', NEW)],
      ['POST /issues', 200, post('/issues', { ...NEW, dryRun: true })],
      ['POST /issues', 400, post('/issues', { ...NEW, dryrun: true })],
      ['GET /issues/{key}', 200, get('/issues/DEMO-1?comments=1')],
      ['GET /issues/{key}', 404, get('/issues/DEMO-99')],
      ['GET /issues/{key}', 400, get('/issues/demo')],
      ['GET /issues/{key}/transitions', 200, get('/issues/DEMO-1/transitions')],
      ['POST /issues/{key}/transitions', 200, post('/issues/DEMO-1/transitions', { to: 'Start' })],
      ['POST /issues/{key}/transitions', 422, post('/issues/DEMO-1/transitions', { to: 'Fly' })],
      ['POST /issues/{key}/comments', 201, post('/issues/DEMO-1/comments', { body: 'So *it* does' })],
      ['GET /health', 200, get('/health')],
      ['GET /ready', 200, get('/ready')],
    ]
    for (const [route, status, answer] of answers) {
      const response = await answer
      expect([route, response.status]).toEqual([route, status])
      expect(await document.judge(route, response)).toBe('')
    }
    expect([...new Set(answers.map(([route]) => route))].sort()).toEqual(document.routes)
  })
}

test('tells where a created issue is, and pages through a search', async () => {
  await using jira = await JiraClient.connect({ server: memory((channel) => void serveChannel(bridgeLike(), channel)) })
  const { post } = backendOf(jira)
  expect((await post('/issues', NEW)).headers.get('location')).toBe('/issues/DEMO-4')
  const keys: string[] = []
  let pageToken: string | undefined
  do {
    const page = await (await post('/search', { jql: 'a', limit: 3, ...(pageToken && { pageToken }) })).json()
    keys.push(...page.issues.map(({ key }: { key: string }) => key))
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  expect(keys).toEqual(['DEMO-1', 'DEMO-2', 'DEMO-3', 'DEMO-4'])
})

const STATUSES: Readonly<Record<string, number>> = {
  not_found: 404,
  unauthorized: 502,
  forbidden: 403,
  conflict: 409,
  rate_limited: 429,
  invalid: 422,
  declined: 409,
  unavailable: 503,
  timeout: 504,
  outcome_unknown: 409,
  unsupported: 501,
  failed: 502,
}

test.each(JIRA_ERROR_CODES)('%s is a problem of its own status, which the description knows', async (code) => {
  const { get, post } = backendOf(failing(new JiraError(code, `it is ${code}`, { retryAfterMs: 6_100 })))
  const isWrite = STATUSES[code] === 409
  const response = await (isWrite ? post('/issues', NEW) : get('/issues/DEMO-1'))
  expect(response.status).toBe(STATUSES[code] ?? 0)
  const passes = code === 'unavailable' || code === 'rate_limited'
  expect(response.headers.get('retry-after')).toBe(passes ? '7' : null)
  expect(response.headers.get('x-request-id')).toBeString()
  const document = described(await (await get('/openapi.json')).json())
  const route = isWrite ? 'POST /issues' : 'GET /issues/{key}'
  expect(await document.judge(route, response.clone())).toBe('')
  expect(await response.json()).toMatchObject({ code, detail: `it is ${code}`, status: response.status })
})

test('says what to do when the outcome of a write is unknown', async () => {
  const { post } = backendOf(failing(new JiraError('outcome_unknown', 'the server died')))
  const problem = await (await post('/issues', NEW)).json()
  expect(problem.advice).toBe('it may have been done: look for it before you send it again')
})

test('an unexpected error is told to nobody but the log, and there without secrets', async () => {
  const lines: string[] = []
  const env = { JIRA_API_TOKEN: 's3cret-token' }
  const log = createLog((line) => lines.push(line), { env, now: () => new Date(0) })
  const { get } = backendOf(failing(new TypeError('no s3cret-token in\nhere')), { log })
  const response = await get('/issues/DEMO-1')
  expect(response.status).toBe(500)
  const text = await response.text()
  expect(text).not.toContain('here')
  expect(lines).toHaveLength(2)
  expect(lines.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true)
  const id = JSON.parse(text).requestId
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { at: '1970-01-01T00:00:00.000Z', event: 'unexpected', id, error: 'TypeError: no *** in\nhere' },
    { event: 'request', id, method: 'GET', path: '/issues/DEMO-1', status: 500 },
  ])
})

test('logs neither queries nor bodies', async () => {
  const { get, post, entries } = backendOf(failing(new JiraError('failed', 'no')))
  await post('/search', { jql: 'summary ~ private' })
  await get('/issues/DEMO-1?comments=1&private=1')
  expect(entries).toHaveLength(2)
  expect(JSON.stringify(entries)).not.toContain('private')
})

test('refuses what is no JSON, too long, misspelt or no route, before anything is called', async () => {
  const { get, post } = backendOf(failing(new Error('it was called')), { maxBodyBytes: 1_000 })
  const status = async (answer: Promise<Response>): Promise<unknown[]> => {
    const response = await answer
    return [response.status, (await response.json()).code]
  }
  expect(await status(post('/issues', NEW, { 'content-type': 'text/plain' }))).toEqual([415, 'no_json'])
  expect(await status(get('/issues', { method: 'POST', body: JSON.stringify(NEW) }))).toEqual([415, 'no_json'])
  const headers = { 'content-type': 'application/json' }
  expect(await status(get('/issues', { method: 'POST', body: '{', headers }))).toEqual([400, 'bad_request'])
  expect(await status(post('/issues', { ...NEW, description: 'x'.repeat(1_000) }))).toEqual([413, 'too_large'])
  expect(await status(post('/issues/DEMO-1/comments', { text: 'x' }))).toEqual([400, 'bad_request'])
  expect(await status(get('/nowhere'))).toEqual([404, 'no_such_route'])
  const wrong = await get('/issues/DEMO-1', { method: 'DELETE' })
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('on the loopback interface, keeps out pages of others', async () => {
  const { get, post } = backendOf(failing(new JiraError('failed', 'it was called')))
  expect((await post('/issues', NEW, { origin: 'https://evil.example' })).status).toBe(403)
  expect((await post('/issues', NEW, { origin: ORIGIN })).status).toBe(502)
  expect((await get('/health', { headers: { origin: 'null' } })).status).toBe(403)
  const { app } = createApp({ jira: endless, log: () => {} })
  expect((await app.request('http://evil.example:8080/health')).status).toBe(403)
  const elsewhere = createApp({ jira: endless, log: () => {}, hostname: '0.0.0.0', allowedHosts: ['jira.internal'] })
  expect((await elsewhere.app.request('http://jira.internal/health')).status).toBe(200)
  expect((await elsewhere.app.request('http://evil.example/health')).status).toBe(403)
})

test('a request has a limited time: a read is a timeout, a write of unknown outcome, one that does not arrive is late', async () => {
  const { get, post } = backendOf(endless, { requestTimeoutMs: 20 })
  expect((await get('/issues/DEMO-1')).status).toBe(504)
  expect(await (await post('/issues', NEW)).json()).toMatchObject({ status: 409, code: 'outcome_unknown' })
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) })
  const headers = { 'content-type': 'application/json' }
  const late = await get('/issues', { method: 'POST', body, headers })
  expect([late.status, (await late.json()).code]).toEqual([408, 'late'])
})

test('while it drains it takes nothing more and is not ready, but alive', async () => {
  const { get, inFlight } = backendOf(endless)
  const running = get('/issues/DEMO-1')
  inFlight.drain()
  for (const path of ['/issues/DEMO-1', '/ready']) {
    const response = await get(path)
    expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '2'])
  }
  expect((await get('/health')).status).toBe(200)
  expect(inFlight.count).toBe(1)
  inFlight.abortAll('enough')
  const { status, headers } = await running
  expect([status, headers.get('retry-after')]).toEqual([503, '2'])
  await inFlight.idle()
})

test.each(['starting', 'backing-off', 'failed', 'needs-auth', 'stopping'] as const)(
  'is not ready while the Jira server is %s',
  async (state) => {
    const info = () => ({ name: 'jira', transport: 'stub', state, reason: 'x' })
    const { get } = backendOf({ ...endless, info })
    const response = await get('/ready')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await response.json()).toMatchObject({ code: 'unavailable', detail: `the Jira server is ${state}` })
  },
)

test('reads its command line, and says what is wrong with it', () => {
  expect(readArguments([])).toEqual({ kind: 'serve', port: 8080, hostname: '127.0.0.1' })
  expect(readArguments(['--port', '0', '--host', '::1', '--', 'uvx', 'mcp-atlassian', '--port', '1'])).toEqual({
    kind: 'serve',
    port: 0,
    hostname: '::1',
    command: ['uvx', 'mcp-atlassian', '--port', '1'],
  })
  expect(readArguments(['--help'])).toEqual({ kind: 'help' })
  expect(readArguments(['--port', '99999'])).toMatchObject({
    kind: 'wrong',
    reason: expect.stringContaining('65535, got "99999"'),
  })
  expect(readArguments(['--prot', '1'])).toMatchObject({ kind: 'wrong', reason: expect.stringContaining('--prot') })
  expect(readArguments(['--'])).toMatchObject({ kind: 'wrong' })
})
