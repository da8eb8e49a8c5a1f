import { describe, expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import { settle } from '../testing/fake-clock.ts'
import { createManualChannel, type ManualChannel } from '../testing/manual-channel.ts'
import type { Exchange, Responder } from './caller.ts'
import { RpcError, SERVER_BUSY } from './errors.ts'
import { type JsonObject, SerialisedResult } from './message.ts'
import { createPeer, type Peer, type PeerOptions } from './peer.ts'

interface Answerer {
  peer: Peer
  wire: ManualChannel
  exchanges: Exchange[]
  /** What the other side only learns of as an internal error. */
  internal: unknown[]
}

function openAnswerer(answer: (exchange: Exchange) => unknown, options: PeerOptions = {}): Answerer {
  const wire = createManualChannel()
  const exchanges: Exchange[] = []
  const internal: unknown[] = []
  const request: Responder['request'] = (_request, exchange) => {
    exchanges.push(exchange)
    // a handler may break the types it was given, and the peer must not break with it
    return answer(exchange) as JsonObject
  }
  const peer = createPeer(
    wire,
    { request, notice() {} },
    {
      conventions: mcpConventions,
      onInternalError: ({ cause }) => void internal.push(cause),
      ...options,
    },
  )
  return { peer, wire, exchanges, internal }
}

const call = (id: unknown, method = 'm'): unknown => ({ jsonrpc: '2.0', id, method })
const cancel = (id: unknown, reason?: string): unknown => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId: id, ...(reason !== undefined && { reason }) },
})
const ok = (id: unknown): unknown => ({ jsonrpc: '2.0', id, result: {} })

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown
  }
}

test('an answer without a promise leaves in the same tick, under the id of its request [MCP-005]', () => {
  const { peer, wire } = openAnswerer(() => ({}))
  for (const id of [1, 'one', 0, '']) wire.arrive(call(id))
  expect(wire.sent).toEqual([1, 'one', 0, ''].map(ok))
  expect(peer.inFlight).toBe(0)
})

test('a notification is never answered [MCP-007]', () => {
  const wire = createManualChannel()
  const heard: string[] = []
  const notice: Responder['notice'] = ({ method }) => {
    heard.push(method)
    throw new Error('boom')
  }
  const told: string[] = []
  createPeer(wire, { request: () => ({}), notice }, { onInternalError: (_error, method) => void told.push(method) })
  wire.arriveText('{"jsonrpc":"2.0","method":"a"}\n{"jsonrpc":"2.0","method":"b"}\n')
  expect([heard, told, wire.sent]).toEqual([['a', 'b'], ['a', 'b'], []])
})

describe('what a handler throws', () => {
  const loop: JsonObject = {}
  loop.self = loop

  test.each<[string, unknown]>([
    ['a string', 'boom'],
    ['null', null],
    ['undefined', undefined],
    ['an object', { code: 1, message: 'not an RpcError' }],
    ['an error', new Error('secret')],
  ])('is an internal error without details when it is %s', async (_, thrown) => {
    for (const answer of [throwing(thrown), () => Promise.reject(thrown)]) {
      const { wire, internal } = openAnswerer(answer)
      wire.arrive(call(1))
      await settle()
      expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error' } }])
      expect(internal).toEqual([thrown])
    }
  })

  test('is answered as it is when it is an RpcError', () => {
    const { wire, internal } = openAnswerer(throwing(new RpcError(42, 'no', { why: 1 }, { cause: 'secret' })))
    wire.arrive(call(1))
    expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: 42, message: 'no', data: { why: 1 } } }])
    expect(internal).toEqual([])
  })

  test.each([[{ n: 1n }], [loop]])('loses data that cannot be written (%#)', (data) => {
    const { wire, internal } = openAnswerer(throwing(new RpcError(42, 'no', data)))
    wire.arrive(call(1))
    expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: 42, message: 'no' } }])
    expect(internal).toEqual([expect.any(TypeError)])
  })
})

describe('what a handler returns', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'x'],
    ['an array', []],
    ['a function', () => 1],
  ])('is an internal error when it is %s', async (_, value) => {
    for (const answer of [() => value, () => Promise.resolve(value)]) {
      const { wire, internal } = openAnswerer(answer)
      wire.arrive(call(1))
      await settle()
      expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error' } }])
      expect(internal).toEqual([expect.any(TypeError)])
    }
  })

  test.each<[string, unknown]>([
    ['a result whose text is ready', new SerialisedResult('{}')],
    ['a thenable that is no promise', Object.fromEntries([['then', (done: (value: JsonObject) => void) => done({})]])],
  ])('may be %s', async (_, value) => {
    const { wire } = openAnswerer(() => value)
    wire.arrive(call(1))
    await settle()
    expect(wire.sent).toEqual([ok(1)])
  })

  test('keeps members named like those every object has', () => {
    const result: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":2}')
    const { wire } = openAnswerer(() => result)
    wire.arrive(call(1, '__proto__'))
    expect(JSON.stringify(wire.sent)).toBe('[{"jsonrpc":"2.0","id":1,"result":{"__proto__":{"a":1},"constructor":2}}]')
  })
})

describe('cancelling', () => {
  test('aborts the signal with the reason, and nothing more is sent [MCP-036]', async () => {
    const work = Promise.withResolvers<JsonObject>()
    const { peer, wire, exchanges } = openAnswerer(() => work.promise)
    wire.arrive(call(1))
    const [exchange] = exchanges
    const { signal, cancelled } = exchange ?? {}
    expect([signal?.aborted, cancelled, peer.inFlight]).toEqual([false, false, 1])
    wire.arrive(cancel(1, 'enough'))
    expect([signal?.aborted, exchange?.cancelled, peer.inFlight]).toEqual([true, true, 0])
    expect(signal?.reason).toMatchObject({ name: 'AbortError', message: 'enough' })
    void exchange?.notify('late')
    work.resolve({})
    await settle()
    expect(wire.sent).toEqual([])
  })

  test('is seen by a signal that is first asked for afterwards', () => {
    const { wire, exchanges } = openAnswerer(() => new Promise(() => undefined))
    wire.arrive(call(1))
    wire.arrive(cancel(1))
    expect(exchanges[0]?.signal.reason).toMatchObject({ message: 'cancelled by the other side' })
  })

  test('a signal asked for after the answer is not aborted', () => {
    const { wire, exchanges } = openAnswerer(() => ({}))
    wire.arrive(call(1))
    expect([exchanges[0]?.cancelled, exchanges[0]?.signal.aborted]).toEqual([true, false])
  })

  test('and the same id again in one tick runs the new call only', async () => {
    const works: PromiseWithResolvers<JsonObject>[] = []
    const { wire, exchanges } = openAnswerer(() => {
      const work = Promise.withResolvers<JsonObject>()
      works.push(work)
      return work.promise
    })
    const lines = [call(1), cancel(1), call(1)]
    wire.arriveText(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    expect(exchanges.map(({ cancelled }) => cancelled)).toEqual([true, false])
    works[0]?.resolve({ of: 'the first' })
    works[1]?.resolve({ of: 'the second' })
    await settle()
    expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, result: { of: 'the second' } }])
  })

  test('what is unknown, finished or malformed is ignored [MCP-059] [MCP-060]', async () => {
    const { wire } = openAnswerer(() => Promise.resolve({}))
    wire.arrive(call(1))
    for (const id of [2, '1', null, undefined, 1.5]) wire.arrive(cancel(id))
    wire.arrive({ jsonrpc: '2.0', method: 'notifications/cancelled' })
    await settle()
    wire.arrive(cancel(1))
    expect(wire.sent).toEqual([ok(1)])
  })
})

test('an id in use is refused, and the running call is not touched', async () => {
  const work = Promise.withResolvers<JsonObject>()
  const { wire, exchanges } = openAnswerer(() => work.promise)
  wire.arrive(call(1))
  wire.arrive(call(1))
  const message = 'id 1 is already in use by a call that has not been answered'
  expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32600, message } }])
  expect(exchanges).toHaveLength(1)
  work.resolve({})
  await settle()
  expect(wire.sent.slice(1)).toEqual([ok(1)])
})

test('notices of an exchange leave before its answer, in order [MCP-064]', async () => {
  const { wire, exchanges } = openAnswerer(async (exchange) => {
    await exchange.notify('a', { n: 1 })
    await exchange.notify('b')
    return {}
  })
  wire.arrive(call(1))
  await settle()
  void exchanges[0]?.notify('late')
  expect(wire.sent).toEqual([{ jsonrpc: '2.0', method: 'a', params: { n: 1 } }, { jsonrpc: '2.0', method: 'b' }, ok(1)])
})

test('refuse answers every new request, failInFlight every running one', async () => {
  const work = Promise.withResolvers<JsonObject>()
  const { peer, wire, exchanges } = openAnswerer(() => work.promise)
  wire.arrive(call(1))
  peer.refuse(new RpcError(SERVER_BUSY, 'closing'))
  wire.arrive(call(2))
  expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 2, error: { code: SERVER_BUSY, message: 'closing' } }])
  const why = new RpcError(-32603, 'gone')
  peer.failInFlight(why)
  expect(exchanges[0]?.signal.reason).toBe(why)
  work.resolve({})
  await settle()
  expect(wire.sent.slice(1)).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'gone' } }])
  expect(exchanges).toHaveLength(1)
})

test('idle waits for the last running call, answered or cancelled', async () => {
  const work = Promise.withResolvers<JsonObject>()
  const { peer, wire } = openAnswerer(() => work.promise)
  await peer.idle()
  const order: string[] = []
  for (const id of [1, 2]) wire.arrive(call(id))
  const waiting = peer.idle().then(() => order.push('idle'))
  wire.arrive(cancel(2))
  await settle()
  order.push('answered')
  work.resolve({})
  await waiting
  expect(order).toEqual(['answered', 'idle'])
})

test('lets no answer leave while this side may not answer', () => {
  let answers = false
  const { wire, exchanges } = openAnswerer(() => ({}), { answersRubbish: true, answers: () => answers })
  wire.arrive(call(1))
  wire.arrive({ jsonrpc: '2.0', id: 2, method: 5 })
  wire.arrive([call(3)])
  wire.arriveText('rubbish\n')
  expect(exchanges).toHaveLength(1)
  expect(wire.sent).toEqual([])
  answers = true
  wire.arrive(call(4))
  expect(wire.sent).toEqual([ok(4)])
})

test('an error whose code is no integer is an internal error [MCP-022]', async () => {
  for (const code of [1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const { wire, internal } = openAnswerer(() => {
      throw new RpcError(code, 'private')
    })
    wire.arrive({ jsonrpc: '2.0', id: 1, method: 'm' })
    expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error' } }])
    expect(internal).toHaveLength(1)
  }
})

test('a call whose own notice ends the channel learns of the end', async () => {
  const wire: ManualChannel = createManualChannel({ onSend: () => wire.end() })
  const exchanges: Exchange[] = []
  const never = new Promise<JsonObject>(() => undefined)
  const peer = createPeer(wire, {
    request(_request, exchange) {
      exchanges.push(exchange)
      exchange.notify('notifications/progress')
      return never
    },
    notice() {},
  })
  wire.arrive({ jsonrpc: '2.0', id: 1, method: 'm' })
  expect(exchanges.map(({ cancelled, signal }) => [cancelled, signal.aborted])).toEqual([[true, true]])
  expect(peer.inFlight).toBe(0)
})
