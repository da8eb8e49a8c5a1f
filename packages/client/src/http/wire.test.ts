import { afterEach, describe, expect, test } from 'bun:test'
import { ConnectionError } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import type { Authorizer } from '../auth/authorizer.ts'
import { openRequests } from './open-requests.ts'
import type { HttpClientOptions } from './options.ts'
import { createWire, discard, MAX_REPEATS, type WireRequest } from './wire.ts'

const SERVER = new URL('http://server.test/mcp')

interface Seen {
  url: string
  method: string | undefined
  headers: Record<string, string>
  body: unknown
}

/** A wire whose requests are answered one after the other by these. */
function wired(answers: readonly (Response | Error)[], options: HttpClientOptions = {}) {
  const seen: Seen[] = []
  const wire = createWire(SERVER, {
    ...options,
    async fetch(url, { method, headers, body }) {
      const answer = answers[seen.length]
      seen.push({ url, method, headers: Object.fromEntries(new Headers(headers)), body })
      if (answer instanceof Response) return answer
      throw answer ?? new Error('nothing more was to be asked')
    },
  })
  const send = (request: Partial<WireRequest> = {}) =>
    wire.send({
      method: 'POST',
      headers: {},
      body: '{}',
      signal: new AbortController().signal,
      what: 'a test',
      ...request,
    })
  return { seen, send }
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

/** A body that tells whether it was let go of. */
function body(): { stream: ReadableStream<Uint8Array>; readonly cancelled: boolean } {
  let cancelled = false
  const stream = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true
    },
  })
  return {
    stream,
    get cancelled() {
      return cancelled
    },
  }
}

const moved = (status: number, location?: string, stream?: ReadableStream<Uint8Array>): Response =>
  new Response(stream ?? null, { status, ...(location !== undefined && { headers: { location } }) })

// whatever a test did, no place stays taken
afterEach(() => expect(openRequests()).toBe(0))

describe('credentials that are refused', () => {
  const ever = (asked: unknown[]): Authorizer => ({
    identity: 'test',
    authorize: () => ({ authorization: 'Bearer x' }),
    challenged: async (_, request, options) => {
      asked.push({ ...request, repeats: options?.repeats })
      return true
    },
  })

  test('are not replaced for ever', async () => {
    const asked: unknown[] = []
    const answers = Array.from({ length: MAX_REPEATS + 5 }, () => new Response(null, { status: 401 }))
    const { seen, send } = wired(answers, { auth: ever(asked) })
    const answer = await send()
    expect(answer.response.status).toBe(401)
    await discard(answer)
    expect(seen).toHaveLength(MAX_REPEATS + 1)
    expect(asked[1]).toEqual({ method: 'POST', url: SERVER, server: SERVER, repeats: 1 })
  })

  test('are not replaced in order to say goodbye', async () => {
    const asked: unknown[] = []
    const { send } = wired([new Response(null, { status: 401 })], { auth: ever(asked) })
    const answer = await send({ method: 'DELETE' })
    expect(answer.response.status).toBe(401)
    await discard(answer)
    expect(asked).toEqual([])
  })
})

describe('headers', () => {
  test('those of the protocol replace those of the options and of the credentials', async () => {
    const auth: Authorizer = {
      identity: 'test',
      authorize: () => ({ authorization: 'Bearer theirs' }),
      challenged: async () => false,
    }
    const headers = { Authorization: 'mine', 'Content-Type': 'text/plain', 'X-Gateway': 'g' }
    const { seen, send } = wired([new Response()], { auth, headers })
    await discard(await send({ headers: { 'content-type': 'application/json' } }))
    expect(seen[0]?.headers).toEqual({
      authorization: 'Bearer theirs',
      'content-type': 'application/json',
      'x-gateway': 'g',
    })
  })

  test('are asked for with each request where they are a function', async () => {
    let n = 0
    const { seen, send } = wired([new Response(), new Response()], { headers: async () => ({ 'x-n': String(++n) }) })
    await discard(await send())
    await discard(await send())
    expect(seen.map(({ headers }) => headers['x-n'])).toEqual(['1', '2'])
  })

  test('that no header can be are refused before anything is sent, and not shown', async () => {
    const { seen, send } = wired([], { headers: { 'x-token': 's3cret\r\nx-evil: 1' } })
    const error = await failureOf(send())
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).not.toContain('s3cret')
    expect(seen).toEqual([])
  })
})

describe('redirects', () => {
  test.each([307, 308])('%d is followed on the same origin with method, body and headers', async (status) => {
    const first = body()
    const { seen, send } = wired([moved(status, '/other', first.stream), new Response('ok')])
    const sent = await send({ headers: { 'x-a': '1' } })
    expect(await sent.response.text()).toBe('ok')
    sent.release()
    expect(first.cancelled).toBeTrue()
    const same = { method: 'POST', headers: { 'x-a': '1' }, body: '{}' }
    expect(seen).toEqual([
      { ...same, url: 'http://server.test/mcp' },
      { ...same, url: 'http://server.test/other' },
    ])
  })

  test.each([
    ['another host', 'http://other.test/mcp'],
    ['another port', 'http://server.test:81/mcp'],
    ['another scheme', 'https://server.test/mcp'],
    ['no URL at all', 'http://['],
    ['nothing', undefined],
  ])('to %s is refused', async (_, location) => {
    const { seen, send } = wired([moved(307, location)])
    expect(await failureOf(send())).toMatchObject({ code: 'http_status', status: 307, outcome: 'not_run' })
    expect(seen).toHaveLength(1)
  })

  test.each([301, 302, 303])('%d would make a GET of a POST, and is refused; it may have run', async (status) => {
    const { seen, send } = wired([moved(status, '/other')])
    expect(await failureOf(send())).toMatchObject({ code: 'http_status', status, outcome: 'unknown' })
    expect(seen).toHaveLength(1)
  })

  test('of a GET is followed, whatever kind it is', async () => {
    const { seen, send } = wired([moved(302, '/other'), new Response()])
    const { signal } = new AbortController()
    const wire = { method: 'GET' as const, headers: {}, signal, what: 'a test' }
    await discard(await send(wire))
    expect(seen.map(({ url }) => url)).toEqual(['http://server.test/mcp', 'http://server.test/other'])
  })

  test('in a circle ends', async () => {
    const { seen, send } = wired(Array.from({ length: 9 }, () => moved(307, '/mcp')))
    expect(String(await failureOf(send()))).toContain('4th time')
    expect(seen).toHaveLength(4)
  })

  test('credentials in the URL of a redirect are left out', async () => {
    const { seen, send } = wired([moved(307, 'http://ada:pw@server.test/other'), new Response()])
    await discard(await send())
    expect(seen[1]?.url).toBe('http://server.test/other')
  })
})

describe('credentials', () => {
  const asks = (answers: readonly boolean[] | Error): Authorizer & { times: number } => ({
    times: 0,
    identity: 'test',
    authorize: () => ({}),
    async challenged() {
      if (answers instanceof Error) throw answers
      return answers[this.times++] ?? false
    },
  })

  test('a request that is refused is sent again as often as that is worth it', async () => {
    const bodies = [body(), body()]
    const refusals = bodies.map(({ stream }) => new Response(stream, { status: 401 }))
    const { seen, send } = wired([...refusals, new Response('in')], { auth: asks([true, true]) })
    const sent = await send()
    expect(await sent.response.text()).toBe('in')
    sent.release()
    expect(seen).toHaveLength(3)
    expect(bodies.map(({ cancelled }) => cancelled)).toEqual([true, true])
  })

  test('a refusal that nothing can be done about is the answer', async () => {
    const { send } = wired([new Response('no', { status: 403 })], { auth: asks([]) })
    const sent = await send()
    expect(sent.response.status).toBe(403)
    await discard(sent)
  })

  test('where none can be had the response is let go of', async () => {
    const refusal = body()
    const { send } = wired([new Response(refusal.stream, { status: 401 })], { auth: asks(new Error('no token')) })
    expect(String(await failureOf(send()))).toContain('no token')
    expect(refusal.cancelled).toBeTrue()
  })

  test('without an authorizer a 401 is an answer like others', async () => {
    const { send } = wired([new Response(null, { status: 401 })])
    const sent = await send()
    expect(sent.response.status).toBe(401)
    sent.release()
  })
})

describe('what does not get through', () => {
  const thrown = (code: string, message = 'fetch failed'): Error => Object.assign(new TypeError(message), { code })
  const noWay = (syscall: string): Error =>
    Object.assign(new Error(`${syscall} EHOSTUNREACH`), { code: 'EHOSTUNREACH', syscall })
  const below = (code: string): Error => new TypeError('fetch failed', { cause: thrown(code, '') })

  test.each([
    ['refused by Bun', thrown('ConnectionRefused', 'Unable to connect. Is the computer able to access the url?')],
    ['refused by Node', below('ECONNREFUSED')],
    ['no such name', below('ENOTFOUND')],
    ['no such name at this moment', below('EAI_AGAIN')],
    ['no connection in time', below('UND_ERR_CONNECT_TIMEOUT')],
    ['a port that is never asked', new TypeError('fetch failed', { cause: new Error('bad port') })],
    ['no TLS there', thrown('EPROTO', 'The TLS handshake failed. Does the server speak TLS on this port?')],
    [
      'all addresses of a name',
      new TypeError('fetch failed', { cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }) }),
    ],
    ['no way there', noWay('connect')],
    ['no way there, by any address', new TypeError('fetch failed', { cause: new AggregateError([noWay('connect')]) })],
    ['a certificate of nobody', thrown('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['a certificate of others', below('ERR_TLS_CERT_ALTNAME_INVALID')],
  ])('%s: nothing was sent', async (_, cause) => {
    expect(await failureOf(wired([cause]).send())).toMatchObject({ code: 'unreachable', outcome: 'not_run', cause })
  })

  test.each([
    ['reset', thrown('ECONNRESET')],
    ['closed', below('UND_ERR_SOCKET')],
    ['no head in time', below('UND_ERR_HEADERS_TIMEOUT')],
    ['no way any more', noWay('read')],
    ['no way, who knows when', thrown('ENETUNREACH')],
    ['no HTTP', thrown('Malformed_HTTP_Response')],
    ['anything else', new TypeError('who knows')],
  ])('%s: it may have been heard', async (_, cause) => {
    const error = await failureOf(wired([cause]).send())
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ code: 'dropped', outcome: 'unknown', cause })
  })

  test('what the runtime hides in a cause is told, and what it advises its own caller is not', async () => {
    const hidden = new TypeError('fetch failed', { cause: thrown('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9') })
    expect(String(await failureOf(wired([hidden]).send()))).toContain(
      '(fetch failed: connect ECONNREFUSED 127.0.0.1:9)',
    )
    const advice = 'It was closed. For more information, pass `verbose: true` in the second argument to fetch()'
    const error = await failureOf(wired([thrown('ECONNRESET', advice)]).send())
    expect(String(error)).toEndWith('(ECONNRESET: It was closed.)')
  })

  test('a signal that has aborted says why, whatever the runtime says', async () => {
    const giveUp = new AbortController()
    const reason = new Error('enough')
    const { send } = wired([thrown('ECONNRESET')], {
      headers() {
        queueMicrotask(() => giveUp.abort(reason))
        return {}
      },
    })
    expect(await failureOf(send({ signal: giveUp.signal }))).toBe(reason)
  })

  test('a signal that had aborted before sends nothing', async () => {
    const reason = new Error('enough')
    const { seen, send } = wired([new Response()])
    expect(await failureOf(send({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(seen).toEqual([])
  })

  test('names the server, and not what may be secret of its URL', async () => {
    const path = `${SERVER.href}?key=s3cret`
    const cause = Object.assign(thrown('ECONNREFUSED'), { path })
    const url = new URL(path)
    const error = await failureOf(wired([cause]).send({ url }))
    expect(String(error)).toContain('the server at http://server.test/mcp cannot be reached')
    expect(Bun.inspect(error)).not.toContain('s3cret')
  })
})

describe('a function of the application that does not come back', () => {
  const never = new Promise<never>(() => {})
  const authorizer = (own: Partial<Authorizer>): Authorizer => ({
    identity: 'test',
    authorize: () => ({}),
    challenged: async () => false,
    ...own,
  })
  const answer = async (): Promise<Response> => new Response(null, { status: 401 })
  const cases: [string, HttpClientOptions][] = [
    ['headers', { headers: () => never, fetch: answer }],
    ['a token', { auth: authorizer({ authorize: () => never }), fetch: answer }],
    ['a login', { auth: authorizer({ challenged: () => never }), fetch: answer }],
    ['a fetch that does not listen to its signal', { fetch: () => never }],
  ]

  test.each(cases)('%s: the request is given up with its signal', async (_, options) => {
    const giveUp = new AbortController()
    const reason = new Error('enough')
    const { signal } = giveUp
    const sending = failureOf(createWire(SERVER, options).send({ method: 'POST', headers: {}, signal, what: 'a test' }))
    await settle()
    giveUp.abort(reason)
    expect(await sending).toBe(reason)
  })

  test('a response that comes too late is let go of', async () => {
    const late = Promise.withResolvers<Response>()
    const giveUp = new AbortController()
    const { signal } = giveUp
    const wire = createWire(SERVER, { fetch: () => late.promise })
    const sending = failureOf(wire.send({ method: 'POST', headers: {}, signal, what: 'a test' }))
    await settle()
    giveUp.abort()
    await sending
    const watched = body()
    late.resolve(new Response(watched.stream))
    await settle()
    expect(watched.cancelled).toBeTrue()
  })

  test('the body of a 401 is let go of before a login that may take minutes', async () => {
    const refusal = body()
    let wasCancelled = false
    const auth = authorizer({
      async challenged() {
        wasCancelled = refusal.cancelled && openRequests() === 0
        return false
      },
    })
    const { send } = wired([new Response(refusal.stream, { status: 401, headers: { 'x-a': '1' } })], { auth })
    const { response, release } = await send()
    expect(wasCancelled).toBeTrue()
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([401, '1', ''])
    release()
  })
})
