import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { bearer, ConnectionError, connect, createVerdicts, http, sse } from '@bao-mcp/client'
import { systemClock } from '@bao-mcp/protocol/engine'
import { createFakeClock, eras } from '@bao-mcp/protocol/testing'
import { createServer, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { openRequests } from '../../packages/client/src/http/open-requests.ts'
import { createRecord } from '../interop/drivers/record.ts'
import { freePort, serveBao } from '../interop/http/serve.ts'
import { failureOf } from '../interop/scenarios.ts'
import { listen } from './listen.ts'

setDefaultTimeout(20_000)

/** Time runs twenty times faster for a client that waits for a server. */
const quick = {
  now: () => systemClock.now() * 20,
  after: (ms: number, fn: () => void) => systemClock.after(ms / 20, fn),
}
const HTML = '<!doctype html><title>not here</title>'
const hello = createServer({ name: 'hello', version: '1.0.0', tools: [tool({ name: 'hello', run: () => 'hello' })] })

/** Resolves when no request is open any more: sockets that were let go of report it a turn later. */
async function allLetGo(): Promise<void> {
  while (openRequests() > 0) await new Promise((resolve) => setImmediate(resolve))
}

afterEach(allLetGo)

describe('a server that is not there', () => {
  test.each([{}, ...eras.map((pin) => ({ pin }))])('cannot be reached, and that is told at once: %j', async (pin) => {
    const error = await failureOf(connect(http(`http://127.0.0.1:${freePort()}/mcp`), pin))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ code: 'unreachable', outcome: 'not_run' })
    expect(String(error)).toMatch(/cannot be reached/)
  })

  test('of 2024 cannot be reached either', async () => {
    const error = await failureOf(connect(sse(`http://127.0.0.1:${freePort()}/sse`)))
    expect(error).toMatchObject({ code: 'unreachable', outcome: 'not_run' })
  })

  test('accepts connections and never answers: the time to connect ends that, and nothing stays open', async () => {
    const sockets = new Set<Socket>()
    const silent = createTcpServer((socket) => sockets.add(socket.on('error', () => undefined).resume()))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    if (typeof address !== 'object' || address === null) throw new Error('it does not listen on a port')
    const url = `http://127.0.0.1:${address.port}/mcp`
    for (const transport of [http(url), sse(url)]) {
      for (const pin of [{}, { pin: 'modern' }, { pin: 'legacy' }]) {
        if (transport.openings?.length === 1 && pin.pin === 'modern') continue
        const error = await failureOf(connect(transport, { connectTimeoutMs: 30, ...pin }))
        expect(error).toMatchObject({ name: 'ConnectionError', code: 'timeout' })
        expect(String(error)).toContain('connectTimeoutMs')
      }
    }
    const giveUp = new AbortController()
    const held = failureOf(connect(http(url), { signal: giveUp.signal }))
    giveUp.abort(new Error('enough'))
    expect(String(await held)).toContain('enough')
    await allLetGo()
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
})

describe('something else at the URL', () => {
  test('the wrong path of a server is told by its status and its words', async () => {
    await using server = listen(() => new Response(HTML, { status: 404, headers: { 'content-type': 'text/html' } }))
    const error = await failureOf(connect(http(server.url)))
    expect(error).toMatchObject({ name: 'ConnectionError', status: 404 })
    expect(String(error)).toContain(`no MCP server at ${server.url.href}: `)
    expect(String(error)).toContain('not here')
    // newest first, and each way once
    expect(server.asked).toEqual(['POST server/discover', 'POST initialize', 'GET'])
  })

  test('a page with 200 is no server, and no way is tried after it', async () => {
    await using server = listen(() => new Response(HTML, { headers: { 'content-type': 'text/html' } }))
    const error = await failureOf(connect(http(server.url)))
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'unanswerable' })
    expect(server.asked).toEqual(['POST server/discover'])
  })

  test.each([401, 403, 500, 502, 503])(
    '%d says nothing of what a server speaks, so nothing else is tried',
    async (status) => {
      await using server = listen(() => new Response(null, { status, headers: { 'retry-after': '7' } }))
      const error = await failureOf(connect(http(server.url)))
      expect(error).toMatchObject({ name: 'ConnectionError', code: 'http_status', status, retryAfterMs: 7000 })
      expect(server.asked).toEqual(['POST server/discover'])
    },
  )

  test.each([301, 302, 303])('a redirect with %d would change the method, and is not followed', async (status) => {
    await using server = listen((request) => Response.redirect(new URL('/elsewhere', request.url).href, status))
    const error = await failureOf(connect(http(server.url)))
    expect(error).toMatchObject({ code: 'http_status', status, outcome: 'unknown' })
    expect(server.asked).toEqual(['POST server/discover'])
  })

  test.each([307, 308])(
    'a redirect with %d to another origin is not followed, and gets no credentials',
    async (status) => {
      await using other = listen(() => new Response())
      await using server = listen(() => new Response(null, { status, headers: { location: other.url.href } }))
      const error = await failureOf(connect(http(server.url, { auth: bearer('secret') })))
      expect(error).toMatchObject({ code: 'http_status', status })
      expect(String(error)).not.toContain('secret')
      expect(other.asked).toEqual([])
    },
  )

  test('a redirect that keeps method and origin is followed, in both eras', async () => {
    const handler = httpHandler(hello)
    await using server = listen((request) => {
      if (new URL(request.url).pathname !== '/old') return handler(request)
      return new Response(null, { status: 308, headers: { location: '/mcp' } })
    })
    for (const pin of eras) {
      await using client = await connect(http(new URL('/old', server.url)), { pin })
      expect((await client.callTool('hello')).content).toMatchObject([{ text: 'hello' }])
    }
  })

  test('a token that is refused fails the connecting, keeps no request open and is not told', async () => {
    await using server = listen(() => new Response('who are you?', { status: 401 }))
    const error = await failureOf(connect(http(server.url, { auth: bearer('s3cret') })))
    expect(error).toMatchObject({ name: 'AuthError', code: 'rejected' })
    expect(String(error)).not.toContain('s3cret')
    await allLetGo()
  })
})

describe('what is remembered of a server', () => {
  test('an older one is not asked again for an hour, and then it is', async () => {
    const handler = httpHandler(hello)
    await using server = listen((request, method) =>
      method === 'server/discover' ? new Response(null, { status: 400 }) : handler(request),
    )
    const clock = createFakeClock()
    const verdicts = createVerdicts(clock, 3_600_000)
    const asked = async (): Promise<string[]> => {
      server.asked.length = 0
      await using client = await connect(http(server.url), { verdicts })
      expect(client.era).toBe('legacy')
      return server.asked.filter((one) => !one.startsWith('GET'))
    }
    expect(await asked()).toEqual(['POST server/discover', 'POST initialize', 'POST notifications/initialized'])
    expect(await asked()).toEqual(['POST initialize', 'POST notifications/initialized'])
    await clock.advance(3_599_999)
    expect(await asked()).toEqual(['POST initialize', 'POST notifications/initialized'])
    await clock.advance(3_600_000)
    expect(await asked()).toEqual(['POST server/discover', 'POST initialize', 'POST notifications/initialized'])
  })

  test('a verdict that is out of date is found out, and forgotten', async () => {
    const handler = httpHandler(hello)
    let isOld = true
    await using server = listen((request, method) => {
      const refused = isOld ? 'server/discover' : 'initialize'
      return method === refused ? new Response(null, { status: 400 }) : handler(request)
    })
    const verdicts = createVerdicts()
    await using old = await connect(http(server.url), { verdicts })
    expect(old.era).toBe('legacy')
    isOld = false
    await using renewed = await connect(http(server.url), { verdicts })
    expect(renewed.era).toBe('modern')
    server.asked.length = 0
    await using next = await connect(http(server.url), { verdicts })
    expect([next.era, server.asked]).toEqual(['modern', ['POST server/discover']])
  })

  test('what is known from before costs no request, and may have been kept as JSON', async () => {
    const handler = httpHandler(hello)
    await using server = listen((request) => handler(request))
    await using first = await connect(http(server.url))
    const { version, capabilities, server: who, instructions } = first
    const kept = JSON.parse(JSON.stringify({ version, capabilities, server: who, instructions }))
    server.asked.length = 0
    await using client = await connect(http(server.url), { prior: kept })
    expect(server.asked).toEqual([])
    expect(client.server).toEqual(who)
    expect((await client.callTool('hello')).content).toMatchObject([{ text: 'hello' }])
    expect(server.asked).toEqual(['POST tools/call'])
  })
})

describe('a server that is killed and started again', () => {
  test.each([...eras])('is called as if nothing had happened in the %s era', async (pin) => {
    const port = freePort()
    const before = await serveBao('bun', { serve: { port } })
    const strays: string[] = []
    await using client = await connect(http(before.url), { pin, onStray: ({ message }) => strays.push(message) })
    const call = async (): Promise<unknown> => (await client.callTool('echo', { text: 'on' })).content
    expect(await call()).toMatchObject([{ text: 'on' }])
    await before[Symbol.asyncDispose]()
    expect(await failureOf(client.callTool('echo', { text: 'gone' }, { maxRetries: 0 }))).toBeInstanceOf(
      ConnectionError,
    )
    await using _ = await serveBao('bun', { serve: { port } })
    expect(await Promise.all([call(), call(), call()])).toMatchObject([
      [{ text: 'on' }],
      [{ text: 'on' }],
      [{ text: 'on' }],
    ])
  })

  test.each([...eras])('tells of changes again in the %s era', async (pin) => {
    const port = freePort()
    const before = await serveBao('bun', { serve: { port } })
    const changes = createRecord<'tools'>()
    const streams = createRecord<'GET'>()
    const transport = http(before.url, {
      clock: quick,
      random: () => 0,
      async fetch(url, init) {
        const response = await fetch(url, init)
        if (init.method === 'GET') streams.add('GET')
        return response
      },
    })
    await using client = await connect(transport, { pin, clock: quick, random: () => 0 })
    await client.listen({ tools: true }, () => changes.add('tools'))
    if (pin === 'legacy') await streams.until(() => true)
    const grow = async (name: string): Promise<void> => {
      changes.clear()
      await client.callTool('grow', { name })
      await changes.until(() => true)
      expect((await client.listTools()).map((one) => one.name)).toContain(name)
    }
    await grow('before')
    changes.clear()
    await before[Symbol.asyncDispose]()
    await using _ = await serveBao('bun', { serve: { port } })
    // what was told meanwhile is lost, and so counts as changed as soon as the server is heard again
    await Promise.all([changes.until(() => true), client.callTool('echo', { text: 'on' })])
    expect((await client.listTools()).map((one) => one.name)).not.toContain('before')
    await grow('after')
  })
})
