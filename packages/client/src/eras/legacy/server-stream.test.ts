import { describe, expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { AuthError } from '../../auth/auth-error.ts'
import { LONGEST_RETRY_MS } from './resume.ts'
import {
  type Handler,
  type Heard,
  inSession,
  json,
  type Rig,
  type RigOptions,
  result,
  rig,
  type Stream,
  stream,
} from './scripted-http.test.kit.ts'

const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

/** A session whose server answers each GET in this way. */
function listening(answer: (heard: Heard) => Stream | Response, options?: RigOptions): Rig {
  const usual = inSession((heard) => json(result(heard)))
  const handler: Handler = (heard) => {
    if (heard.method !== 'GET') return usual(heard)
    const given = answer(heard)
    return given instanceof Response ? given : given.response
  }
  return rig(handler, options)
}

function gets({ heard }: Rig): Heard[] {
  return heard.filter(({ method }) => method === 'GET')
}

describe("the server's own stream", () => {
  test('is opened behind the handshake and brings notices and questions [MCP-071]', async () => {
    const events = stream()
    await using open = listening(() => events, { responder: () => ({ roots: [] }) })
    await open.shake()
    const [get] = gets(open)
    expect(get?.headers.get('accept')).toBe('text/event-stream')
    expect(open.heard.indexOf(get as Heard)).toBe(2)
    events.send(CHANGED)
    events.send({ jsonrpc: '2.0', id: 1, method: 'roots/list' })
    await settle()
    expect(open.notices.map(({ method }) => method)).toEqual(['notifications/tools/list_changed'])
    expect(open.heard.at(-1)?.message).toEqual({ jsonrpc: '2.0', id: 1, result: { roots: [] } })
  })

  test.each([405, 404, 406, 400, 501])(
    'a server that answers %p offers none, and nothing is said of it [MCP-071]',
    async (status) => {
      await using open = listening(() => new Response(null, { status }))
      await open.shake()
      await open.clock.advance(600_000)
      expect(gets(open)).toHaveLength(1)
      expect(open.warnings).toEqual([])
      expect(open.renewals).toEqual([])
      expect(await open.peer.request('tools/list')).toEqual({})
    },
  )

  test('a server that answers something else than a stream offers none', async () => {
    await using open = listening(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }))
    await open.shake()
    await open.clock.advance(600_000)
    expect(gets(open)).toHaveLength(1)
  })

  test('is opened again behind the last event, and then nothing was missed [MCP-075]', async () => {
    let opened = 0
    await using open = listening(() => {
      const events = stream()
      if (opened++ === 0) {
        events.send({ id: 'g-1', data: JSON.stringify(CHANGED) })
        events.end()
      }
      return events
    })
    await open.shake()
    await open.clock.advance(999)
    expect(gets(open)).toHaveLength(1)
    await open.clock.advance(1)
    expect(gets(open).map(({ headers }) => headers.get('last-event-id'))).toEqual([null, 'g-1'])
    expect(open.missed()).toBe(0)
  })

  test('without an id to come back with, it is told that something may have been missed', async () => {
    const streams: Stream[] = []
    await using open = listening(() => {
      const events = stream()
      streams.push(events)
      return events
    })
    await open.shake()
    streams[0]?.break()
    await open.clock.advance(3000)
    expect(gets(open)).toHaveLength(2)
    expect(open.missed()).toBe(1)
    streams[1]?.send(CHANGED)
    await settle()
    expect(open.notices).toHaveLength(1)
  })

  test('an id the server does not know any more is dropped, and something was missed', async () => {
    let opened = 0
    await using open = listening(({ headers }) => {
      const events = stream()
      if (opened++ === 0) {
        events.send({ id: 'old', data: JSON.stringify(CHANGED) })
        events.end()
      }
      return headers.has('last-event-id') ? new Response(null, { status: 400 }) : events
    })
    await open.shake()
    await open.clock.advance(10_000)
    expect(gets(open).map(({ headers }) => headers.get('last-event-id'))).toEqual([null, 'old', null])
    expect(open.missed()).toBe(1)
  })

  test('a retry the server names is kept to [MCP-078]', async () => {
    const times: number[] = []
    await using open = listening(() => {
      times.push(open.clock.now())
      const events = stream()
      events.send({ id: `g-${times.length}`, retry: 7000 })
      events.end()
      return events
    })
    await open.shake()
    await open.clock.advance(21_000)
    expect(times).toEqual([0, 7000, 14_000, 21_000])
  })

  test('one that the server closes at once, again and again, is opened ever less often', async () => {
    const times: number[] = []
    await using open = listening(() => {
      times.push(open.clock.now())
      const events = stream()
      events.end()
      return events
    })
    await open.shake()
    await open.clock.advance(600_000)
    const pauses = times.slice(1).map((time, at) => time - (times[at] ?? 0))
    expect(pauses.length).toBeGreaterThan(10)
    expect(pauses.length).toBeLessThan(50)
    for (const [at, ms] of pauses.slice(0, 5).entries())
      expect(ms).toBeGreaterThan(at === 0 ? 999 : (pauses[at - 1] ?? 0))
    expect(Math.max(...pauses)).toBeLessThanOrEqual(31_000)
  })

  test('one that cannot be opened for a while is opened in the end, as late as Retry-After says', async () => {
    let tries = 0
    const events = stream()
    await using open = listening(() => {
      if (++tries === 1) throw new TypeError('fetch failed')
      return tries === 2 ? new Response(null, { status: 503, headers: { 'retry-after': '60' } }) : events
    })
    await open.shake()
    await open.clock.advance(50_000)
    expect(tries).toBe(2)
    await open.clock.advance(20_000)
    expect(tries).toBe(3)
    events.send(CHANGED)
    await settle()
    expect(open.notices).toHaveLength(1)
  })

  test('405 when it is opened again ends it, and that is said', async () => {
    let tries = 0
    await using open = listening(() => {
      const events = stream()
      events.end()
      return ++tries === 1 ? events : new Response(null, { status: 405 })
    })
    await open.shake()
    await open.clock.advance(600_000)
    expect(gets(open)).toHaveLength(2)
    expect(open.warnings).toEqual([expect.stringContaining('HTTP 405')])
  })

  test('one that falls silent for streamIdleTimeoutMs is opened again', async () => {
    await using open = listening(({ signal }) => stream(signal), { limits: { streamIdleTimeoutMs: 60_000 } })
    await open.shake()
    await open.clock.advance(59_999)
    expect(gets(open)).toHaveLength(1)
    await open.clock.advance(10_000)
    expect(gets(open)).toHaveLength(2)
  })

  test('an oversized event and one that is no JSON are reported, and the next one is read', async () => {
    const events = stream()
    await using open = listening(() => events, { limits: { maxMessageBytes: 500 } })
    await open.shake()
    events.send({ data: JSON.stringify({ ...CHANGED, params: { text: 'x'.repeat(1000) } }) })
    events.send({ data: '{"jsonrpc":' })
    events.send(CHANGED)
    await settle()
    expect(open.strays).toHaveLength(2)
    expect(open.notices).toHaveLength(1)
  })

  test('events of other names are overlooked', async () => {
    const events = stream()
    await using open = listening(() => events)
    await open.shake()
    events.send({ event: 'ping', data: 'still here' })
    events.send(CHANGED)
    await settle()
    expect(open.strays).toEqual([])
    expect(open.notices).toHaveLength(1)
  })

  test('is let go of when the channel is closed', async () => {
    const open = listening(({ signal }) => stream(signal))
    await open.shake()
    await open.peer[Symbol.asyncDispose]()
    expect(gets(open)[0]?.signal.aborted).toBe(true)
    await open.clock.advance(600_000)
    expect(gets(open)).toHaveLength(1)
    expect(open.warnings).toEqual([])
  })

  test('a token that cannot be had once does not end it, and that is told once', async () => {
    let tries = 0
    const events = stream()
    await using open = listening(() => {
      if (++tries > 1) return events
      const first = stream()
      first.end()
      return first
    })
    let failures = 0
    open.before(({ method }) => {
      if (method === 'GET' && tries === 1 && failures++ < 2) throw new Error('the vault is busy')
    })
    await open.shake()
    await open.clock.advance(60_000)
    expect([tries, failures]).toEqual([2, 3])
    expect(open.warnings).toEqual([expect.stringContaining('the vault is busy')])
  })

  test.each([
    ['denied', 1],
    ['redirect_failed', 1],
    ['unreachable', 3],
  ] as const)('after a login that ended as %p it is opened %p times', async (code, times) => {
    const events = stream()
    let failures = 0
    await using open = listening(() => events)
    open.before(({ method }) => {
      if (method === 'GET' && ++failures < 3) throw new AuthError(code, 'nobody is logged in')
    })
    await open.shake()
    await open.clock.advance(60_000)
    expect(failures).toBe(times)
  })

  test('a retry of years is cut to LONGEST_RETRY_MS', async () => {
    await using open = listening(() => {
      const events = stream()
      events.send({ id: 'g', retry: 1e12 })
      events.end()
      return events
    })
    await open.shake()
    await open.clock.advance(LONGEST_RETRY_MS - 1)
    expect(gets(open)).toHaveLength(1)
    await open.clock.advance(1)
    expect(gets(open)).toHaveLength(2)
  })
})
