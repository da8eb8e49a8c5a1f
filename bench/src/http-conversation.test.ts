import { describe, expect, test } from 'bun:test'
import { CONTESTANTS } from './contestants.ts'
import { endSession, openRealSession, openSession, verifyCalls } from './http-conversation.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { ERAS, makeTexts } from './wire.ts'

const TEXTS = makeTexts(3, 16)

function start(path: string): Promise<HttpServer> {
  return startHttpServer([process.execPath, path])
}

for (const { label, http } of CONTESTANTS) {
  if (http === undefined) continue
  test(`${label} answers right over HTTP in both eras, before and after a collection`, async () => {
    await using server = await start(http)
    for (const era of ERAS) {
      const { bodies, shortestAnswer } = await verifyCalls(server, era, TEXTS)
      expect(bodies).toHaveLength(TEXTS.length)
      expect(shortestAnswer).toBeGreaterThan(2 * 16)
      await server.collect()
    }
  })
}

for (const { label, http, httpSessions = http } of CONTESTANTS) {
  if (httpSessions === undefined) continue
  test(`${label} keeps sessions apart, or says that it has none`, async () => {
    await using server = await start(httpSessions)
    const sessions = await Promise.allSettled([openRealSession(server), openRealSession(server)])
    const ids = sessions.map((session) => (session.status === 'fulfilled' ? session.value : String(session.reason)))
    if (ids[0]?.includes('keeps no sessions') === true) return
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) await endSession(server, id)
    await expect(endSession(server, ids[0] ?? '')).rejects.toThrow('404')
  })
}

test('a server that settles on another revision has refused', async () => {
  await using server = await start(`${import.meta.dir}/contestants/floor/http.ts`)
  const older: HttpServer = {
    ...server,
    send: async (request) =>
      new Response((await (await server.send(request)).text()).replace('2025-11-25', '2025-06-18')),
  }
  await expect(openSession(older)).rejects.toThrow('answers the handshake with 2025-06-18')
})

describe('verifyCalls', () => {
  test('refuses the answer to another call', async () => {
    await using server = await start(`${import.meta.dir}/contestants/floor/http.ts`)
    const wrong: HttpServer = {
      ...server,
      send: async (request) =>
        server.send({ ...request, body: request.body?.replace('"text":"1 ', '"text":"2 ') ?? '' }),
    }
    await expect(verifyCalls(wrong, 'modern', TEXTS)).rejects.toThrow('call 1: structuredContent.text')
  })
})

test('a server that cannot start is a failure with its reason', async () => {
  await expect(start(`${import.meta.dir}/no-such-server.ts`)).rejects.toThrow('no-such-server')
})
