import { describe, expect, test } from 'bun:test'
import { ANSWERING_SERVER, CONTESTANTS } from '../contestants.ts'
import { openRealSession, verifyCalls } from '../http-conversation.ts'
import { type HttpServer, startHttpServer } from '../http-server.ts'
import { callBodies, callHeaders, type Headers } from '../http-wire.ts'
import { runJob } from '../job.ts'
import { ERAS, makeTexts } from '../wire.ts'

const ANSWERS = ['json', 'events'] as const
const TEXTS = makeTexts(3, 16)
const STRETCH = { inFlight: 8, warmup: 10, pace: { minCalls: 10, minCpuSeconds: 0, maxSeconds: 5 } }

function start(...args: string[]): Promise<HttpServer> {
  return startHttpServer([process.execPath, ANSWERING_SERVER, ...args])
}

for (const { label, httpClient } of CONTESTANTS) {
  if (httpClient === undefined) continue
  test(`${label} calls over HTTP in both eras, answered with bodies and with events`, async () => {
    for (const answers of ANSWERS) {
      await using server = await start(answers)
      for (const era of ERAS) {
        const outcome = await runJob(httpClient, { era, url: server.url, ...STRETCH })
        expect(outcome).toMatchObject({ kind: 'measured', finding: { calls: 10 } })
      }
    }
  })
}

describe('the answering server', () => {
  for (const answers of ANSWERS) {
    test(`answers right with ${answers} in both eras, and keeps sessions`, async () => {
      await using server = await start(answers)
      for (const era of ERAS) {
        expect((await verifyCalls(server, era, TEXTS)).keepsSession).toBe(era === 'legacy')
      }
    })
  }

  test('sends events in chunks', async () => {
    await using server = await start('events')
    const [body = ''] = callBodies('modern', TEXTS)
    const { headers } = await server.send({ method: 'POST', headers: callHeaders('modern', undefined), body })
    expect(headers.get('content-type')).toBe('text/event-stream')
    expect(headers.get('content-length')).toBeNull()
  })

  test('refuses calls without a session, and calls whose head does not name them', async () => {
    await using server = await start()
    const session = await openRealSession(server)
    const [legacyBody = ''] = callBodies('legacy', TEXTS)
    const [modernBody = ''] = callBodies('modern', TEXTS)
    const statusOf = async (headers: Headers, body: string): Promise<number> =>
      (await server.send({ method: 'POST', headers, body })).status
    expect(await statusOf(callHeaders('legacy', session), legacyBody)).toBe(200)
    expect(await statusOf(callHeaders('legacy', 'another'), legacyBody)).toBe(404)
    expect(await statusOf(callHeaders('legacy', undefined), legacyBody)).toBe(404)
    expect(await statusOf({ ...callHeaders('modern', undefined), 'mcp-name': 'other' }, modernBody)).toBe(400)
    expect(await statusOf({}, modernBody)).toBe(400)
  })
})
