import { describe, expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { AuthError } from '../../auth/auth-error.ts'
import { LONGEST_RETRY_MS } from './resume.ts'
import {
  failure,
  type Handler,
  type Heard,
  inSession,
  type Rig,
  result,
  rig,
  type Stream,
  stream,
} from './scripted-http.test.kit.ts'

/** A server whose one call is answered on streams that the test opens. */
function calling(
  open: (heard: Heard) => Stream | Response,
  more: Parameters<typeof rig>[1] = {},
  version?: string,
): Rig {
  const handler: Handler = (heard) => {
    const opened = open(heard)
    return opened instanceof Response ? opened : opened.response
  }
  return rig(inSession(handler, 's-1', version), more)
}

function resumptions({ heard }: Rig): Heard[] {
  return heard.filter(({ headers }) => headers.has('last-event-id'))
}

/** The first stream: a first id, and then nothing more. */
function primed(id: string, retry?: number): Stream {
  const events = stream()
  events.send({ id, ...(retry !== undefined && { retry }) })
  events.end()
  return events
}

describe('a stream that ends before the answer', () => {
  test('is gone on with by GET behind the last event, after one second and not earlier [MCP-075]', async () => {
    let call: Heard | undefined
    await using open = calling((heard) => {
      if (heard.method === 'POST') {
        call = heard
        const events = stream()
        events.send({ id: 'e-1' })
        events.send({
          id: 'e-2',
          data: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: {} }),
        })
        events.end()
        return events
      }
      const events = stream()
      if (call !== undefined) events.send({ id: 'e-3', data: JSON.stringify(result(call, { content: [] })) })
      return events
    })
    await open.shake()
    const answer = open.peer.request('tools/call')
    await open.clock.advance(999)
    expect(resumptions(open)).toEqual([])
    await open.clock.advance(1)
    const [get] = resumptions(open)
    expect(get?.method).toBe('GET')
    expect(get?.headers.get('last-event-id')).toBe('e-2')
    expect(get?.headers.get('accept')).toBe('text/event-stream')
    expect(get?.headers.get('mcp-session-id')).toBe('s-1')
    expect(get?.headers.get('mcp-protocol-version')).toBe('2025-11-25')
    expect(await answer).toEqual({ content: [] })
    expect(open.notices).toHaveLength(1)
  })

  test('and whose rest wants another login leaves open what became of the call', async () => {
    await using open = calling(() => primed('e-1'))
    await open.shake()
    const answer = failure(open.peer.request('tools/call'))
    await settle()
    const cause = new AuthError('rejected', 'the token was refused', { status: 401 })
    open.before(() => {
      throw cause
    })
    await open.clock.advance(1000)
    expect(await answer).toMatchObject({ name: 'ConnectionError', code: 'dropped', outcome: 'unknown', cause })
  })

  test('is never gone on with earlier than the server said [MCP-078]', async () => {
    const times: number[] = []
    await using open = calling((heard) => {
      times.push(open.clock.now())
      if (heard.method === 'POST') return primed('e-1', 5000)
      const events = stream()
      events.send(result({ ...heard, message: { id: 2 } }))
      return events
    })
    await open.shake()
    const answer = open.peer.request('tools/call')
    await open.clock.advance(4999)
    expect(times).toEqual([0])
    await open.clock.advance(1)
    expect(await answer).toEqual({})
    expect(times).toEqual([0, 5000])
  })

  test('may be closed by the server as often as it likes, while something comes each time [MCP-078]', async () => {
    let closes = 0
    await using open = calling((heard) => {
      if (closes < 40) return primed(`e-${closes++}`, 200)
      const events = stream()
      events.send(result({ ...heard, message: { id: 2 } }, { after: closes }))
      return events
    })
    await open.shake()
    const answer = open.peer.request('tools/call')
    await open.clock.advance(40 * 200)
    expect(await answer).toEqual({ after: 40 })
    expect(resumptions(open).map(({ headers }) => headers.get('last-event-id'))).toEqual(
      Array.from({ length: 40 }, (_, n) => `e-${n}`),
    )
  })

  test('fails after maxResumes tries in a row without an event, with growing pauses between them', async () => {
    const times: number[] = []
    await using open = calling(
      (heard) => {
        times.push(open.clock.now())
        if (heard.method === 'POST') return primed('e-1', 100)
        const events = stream()
        events.end()
        return events
      },
      { maxResumes: 4 },
    )
    await open.shake()
    const failed = failure(open.peer.request('tools/call'))
    await open.clock.advance(60_000)
    const error = await failed
    expect(error).toMatchObject({ code: 'dropped', outcome: 'unknown' })
    expect(String(error)).toContain('maxResumes')
    const pauses = times.slice(1).map((time, at) => time - (times[at] ?? 0))
    expect(pauses).toHaveLength(4)
    expect(pauses[0]).toBe(100)
    for (const [at, ms] of pauses.entries()) expect(ms).toBeGreaterThan(at === 0 ? 0 : (pauses[at - 1] ?? 0))
  })

  test('a server that cannot be reached for a moment is tried again, as late as Retry-After says', async () => {
    const times: number[] = []
    await using open = calling((heard) => {
      if (heard.method === 'POST') return primed('e-1', 100)
      times.push(open.clock.now())
      if (times.length === 1) throw new TypeError('fetch failed')
      if (times.length === 2) return new Response('', { status: 503, headers: { 'retry-after': '20' } })
      const events = stream()
      events.send(result({ ...heard, message: { id: 2 } }))
      return events
    })
    await open.shake()
    const answer = open.peer.request('tools/call')
    await open.clock.advance(30_000)
    expect(await answer).toEqual({})
    const [, second = 0, third = 0] = times
    expect(third - second).toBeGreaterThanOrEqual(20_000)
  })

  test.each([404, 405, 400])(
    'a server that answers %p to it is not asked again: nobody knows whether it ran',
    async (status) => {
      await using open = calling((heard) => (heard.method === 'POST' ? primed('e-1') : new Response(null, { status })))
      await open.shake()
      const failed = failure(open.peer.request('tools/call'))
      await open.clock.advance(60_000)
      expect(await failed).toMatchObject({ code: 'dropped', outcome: 'unknown', status })
      expect(resumptions(open)).toHaveLength(1)
      expect(open.posted().filter((method) => method === 'tools/call')).toHaveLength(1)
    },
  )

  test('is not gone on with where no event had an id, nor where the revision cannot', async () => {
    for (const version of ['2025-11-25', '2024-11-05']) {
      await using open = calling(() => (version === '2024-11-05' ? primed('e-1') : ended()), {}, version)
      await open.shake()
      expect(await failure(open.peer.request('tools/call'))).toMatchObject({ code: 'dropped', outcome: 'unknown' })
      expect(resumptions(open)).toEqual([])
    }
  })

  test('a call that is given up while it waits is not gone on with', async () => {
    await using open = calling((heard) =>
      heard.message.method === 'tools/call' ? primed('e-1') : new Response(null, { status: 202 }),
    )
    await open.shake()
    const giveUp = new AbortController()
    const failed = failure(open.peer.request('tools/call', {}, { signal: giveUp.signal }))
    await settle()
    giveUp.abort(new Error('enough'))
    expect(await failed).toMatchObject({ message: 'enough' })
    await open.clock.advance(60_000)
    expect(resumptions(open)).toEqual([])
    expect(open.posted().at(-1)).toBe('notifications/cancelled')
  })

  test('a retry of years is cut to LONGEST_RETRY_MS', async () => {
    await using open = calling(({ method }) => (method === 'POST' ? primed('e-1', 1e12) : stream()))
    await open.shake()
    const limits = { timeoutMs: 2 * LONGEST_RETRY_MS, maxTotalTimeoutMs: 2 * LONGEST_RETRY_MS }
    const call = failure(open.peer.request('tools/call', {}, limits))
    await open.clock.advance(LONGEST_RETRY_MS - 1)
    expect(resumptions(open)).toHaveLength(0)
    await open.clock.advance(1)
    expect(resumptions(open)).toHaveLength(1)
    await open.clock.advance(LONGEST_RETRY_MS)
    await call
  })

  test('a retry of nothing does not become a loop without a pause', async () => {
    await using open = calling((heard) => primed(`e-${heard.headers.get('last-event-id') ?? 0}+`, 0))
    await open.shake()
    const failed = failure(open.peer.request('tools/call', {}, { timeoutMs: 1000 }))
    await open.clock.advance(1000)
    expect(await failed).toMatchObject({ code: 'timeout' })
    expect(resumptions(open).length).toBeLessThan(12)
  })
})

function ended(): Stream {
  const events = stream()
  events.end()
  return events
}
