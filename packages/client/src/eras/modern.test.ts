import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { connect } from '../connect.ts'
import { asking, DONE, FORM } from '../testing/asking-server.test.kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { ofEra, scripted } from '../testing/scripted-server.test.kit.ts'

const boom = new Error('boom')

describe('modern input rounds', () => {
  test('[MCP-189] [MCP-190] [MCP-192] the same request is sent again with the answers and the exact state', async () => {
    const server = asking('modern', 'elicitation/create', FORM)
    await using client = await connect(server, { on: { elicitation: () => ({ action: 'decline' }) } })
    await client.callTool('register', { plan: 'free' })
    const [first, second] = server.received.filter(({ method }) => method === 'tools/call')
    expect(second?.id).not.toBe(first?.id)
    expect(second?.params).toEqual({
      name: 'register',
      arguments: { plan: 'free' },
      inputResponses: { question: { action: 'decline' } },
      requestState: 's1',
      _meta: { ...(first?.params?._meta as JsonObject), progressToken: second?.id },
    })
  })

  test('[MCP-191] no state is sent where none was given', async () => {
    const server = scripted(
      ofEra('modern', (call, wire) => {
        if (call.params?.inputResponses !== undefined) return wire.answer(call, DONE)
        wire.answer(call, { resultType: 'input_required', inputRequests: { a: { method: 'roots/list' } } })
      }),
    )
    await using client = await connect(server, { on: { roots: [] } })
    await client.callTool('look')
    expect(server.received.at(-1)?.params).not.toHaveProperty('requestState')
  })

  test('all questions of a round are asked at once, and only the answers of the latest round are sent', async () => {
    let round = 0
    const server = scripted(
      ofEra('modern', (call, wire) => {
        round++
        if (round === 3) return wire.answer(call, DONE)
        const ask = { method: 'elicitation/create', params: FORM }
        const inputRequests = round === 1 ? { a: ask, b: ask } : { c: ask }
        wire.answer(call, { resultType: 'input_required', inputRequests, requestState: `s${round}` })
      }),
    )
    let open = 0
    const together = Promise.withResolvers<void>()
    await using client = await connect(server, {
      on: {
        async elicitation() {
          open++
          if (open === 2) together.resolve()
          await together.promise
          return { action: 'decline' }
        },
      },
    })
    await client.callTool('register')
    const calls = server.received.filter(({ method }) => method === 'tools/call')
    expect(calls.map(({ params }) => [params?.inputResponses, params?.requestState])).toEqual([
      [undefined, undefined],
      [{ a: { action: 'decline' }, b: { action: 'decline' } }, 's1'],
      [{ c: { action: 'decline' } }, 's2'],
    ])
  })

  test('[MCP-193] parallel calls keep their own state', async () => {
    const server = scripted(
      ofEra('modern', (call, wire) => {
        const { name, requestState } = call.params ?? {}
        if (requestState !== undefined) return wire.answer(call, { ...DONE, structuredContent: { name, requestState } })
        const inputRequests = { q: { method: 'roots/list' } }
        wire.answer(call, { resultType: 'input_required', inputRequests, requestState: `state of ${name}` })
      }),
    )
    await using client = await connect(server, { on: { roots: [] } })
    const results = await Promise.all(['a', 'b'].map((name) => client.callTool(name)))
    expect(results.map(({ structured }) => structured)).toEqual([
      { name: 'a', requestState: 'state of a' },
      { name: 'b', requestState: 'state of b' },
    ])
  })

  test('a failed handler aborts its siblings', async () => {
    const server = scripted(
      ofEra('modern', (call, wire) => {
        const inputRequests = { a: { method: 'roots/list' }, b: { method: 'elicitation/create', params: FORM } }
        wire.answer(call, { resultType: 'input_required', inputRequests })
      }),
    )
    const aborted = Promise.withResolvers<unknown>()
    await using client = await connect(server, {
      on: {
        roots: () => {
          throw boom
        },
        elicitation: (_form, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted.resolve(signal.reason)
              resolve({ action: 'cancel' })
            })
          }),
      },
    })
    expect(await failure(client.callTool('look'))).toMatchObject({ code: 'handler_failed', cause: boom })
    expect(await aborted.promise).toMatchObject({ cause: boom })
  })

  test('giving the call up, or the end of the connection, ends a round whose handler never answers', async () => {
    const server = asking('modern', 'elicitation/create', FORM)
    const shown = Promise.withResolvers<AbortSignal>()
    const never = (_form: unknown, { signal }: { signal: AbortSignal }): Promise<never> => {
      shown.resolve(signal)
      return new Promise(() => {})
    }
    await using client = await connect(server, { on: { elicitation: never } })
    const giving = new AbortController()
    const first = failure(client.callTool('register', {}, { signal: giving.signal }))
    const signal = await shown.promise
    const reason = new Error('enough')
    giving.abort(reason)
    expect(await first).toBe(reason)
    expect(signal.reason).toBe(reason)

    const second = failure(client.callTool('register'))
    await server.got('tools/call', 2)
    await server.wire.flushed()
    server.wire.end()
    expect(await second).toMatchObject({ code: 'closed' })
  })

  test('a round that only asks for patience is tried again after a pause that grows', async () => {
    const clock = createFakeClock()
    let round = 0
    const server = scripted(
      ofEra('modern', (call, wire) => {
        round++
        wire.answer(call, round > 2 ? DONE : { resultType: 'input_required', requestState: `s${round}` })
      }),
    )
    await using client = await connect(server, { clock })
    const before = clock.timers
    const call = client.callTool('busy')
    for (const ms of [100, 200]) {
      while (clock.timers === before) await Promise.resolve()
      await clock.advance(ms - 1)
      expect(round).toBe(ms / 100)
      await clock.advance(1)
      await server.got('tools/call', ms / 100 + 1)
      await server.wire.flushed()
    }
    await call
    expect(server.received.at(-1)?.params).toMatchObject({ requestState: 's2', inputResponses: {} })
  })

  test('giving the call up ends the pause as well', async () => {
    const clock = createFakeClock()
    const server = scripted(
      ofEra('modern', (call, wire) => wire.answer(call, { resultType: 'input_required', requestState: 's' })),
    )
    await using client = await connect(server, { clock })
    const before = clock.timers
    const giving = new AbortController()
    const call = failure(client.callTool('busy', {}, { signal: giving.signal }))
    while (clock.timers === before) await Promise.resolve()
    const reason = new Error('enough')
    giving.abort(reason)
    expect(await call).toBe(reason)
    expect(clock.timers).toBe(before)
    expect(server.methods.filter((method) => method === 'tools/call')).toHaveLength(1)
  })

  test('[MCP-054] the rounds and the handlers of a call count into maxTotalTimeoutMs', async () => {
    const clock = createFakeClock()
    const server = scripted(
      ofEra('modern', (call, wire) => {
        wire.answer(call, { resultType: 'input_required', inputRequests: { q: { method: 'roots/list' } } })
      }),
    )
    const asked = Promise.withResolvers<AbortSignal>()
    await using client = await connect(server, {
      clock,
      on: {
        roots({ signal }) {
          asked.resolve(signal)
          return new Promise(() => {})
        },
      },
    })
    const call = failure(client.callTool('slow', {}, { maxTotalTimeoutMs: 1_000 }))
    await server.got('tools/call')
    await clock.advance(400)
    const signal = await asked.promise
    await clock.advance(599)
    expect(signal.aborted).toBe(false)
    await clock.advance(1)
    expect(await call).toMatchObject({ name: 'ConnectionError', code: 'total_timeout', method: 'tools/call' })
    expect(signal.aborted).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('questions without end are given up after maxInputRounds', async () => {
    const server = scripted(
      ofEra('modern', (call, wire) => {
        wire.answer(call, { resultType: 'input_required', inputRequests: { q: { method: 'roots/list' } } })
      }),
    )
    await using client = await connect(server, { on: { roots: [] }, maxInputRounds: 3 })
    expect(await failure(client.callTool('nosy'))).toMatchObject({ message: expect.stringContaining('3 rounds') })
    expect(server.methods.filter((method) => method === 'tools/call')).toHaveLength(4)
  })

  test.each([
    ['[MCP-013] a kind of result nobody declared', { resultType: 'task', taskId: 't' }],
    [
      'a question no input round may ask',
      { resultType: 'input_required', inputRequests: { q: { method: 'tools/call' } } },
    ],
    ['input that is required without a question', { resultType: 'input_required' }],
  ])('%s is an invalid result', async (_, result) => {
    const server = scripted(ofEra('modern', (call, wire) => wire.answer(call, result)))
    await using client = await connect(server)
    expect(await failure(client.callTool('odd'))).toMatchObject({ name: 'InvalidResultError' })
  })
})
