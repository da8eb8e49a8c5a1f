import { describe, expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { connect } from './connect.ts'
import { createVerdicts } from './eras/verdicts.ts'
import { failure } from './testing/failure.test.kit.ts'
import { discovered, type Incoming, initialized } from './testing/scripted-server.test.kit.ts'
import { http } from './transports/http.ts'
import type { Transport } from './transports/transport.ts'

describe('what is handed in', () => {
  test.each(['http://ada:s3cret@x', new URL('http://ada:s3cret@x'), undefined, null, {}])(
    'that is no transport is refused by the name of what is wanted: case %#',
    async (given) => {
      // what a program without types may hand in
      const error = await failure(connect(given as unknown as Parameters<typeof connect>[0]))
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).toContain('must be a transport, such as http(url) or stdio(')
      expect(String(error)).not.toContain('s3cret')
    },
  )
})

describe('a server over HTTP that never accepts notifications/initialized', () => {
  function silent(): { transport: Transport; asked: string[]; initialized: Promise<void> } {
    const asked: string[] = []
    const heard = Promise.withResolvers<void>()
    const transport = http('http://server.test/mcp', {
      async fetch(_, { method, body, signal }) {
        // proof: the client sends texts only
        const message = typeof body === 'string' ? (JSON.parse(body) as Incoming) : undefined
        asked.push(message?.method ?? method ?? '')
        if (message?.method === 'initialize') {
          const answer = { jsonrpc: '2.0', id: message.id, result: initialized() }
          return Response.json(answer, { headers: { 'mcp-session-id': 's' } })
        }
        if (method === 'DELETE') return new Response()
        heard.resolve()
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      },
    })
    return { transport, asked, initialized: heard.promise }
  }

  test('is given up when the time to connect is up, and its session is ended', async () => {
    const clock = createFakeClock()
    const server = silent()
    const connecting = failure(connect(server.transport, { pin: 'legacy', clock, connectTimeoutMs: 1000 }))
    await server.initialized
    await clock.advance(1000)
    expect(await connecting).toMatchObject({ code: 'timeout', message: expect.stringContaining('connectTimeoutMs') })
    expect(server.asked).toEqual(['initialize', 'notifications/initialized', 'DELETE'])
    expect(clock.timers).toBe(0)
  })

  test('is given up with the signal of the caller', async () => {
    const giveUp = new AbortController()
    const reason = new Error('the user left')
    const server = silent()
    const connecting = failure(connect(server.transport, { pin: 'legacy', signal: giveUp.signal }))
    await server.initialized
    giveUp.abort(reason)
    expect(await connecting).toBe(reason)
  })
})

test('what a pin chose is not remembered of the server, which may know better', async () => {
  const asked: string[] = []
  const transport = http('http://server.test/pinned', {
    async fetch(_, { method, body }) {
      // proof: the client sends texts only
      const message = typeof body === 'string' ? (JSON.parse(body) as Incoming) : undefined
      asked.push(message?.method ?? method ?? '')
      if (message?.id === undefined) return new Response(undefined, { status: method === 'POST' ? 202 : 405 })
      const result = message.method === 'initialize' ? initialized() : discovered()
      return Response.json({ jsonrpc: '2.0', id: message.id, result })
    },
  })
  const verdicts = createVerdicts()
  {
    await using pinned = await connect(transport, { pin: 'legacy', verdicts })
    expect(pinned.era).toBe('legacy')
  }
  await using client = await connect(transport, { verdicts })
  expect(client.era).toBe('modern')
  expect(asked.at(-1)).toBe('server/discover')
})
