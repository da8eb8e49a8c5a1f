import { describe, expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { createManualChannel, type ManualChannel } from '../testing/manual-channel.ts'
import type { Channel } from './channel.ts'
import { ConnectionError, RpcError } from './errors.ts'
import type { JsonRpcNotification, Notice } from './message.ts'
import { createPeer, type Peer, type PeerOptions, type Stray } from './peer.ts'

interface Caller {
  peer: Peer
  wire: ManualChannel
  clock: FakeClock
  strays: Stray[]
  notices: JsonRpcNotification[]
}

function openCaller(options: PeerOptions = {}): Caller {
  const wire = createManualChannel({ maxMessageBytes: 500 })
  const clock = createFakeClock()
  const strays: Stray[] = []
  const notices: JsonRpcNotification[] = []
  const responder = { request: () => ({}), notice: (notice: JsonRpcNotification) => void notices.push(notice) }
  const onStray = (stray: Stray): void => void strays.push(stray)
  const peer = createPeer(wire, responder, { conventions: mcpConventions, clock, onStray, ...options })
  return { peer, wire, clock, strays, notices }
}

/** How a call ended: its result, or what it rejected with. */
function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return call.catch((reason: unknown) => reason)
}

const result = (id: unknown): unknown => ({ jsonrpc: '2.0', id, result: { of: id } })
const progress = (id: number, n: number): unknown => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: id, progress: n },
})

test('calls have ids of their own that are never used again, and carry them as progress tokens [MCP-003, MCP-004, MCP-062]', () => {
  const { peer, wire } = openCaller()
  void peer.request('tools/call', { name: 'a', _meta: { x: 1 } })
  wire.arrive(result(1))
  void peer.request('tools/call')
  void peer.request('tools/list')
  expect(wire.sent).toEqual([
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', _meta: { x: 1, progressToken: 1 } } },
    { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { _meta: { progressToken: 2 } } },
    { jsonrpc: '2.0', id: 3, method: 'tools/list' },
  ])
})

test('each call settles with its own answer, in any order', async () => {
  const { peer, wire } = openCaller()
  const calls = [peer.request('a'), peer.request('b'), outcomeOf(peer.request('c'))]
  wire.arrive({ jsonrpc: '2.0', id: 3, error: { code: -32000, message: 'no', data: { why: 1 } } })
  wire.arrive(result(2))
  wire.arrive({ ...Object(result(1)), unknown: 'member' })
  const [a, b, c] = await Promise.all(calls)
  expect([a, b]).toEqual([{ of: 1 }, { of: 2 }])
  expect(c).toBeInstanceOf(RpcError)
  expect(c).toMatchObject({ code: -32000, message: 'no', data: { why: 1 } })
})

describe('an answer nobody waits for', () => {
  test.each([
    ['a wrong id', result(7), 'an answer to 7, which no pending call waits for'],
    ['an id of another type', result('1'), 'an answer to "1", which no pending call waits for'],
  ])('with %s is reported and settles nothing', async (_, answer, message) => {
    const { peer, wire, strays } = openCaller()
    const call = peer.request('a')
    wire.arrive(answer)
    expect(strays).toEqual([{ kind: 'unknown_id', message }])
    wire.arrive(result(1))
    expect(await call).toEqual({ of: 1 })
  })

  test('is the second of two', async () => {
    const { peer, wire, strays } = openCaller()
    const call = peer.request('a')
    wire.arrive(result(1))
    wire.arrive({ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'late' } })
    expect(await call).toEqual({ of: 1 })
    expect(strays).toMatchObject([{ kind: 'unknown_id' }])
  })

  test('has no id while two calls are pending', () => {
    const { peer, wire, strays } = openCaller()
    for (const method of ['a', 'b']) void outcomeOf(peer.request(method))
    wire.arrive({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'm' } })
    expect(strays).toEqual([
      { kind: 'unknown_id', message: 'an answer without an id, which no pending call waits for' },
    ])
  })
})

describe('giving up', () => {
  test('an aborted call rejects with the reason and is cancelled on the wire [MCP-034, MCP-057, MCP-059]', async () => {
    const { peer, wire, strays } = openCaller()
    const controller = new AbortController()
    const call = outcomeOf(peer.request('a', undefined, { signal: controller.signal }))
    const reason = new Error('changed my mind')
    controller.abort(reason)
    expect(await call).toBe(reason)
    const cancel = { method: 'notifications/cancelled', params: { requestId: 1, reason: 'changed my mind' } }
    expect(wire.sent.slice(1)).toEqual([{ jsonrpc: '2.0', ...cancel }])
    // the answer crossed
    wire.arrive(result(1))
    wire.arrive(progress(1, 1))
    expect(strays.map(({ kind }) => kind)).toEqual(['unknown_id', 'late_notice'])
  })

  test('a signal that is aborted already sends nothing', async () => {
    const { peer, wire } = openCaller()
    expect(await outcomeOf(peer.request('a', undefined, { signal: AbortSignal.abort('early') }))).toBe('early')
    expect(wire.sent).toEqual([])
  })

  test('an abort after the answer changes nothing', async () => {
    const { peer, wire } = openCaller()
    const controller = new AbortController()
    const call = peer.request('a', undefined, { signal: controller.signal })
    wire.arrive(result(1))
    controller.abort()
    expect(await call).toEqual({ of: 1 })
    expect(wire.sent).toHaveLength(1)
  })

  test('a call that may not be cancelled is only given up here', async () => {
    const { peer, wire } = openCaller()
    const controller = new AbortController()
    const options = { signal: controller.signal, cancellable: false }
    const call = outcomeOf(peer.request('initialize', undefined, options))
    controller.abort('enough')
    expect(await call).toBe('enough')
    expect(wire.sent).toHaveLength(1)
  })

  test.each([[Object.create(null)], [Symbol('s')], [undefined], [{ toString: 1 }], [() => 1], [7n]])(
    'any value may be the reason (%#)',
    async (reason) => {
      const { peer, wire } = openCaller()
      const controller = new AbortController()
      const call = outcomeOf(peer.request('a', undefined, { signal: controller.signal }))
      controller.abort(reason)
      expect(await call).toBe(controller.signal.reason)
      expect(wire.sent[1]).toMatchObject({ params: { requestId: 1, reason: expect.any(String) } })
    },
  )
})

describe('timeouts', () => {
  test('a call without an answer is given up and cancelled', async () => {
    const { peer, wire, clock } = openCaller()
    const call = outcomeOf(peer.request('a', undefined, { timeoutMs: 100 }))
    await clock.advance(99)
    expect(wire.sent).toHaveLength(1)
    await clock.advance(1)
    const message = 'a had no answer and no progress for 100 ms (timeoutMs)'
    expect(await call).toBeInstanceOf(ConnectionError)
    expect(await call).toMatchObject({ code: 'timeout', message, method: 'a', id: 1 })
    expect(wire.sent[1]).toMatchObject({ method: 'notifications/cancelled', params: { requestId: 1, reason: message } })
  })

  test('progress restarts the timeout, up to the total', async () => {
    const { peer, wire, clock } = openCaller({ timeoutMs: 100, maxTotalTimeoutMs: 250 })
    const call = outcomeOf(peer.request('tools/call'))
    for (const n of [1, 2, 3]) {
      await clock.advance(80)
      wire.arrive(progress(1, n))
    }
    expect(wire.sent).toHaveLength(1)
    await clock.advance(10)
    const message = 'tools/call was given up after 250 ms (maxTotalTimeoutMs)'
    expect(await call).toMatchObject({ code: 'total_timeout', message })
  })

  test('silence after progress ends a call before its total', async () => {
    const { peer, wire, clock } = openCaller({ timeoutMs: 100, maxTotalTimeoutMs: 1000 })
    const call = outcomeOf(peer.request('tools/call'))
    await clock.advance(80)
    wire.arrive(progress(1, 1))
    await clock.advance(99)
    expect(wire.sent).toHaveLength(1)
    await clock.advance(1)
    expect(await call).toMatchObject({ code: 'timeout' })
  })

  test('a call may wait for ever', async () => {
    const forever = Number.POSITIVE_INFINITY
    const { peer, wire, clock } = openCaller({ timeoutMs: forever, maxTotalTimeoutMs: forever })
    const call = peer.request('a')
    expect(clock.timers).toBe(0)
    await clock.advance(1e12)
    wire.arrive(result(1))
    expect(await call).toEqual({ of: 1 })
  })
})

describe('notices', () => {
  test('come to their call in order and before its answer', async () => {
    const { peer, wire, notices } = openCaller()
    const heard: unknown[] = []
    const onNotice = ({ params }: Notice): void => void heard.push(params?.progress)
    const call = peer.request('tools/call', undefined, { onNotice }).then(() => heard.push('answer'))
    for (const n of [1, 2, 3]) wire.arrive(progress(1, n))
    wire.arrive(result(1))
    wire.arrive(progress(1, 4))
    await call
    expect(heard).toEqual([1, 2, 3, 'answer'])
    expect(notices).toEqual([])
  })

  test('of no call go to the responder', () => {
    const { wire, notices } = openCaller()
    wire.arrive({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info' } })
    wire.arrive({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1.5 } })
    expect(notices.map(({ method }) => method)).toEqual(['notifications/message', 'notifications/progress'])
  })

  test('whose reader throws do not keep the answer from being read', async () => {
    const told: unknown[] = []
    const { peer, wire } = openCaller({ onInternalError: ({ cause }, method) => void told.push([cause, method]) })
    const boom = new Error('boom')
    const onNotice = (): void => {
      throw boom
    }
    const call = peer.request('tools/call', undefined, { onNotice })
    wire.arriveText(`${JSON.stringify(progress(1, 1))}\n${JSON.stringify(result(1))}\n`)
    expect(await call).toEqual({ of: 1 })
    expect(told).toEqual([[boom, 'notifications/progress']])
  })
})

test('params that cannot be written reject the call and nothing else', async () => {
  const { peer, wire, clock } = openCaller()
  const loop: Record<string, unknown> = {}
  loop.self = loop
  for (const params of [{ n: 1n }, loop]) {
    expect(await outcomeOf(peer.request('a', params))).toMatchObject({
      code: 'unserialisable',
      message: 'the params of a cannot be written as JSON',
      cause: expect.any(TypeError),
    })
  }
  expect(wire.sent).toEqual([])
  await clock.advance(1e6)
  expect(wire.sent).toEqual([])
  await expect(peer.notify('n', { n: 1n })).rejects.toMatchObject({ code: 'unserialisable' })
})

test('a channel may answer, or end, while it sends', async () => {
  const clock = createFakeClock()
  let receive: Parameters<Channel['open']>[0] | undefined
  const channel: Channel = {
    open(receiver) {
      receive = receiver
    },
    send(message) {
      if ('method' in message && message.method === 'end') receive?.end({ kind: 'failed', message: 'broken pipe' })
      else if ('id' in message) receive?.message(result(message.id))
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const peer = createPeer(channel, { request: () => ({}), notice() {} }, { clock })
  expect(await peer.request('a')).toEqual({ of: 1 })
  await clock.advance(1e6)
  expect(await outcomeOf(peer.request('end'))).toMatchObject({ code: 'closed', reason: { message: 'broken pipe' } })
  expect(clock.timers).toBe(0)
})

test('a peer without conventions marks and cancels nothing', async () => {
  const wire = createManualChannel()
  const heard: unknown[] = []
  const peer = createPeer(wire, { request: () => ({}), notice: (notice) => void heard.push(notice.method) })
  const controller = new AbortController()
  const call = outcomeOf(peer.request('tools/call', { a: 1 }, { signal: controller.signal }))
  controller.abort('x')
  await call
  wire.arrive({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { a: 1 } }])
  expect(heard).toEqual(['notifications/cancelled'])
})

test.each([
  ['timeoutMs', Number.NaN],
  ['timeoutMs', -1],
  ['timeoutMs', '300'],
  ['maxTotalTimeoutMs', Number.NaN],
  ['maxTotalTimeoutMs', {}],
])('%s of %p is refused by its name, for one call and for all', async (name, ms) => {
  const { peer, wire } = openCaller()
  // proof: what comes of a variable that nobody checked
  const limits = { [name]: ms as number }
  const error = await outcomeOf(peer.request('ping', {}, limits))
  expect(error).toBeInstanceOf(TypeError)
  expect(String(error)).toContain(`${name} must be milliseconds`)
  expect(wire.sent).toEqual([])
  expect(() => openCaller(limits)).toThrow(TypeError)
})
