import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { HttpDriver } from '../drivers/http-driver.ts'
import { openHttpV1 } from '../drivers/http-v1.ts'
import { openHttpV2 } from '../drivers/http-v2.ts'
import { createRecord } from '../drivers/record.ts'
import { hasNode22 } from '../launches.ts'
import { failureOf } from '../scenarios.ts'
import { clients, MODERN } from './clients.ts'
import { splitHttp } from './proxy.ts'
import { type Runtime, type Served, serveBao } from './serve.ts'

setDefaultTimeout(30_000)

const runtimes: Runtime[] = hasNode22 ? ['bun', 'node 22'] : ['bun']
const sessions = clients.filter(({ era }) => era === 'legacy')
const alone = clients.filter(({ era }) => era === 'modern')
const newest = clients.filter(({ version }) => version >= '2025-11-25')

/** What tells from where a stream was gone on with. */
const resumed = ({ heard }: HttpDriver): Promise<unknown> =>
  heard.exchanges.until(({ method, lastEventId }) => method === 'GET' && lastEventId !== null)

const openOther = (url: URL): Promise<HttpDriver> => openHttpV2(url, { mode: { pin: MODERN } })

describe.each(runtimes)('our server over HTTP under %s', (runtime) => {
  let shared: Promise<Served> | undefined
  const server = (): Promise<Served> => {
    shared ??= serveBao(runtime)
    return shared
  }
  afterAll(async () => (await shared)?.[Symbol.asyncDispose]())

  describe.each(sessions)('and the $name', ({ open, version }) => {
    test('gets the answer of a call that lets go of its stream, where the version tells clients to come back', async () => {
      const served = await server()
      const key = crypto.randomUUID()
      await using client = await open(served.url)
      await using other = await openOther(served.url)
      const answer = client.call('hold_elsewhere', { key })
      await other.call('await_running', { key })
      if (version === '2025-11-25') await resumed(client)
      await other.call('let_go', { key })
      const outcome = version === '2025-11-25' ? 'finished, released' : 'finished, kept'
      expect(await answer).toMatchObject({ text: outcome, isError: false })
      expect(client.heard.errors.items).toEqual([])
    })

    test('gets all progress and the answer of a call whose connection is cut [MCP-070]', async () => {
      const served = await server()
      const key = crypto.randomUUID()
      await using proxy = await splitHttp(served.url)
      await using client = await open(proxy.url)
      await using other = await openOther(served.url)
      const heard: number[] = []
      const progressed = Promise.withResolvers<void>()
      const answer = client.call(
        'slow',
        { key, steps: 3, hold: true },
        {
          onProgress(progress) {
            heard.push(progress)
            if (progress === 3) progressed.resolve()
          },
        },
      )
      await progressed.promise
      expect(proxy.pieces).toBeGreaterThan(20)
      proxy.cut()
      await resumed(client)
      await other.call('release', { key })
      expect(await answer).toMatchObject({ text: `done ${key}`, isError: false })
      expect(heard).toEqual([1, 2, 3])
    })

    test('stays away from a stream that has ended without an answer, or with an error [MCP-071]', async () => {
      const served = await server()
      const key = crypto.randomUUID()
      await using client = await open(served.url)
      const giveUp = new AbortController()
      const onProgress = (): void => giveUp.abort()
      const cancelled = client.call('slow', { key, steps: 1, hold: true }, { signal: giveUp.signal, onProgress })
      expect(await failureOf(cancelled)).toBeInstanceOf(Error)
      const refused = client.call('refuse_late', {}, { onProgress: () => undefined })
      expect(await failureOf(refused)).toMatchObject({ code: -32602 })
      // both official clients come back after a cancelled call, and the first one after an error as well
      const { exchanges } = client.heard
      const returns = (): string[] => exchanges.items.flatMap(({ lastEventId }) => lastEventId ?? [])
      const expected = client.generation === 1 ? 2 : 1
      await exchanges.until(() => returns().length >= expected)
      // time for many more: each of them would follow at once
      for (let n = 0; n < 50; n++) await client.ping()
      expect(returns()).toHaveLength(expected)
      const listening = exchanges.items.filter(({ method, lastEventId }) => method === 'GET' && lastEventId === null)
      expect(listening).toHaveLength(1)
      expect(exchanges.items.filter(({ status }) => status === 405)).toHaveLength(expected)
    })

    if (version === '2025-11-25') {
      test('keeps its place when its connection is cut twice [MCP-076]', async () => {
        const served = await server()
        const key = crypto.randomUUID()
        await using proxy = await splitHttp(served.url)
        await using client = await open(proxy.url)
        await using other = await openOther(served.url)
        const places = createRecord<string>()
        const onProgress = (): void => undefined
        const answer = client.call('slow', { key, steps: 1, hold: true }, { onProgress, onPlace: places.add })
        const progressed = await places.until((id) => id.endsWith('.1'))
        for (const _ of ['cut', 'cut again']) {
          places.clear()
          proxy.cut()
          // it is told its place again, with nothing else to tell
          expect(await places.until(() => true)).toStartWith(progressed)
        }
        await other.call('release', { key })
        expect((await answer).text).toBe(`done ${key}`)
      })
    }

    test('hears of changes that were made while its connection was cut', async () => {
      const served = await server()
      await using proxy = await splitHttp(served.url)
      await using client = await open(proxy.url)
      await using other = await openOther(served.url)
      // the first change gives it a place to go on from
      await other.call('add_all')
      await client.heard.changes.until((kind) => kind === 'resources')
      client.heard.changes.clear()
      proxy.cut()
      await other.call('add_all')
      for (const kind of ['tools', 'prompts', 'resources']) await client.heard.changes.until((one) => one === kind)
    })

    test('ends its session, which is over for everybody then [MCP-082]', async () => {
      const served = await server()
      await using client = await open(served.url)
      const { sessionId } = client
      expect(await statusOf(served.url, sessionId)).toBe(202)
      await client.terminate()
      expect(client.sessionId).toBeUndefined()
      expect(await statusOf(served.url, sessionId)).toBe(404)
    })

    test('tells its caller that the session is over by 404, and opens no other by itself, which it should', async () => {
      const served = await server()
      await using client = await open(served.url)
      const headers = { 'mcp-session-id': client.sessionId ?? '' }
      expect((await fetch(served.url, { method: 'DELETE', headers })).status).toBe(204)
      const failure = await failureOf(client.ping())
      expect(failure).toMatchObject(client.generation === 1 ? { code: 404 } : { data: { status: 404 } })
      // the URL as such is as good as before
      await using next = await open(served.url)
      expect(next.sessionId).not.toBe(headers['mcp-session-id'])
      await next.ping()
    })
  })

  test.each(clients)(
    'goes on with or cancels the call of an $name that goes away [MCP-070] [MCP-119]',
    async ({ open, era }) => {
      const served = await server()
      const key = crypto.randomUUID()
      await using other = await openOther(served.url)
      const client = await open(served.url)
      const lost = failureOf(client.call('hold', { key }))
      await other.call('await_running', { key })
      await client.close()
      expect(await lost).toBeInstanceOf(Error)
      if (era === 'legacy') await other.call('let_go', { key })
      const outcome = era === 'legacy' ? 'finished' : 'cancelled'
      expect((await other.call('await_outcome', { key })).text).toBe(outcome)
    },
  )

  describe.each(alone)('and the $name', ({ open }) => {
    test('keeps its stream, because nobody can come back to one that stands alone', async () => {
      const key = crypto.randomUUID()
      const served = await server()
      await using client = await open(served.url)
      await using other = await openOther(served.url)
      const answer = client.call('hold_elsewhere', { key })
      await other.call('await_running', { key })
      await other.call('let_go', { key })
      expect(await answer).toMatchObject({ text: 'finished, kept', isError: false })
    })

    test('cancels a call whose connection is cut, of which this client tells its caller nothing [MCP-119]', async () => {
      const key = crypto.randomUUID()
      const served = await server()
      await using proxy = await splitHttp(served.url)
      await using client = await open(proxy.url)
      await using other = await openOther(served.url)
      const progressed = Promise.withResolvers<void>()
      const giveUp = new AbortController()
      const onProgress = (): void => progressed.resolve()
      const lost = failureOf(client.call('slow', { key, steps: 1, hold: true }, { onProgress, signal: giveUp.signal }))
      await progressed.promise
      proxy.cut()
      expect((await other.call('was_cancelled', { key })).text).toBe(`cancelled ${key}`)
      await client.heard.errors.until((error) => String(error).includes('SSE stream disconnected'))
      // a client that had told its caller by now would not fail with this
      giveUp.abort(new Error('the caller gave up'))
      expect(String(await lost)).toContain('the caller gave up')
      // and the next call is as good as the first
      expect((await client.call('echo', { text: 'on' })).text).toBe('on')
    })
  })

  test.each(newest)('has the $name overlook comments in the stream of a call', async ({ open }) => {
    const key = crypto.randomUUID()
    await using served = await serveBao(runtime, { serve: { streamAfterMs: 0, keepAliveMs: 1 } })
    await using client = await open(served.url)
    await using other = await openOther(served.url)
    const answer = client.call('hold', { key })
    await client.heard.exchanges.until(({ method, type }) => method === 'tools/call' && type.includes('event-stream'))
    await other.call('await_running', { key })
    for (let n = 0; n < 20; n++) await other.ping()
    await other.call('let_go', { key })
    expect(await answer).toMatchObject({ text: 'finished', isError: false })
    expect(client.heard.errors.items).toEqual([])
  })

  test('ends the streams of its clients, and itself with 0, when it is asked to end', async () => {
    await using served = await serveBao(runtime)
    await using first = await openHttpV1(served.url)
    await using second = await openOther(served.url)
    await Promise.all([first.ping(), second.ping()])
    served.child.process.kill('SIGTERM')
    expect(await served.child.exited).toEqual({ code: 0, signal: null })
    expect(await failureOf(first.ping())).toBeInstanceOf(Error)
    expect(await failureOf(second.ping())).toBeInstanceOf(Error)
  })
})

/** How a session takes a notification. */
async function statusOf(url: URL, sessionId = ''): Promise<number> {
  const { status } = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': sessionId,
    },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
  })
  return status
}
