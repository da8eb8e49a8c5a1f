import { describe, expect, test } from 'bun:test'
import { ConnectionError, type JsonObject } from '@bao-mcp/protocol/engine'
import { type ConnectOptions, connect } from './connect.ts'
import { type ClientMiddleware, compose, forMethod } from './middleware.ts'
import type { Session } from './session.ts'
import { asking } from './testing/asking-server.test.kit.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, type Script, scripted } from './testing/scripted-server.test.kit.ts'

const echo: Script = (message, wire) => {
  if (message.method === 'tools/list') return wire.answer(message, { tools: [{ name: 'one' }] })
  const args = message.params?.arguments
  return wire.answer(message, { content: [{ type: 'text', text: JSON.stringify(args ?? null) }] })
}

const open = (era: (typeof ERAS)[number], middleware: ClientMiddleware[], options: ConnectOptions = {}) =>
  connect(scripted(ofEra(era, echo)), { middleware, ...options })

describe.each([...ERAS])('in the %s era', (era) => {
  test('the first is the outermost, and sees the result last', async () => {
    const seen: string[] = []
    const tracer =
      (name: string): ClientMiddleware =>
      async (request, next) => {
        seen.push(`${name} > ${request.method}`)
        const result = await next(request)
        seen.push(`${name} <`)
        return result
      }
    await using client = await open(era, [tracer('a'), tracer('b')])
    await client.callTool('echo')
    await client.listTools()
    expect(seen).toEqual([
      'a > tools/call',
      'b > tools/call',
      'b <',
      'a <',
      'a > tools/list',
      'b > tools/list',
      'b <',
      'a <',
    ])
  })

  test('one may change the request and the result, and answer itself', async () => {
    await using client = await open(era, [
      forMethod('tools/call', async (request, next) => {
        if (request.params.name === 'local') return { content: [{ type: 'text', text: 'here' }] }
        const result = await next({ ...request, params: { ...request.params, arguments: { tenant: 7 } } })
        return { ...result, content: [...result.content, { type: 'text', text: 'and more' }] }
      }),
    ])
    expect((await client.callTool('local')).content).toEqual([{ type: 'text', text: 'here' }])
    expect((await client.callTool('echo', { a: 1 })).content).toEqual([
      { type: 'text', text: '{"tenant":7}' },
      { type: 'text', text: 'and more' },
    ])
    expect(await client.listTools()).toMatchObject([{ name: 'one' }])
  })

  test('what one throws is what the caller learns, at once or later', async () => {
    for (const middleware of [
      () => {
        throw new RangeError('no')
      },
      async () => {
        throw new RangeError('no')
      },
    ] satisfies ClientMiddleware[]) {
      await using client = await open(era, [middleware])
      expect(await failure(client.callTool('echo'))).toEqual(new RangeError('no'))
    }
  })

  test('one that forgets to return a result is told so', async () => {
    // proof: it is the mistake a program without types can make
    const forgetful = (async () => undefined) as unknown as ClientMiddleware
    await using client = await open(era, [forgetful])
    expect(String(await failure(client.callTool('echo')))).toContain('did it forget to return one?')
  })

  test('one sees the options of the call and may give others', async () => {
    const signals: unknown[] = []
    const { signal } = new AbortController()
    const given = AbortSignal.abort(new RangeError('given up by the middleware'))
    await using client = await open(era, [
      (request, next, call) => {
        signals.push(call.signal)
        return next(request, { ...call, signal: given })
      },
    ])
    expect(await failure(client.callTool('echo', {}, { signal }))).toEqual(new RangeError('given up by the middleware'))
    expect(signals).toEqual([signal])
  })

  test('a result is finished when it comes to one: questions are behind it', async () => {
    const results: JsonObject[] = []
    const server = asking(era, 'roots/list')
    await using client = await connect(server, {
      on: { roots: [] },
      middleware: [
        async (request, next) => {
          const result = await next(request)
          results.push(result)
          return result
        },
      ],
    })
    await client.callTool('it')
    expect(results).toMatchObject([{ content: [{ text: 'done' }] }])
  })
})

test('a failure passes through, and each retry is a request of its own', async () => {
  let calls = 0
  await using client = await open('modern', [
    (request, next) => {
      if (request.method === 'tools/call' && ++calls < 3) {
        throw new ConnectionError('unreachable', 'no way', { outcome: 'not_run', retryAfterMs: 0 })
      }
      return next(request)
    },
  ])
  await client.callTool('echo')
  expect(calls).toBe(3)
})

test('without any, requests go to the session itself', () => {
  const send: Session['request'] = async () => ({})
  expect(compose([], send)).toBe(send)
})
