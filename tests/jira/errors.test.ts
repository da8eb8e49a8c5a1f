import { expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { memory } from '@bao-mcp/client'
import type { Clock } from '@bao-mcp/protocol/engine'
import { serveChannel } from '@bao-mcp/server'
import { Problem } from '../../apps/jira-bridge/src/backend/problem.ts'
import type { LogEntry } from '../../apps/jira-bridge/src/backend/request-log.ts'
import { startBackend } from '../../apps/jira-bridge/src/backend/serve.ts'
import type { JiraConnectOptions } from '../../apps/jira-bridge/src/client/jira-client.ts'
import type { JiraErrorCode } from '../../apps/jira-bridge/src/client/jira-error.ts'
import { type FakeJira, startFakeJira } from '../../apps/jira-bridge/src/fake/start-fake-jira.ts'
import { createBridge } from '../../apps/jira-bridge/src/server/bridge.ts'
import { connectJira } from '../../apps/jira-bridge/src/server/connect.ts'
import { GROUPS } from '../../apps/jira-bridge/src/server/flags.ts'

const MAIN = resolve(import.meta.dir, '../../apps/jira-bridge/src/main.ts')
const KEY = 'DEMO-1'
/** As often as a request is sent at most. */
const EVERY_TRY = 4
/** Milliseconds for one answer. */
const TIMEOUT_MS = 30_000

interface Case {
  readonly status: number
  readonly read: readonly [code: JiraErrorCode, status: number]
  readonly write: readonly [code: JiraErrorCode, status: number]
  /** What a model can act on. */
  readonly says: RegExp
}

const CASES: readonly Case[] = [
  same(400, 'invalid', 422, /\(400\).*Correct it and call again/),
  same(401, 'unauthorized', 502, /Check JIRA_EMAIL and JIRA_API_TOKEN/),
  same(403, 'forbidden', 403, /Another account, or a permission/),
  same(404, 'not_found', 404, /Check the key/i),
  same(409, 'conflict', 409, /Read it again, then repeat/),
  same(410, 'unsupported', 501, /no longer has (GET|POST) .*Repeating will not help/),
  same(413, 'invalid', 422, /Shorten it/),
  same(422, 'invalid', 422, /\(422\).*Correct it and call again/),
  same(429, 'rate_limited', 429, /after 4 tries.*Call again in/),
  { status: 500, read: ['unavailable', 503], write: ['outcome_unknown', 409], says: /Call again later|look before/ },
  { status: 503, read: ['unavailable', 503], write: ['outcome_unknown', 409], says: /Call again later|look before/ },
]

function same(status: number, code: JiraErrorCode, answer: number, says: RegExp): Case {
  return { status, read: [code, answer], write: [code, answer], says }
}

/** A backend, and everything that anybody writes down. */
async function open(jira: JiraConnectOptions) {
  const written: string[] = []
  const ready = Promise.withResolvers<void>()
  const backend = await startBackend({
    port: 0,
    log(entry: LogEntry) {
      written.push(JSON.stringify(entry))
      if (entry.event === 'jira-server-state' && entry.to === 'ready') ready.resolve()
    },
    jira: { ...jira, stderr: (line) => void written.push(line) },
  })
  await ready.promise
  async function ask(path: string, body?: unknown) {
    const post = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await fetch(backend.url + path, body === undefined ? {} : post)
    const text = await answer.text()
    written.push(text, JSON.stringify(answer.headers.toJSON()))
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: JSON.parse(text) }
  }
  return { ask, written, jira: backend.jira, [Symbol.asyncDispose]: () => backend.close() }
}

function processOf(fake: FakeJira): JiraConnectOptions {
  const { email, apiToken } = fake.credentials
  const env = { JIRA_URL: fake.url, JIRA_EMAIL: email, JIRA_API_TOKEN: apiToken, JIRA_WRITE: '1', BAO_LOG: 'debug' }
  return { command: process.execPath, args: [MAIN], env }
}

test('every refusal of Jira reaches callers of the backend with its code and what to do, and no secret does', async () => {
  await using fake = await startFakeJira()
  await using service = await open(processOf(fake))
  const { email, apiToken, personalToken } = fake.credentials
  const basic = btoa(`${email}:${apiToken}`)
  for (const { status, read, write, says } of CASES) {
    // the longest wait there is takes no time
    const fault = { status, times: EVERY_TRY, retryAfter: 0, errorMessages: [`sent: ${apiToken}, Basic ${basic}`] }
    fake.fail({ ...fault, path: `/rest/api/3/issue/${KEY}` })
    const reading = await service.ask(`/issues/${KEY}`)
    fake.clearFaults()
    fake.fail({ ...fault, path: `/rest/api/3/issue/${KEY}/comment` })
    const writing = await service.ask(`/issues/${KEY}/comments`, { body: 'x' })
    fake.clearFaults()
    for (const [answer, [code, expected]] of [[reading, read] as const, [writing, write] as const]) {
      const { code: told, detail } = Problem.parse(answer.body)
      expect([status, answer.status, told]).toEqual([status, expected, code])
      expect(detail).toMatch(says)
    }
  }
  expect(fake.requests.some(({ status }) => status === 429)).toBe(true)
  const everything = service.written.join('\n')
  expect(everything).toContain('sent: ')
  for (const secret of [apiToken, basic, personalToken]) expect(everything).not.toContain(secret)
})

test('a caller of the client meets the same errors, with the tool and the time to come back', async () => {
  await using fake = await startFakeJira()
  await using service = await open(processOf(fake))
  fake.fail({ path: `/rest/api/3/issue/${KEY}`, status: 429, retryAfter: 60 })
  const error = await service.jira.getIssue(KEY).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'JiraError', code: 'rate_limited', tool: 'jira_get_issue', retryAfterMs: 60_000 })
  expect(String(error)).toContain('Call again in 60 seconds')
  fake.fail({ path: `/rest/api/3/issue/${KEY}`, status: 429, retryAfter: 60 })
  expect(await service.ask(`/issues/${KEY}`)).toMatchObject({ status: 429, retryAfter: '60' })
})

test('a short wait is over before anybody hears of it, and a write is sent again after a 429 alone', async () => {
  await using fake = await startFakeJira()
  await using service = await open(processOf(fake))
  const path = `/rest/api/3/issue/${KEY}/comment`
  const posts = () => fake.requests.filter(({ method, url }) => method === 'POST' && url === path)
  fake.fail({ method: 'POST', path, status: 429, retryAfter: 0, times: 2 })
  expect((await service.ask(`/issues/${KEY}/comments`, { body: 'x' })).status).toBe(201)
  expect(posts().map(({ status }) => status)).toEqual([429, 429, 201])
  fake.fail({ method: 'POST', path, status: 503, retryAfter: 0, isAfterEffect: true })
  expect((await service.ask(`/issues/${KEY}/comments`, { body: 'x' })).body.code).toBe('outcome_unknown')
  expect(posts()).toHaveLength(4)
})

test('the bridge waits as long as Retry-After says, and as long in all as it may', async () => {
  await using fake = await startFakeJira()
  const { email, apiToken: token } = fake.credentials
  const waits: number[] = []
  // time passes when somebody waits for it
  const clock: Clock = {
    now: () => 0,
    after(ms, done) {
      if (ms === TIMEOUT_MS) return () => {}
      waits.push(ms)
      queueMicrotask(done)
      return () => {}
    },
  }
  const port = await connectJira({ kind: 'cloud', url: fake.url, email, token }, { clock, timeoutMs: TIMEOUT_MS })
  const log = { info() {}, warning() {} }
  const { server } = createBridge({ jira: port, flags: { write: true, groups: new Set(GROUPS) }, log })
  await using service = await open({
    server: memory((channel) => {
      serveChannel(server, channel)
    }),
  })
  const path = `/rest/api/3/issue/${KEY}/comment`
  fake.fail({ method: 'POST', path, status: 429, retryAfter: 7, times: 2 })
  expect((await service.ask(`/issues/${KEY}/comments`, { body: 'x' })).status).toBe(201)
  expect(waits.splice(0)).toEqual([7_000, 7_000])
  // a third wait would go past 20 seconds
  fake.fail({ method: 'POST', path, status: 429, retryAfter: 7, times: EVERY_TRY })
  const refused = await service.ask(`/issues/${KEY}/comments`, { body: 'x' })
  expect([refused.status, refused.retryAfter]).toEqual([429, '7'])
  expect(Problem.parse(refused.body).detail).toContain('after 3 tries')
  expect(waits).toEqual([7_000, 7_000])
})

test('what the bridge itself refuses has a code as well, and a person who does not agree has one of their own', async () => {
  await using fake = await startFakeJira()
  const declining = { elicitation: () => ({ action: 'decline' as const }) }
  await using asked = await open({ ...processOf(fake), on: declining })
  await using alone = await open(processOf(fake))
  const finish = ['/issues/DEMO-30/transitions', { to: 'Close', fields: { resolution: { name: 'Done' } } }] as const
  const declined = await asked.ask(...finish)
  expect([declined.status, Problem.parse(declined.body).code]).toEqual([409, 'declined'])
  const unsure = { project: 'DEMO', type: 'Task', summary: 'x', assignee: 'Support' }
  const nobody = await asked.ask('/issues', unsure)
  expect([nobody.status, nobody.body.code]).toEqual([409, 'declined'])
  const ambiguous = await alone.ask('/issues', unsure)
  expect([ambiguous.status, ambiguous.body.code]).toEqual([422, 'invalid'])
  expect(ambiguous.body.detail).toMatch(/Support agent.*; Support lead.*Call again with the account id/)
  const nowhere = await alone.ask('/issues/DEMO-30/transitions', { to: 'Nowhere' })
  expect([nowhere.status, nowhere.body.code]).toEqual([422, 'invalid'])
  expect(fake.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  expect((await alone.ask(...finish)).status).toBe(200)
})
