import { describe, expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import { createFakeClock, settle } from '../testing/fake-clock.ts'
import { createManualChannel } from '../testing/manual-channel.ts'
import { memoryChannelPair } from '../testing/memory.ts'
import type { Exchange } from './caller.ts'
import type { CloseReason } from './errors.ts'
import type { JsonObject } from './message.ts'
import { createPeer, type Peer } from './peer.ts'

const silent = { request: (): JsonObject => ({}), notice() {} }
const crash: CloseReason = {
  kind: 'failed',
  message: 'the server exited with code 3',
  exitCode: 3,
  stderrTail: ['out of memory'],
}

function rejectionOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => ({ unexpected: value }),
    (reason: unknown) => reason,
  )
}

test('closing one side ends the calls of both with a reason', async () => {
  const [near, far] = memoryChannelPair()
  const [left, right] = [
    createPeer(near, silent),
    createPeer(far, { ...silent, request: () => new Promise(() => undefined) }),
  ]
  const pending = rejectionOf(left.request('a'))
  await settle()
  await left[Symbol.asyncDispose]()
  expect(await left.closed).toEqual({ kind: 'local', message: 'closed by this side' })
  expect(await right.closed).toEqual({ kind: 'remote', message: 'closed by the other side' })
  expect(await pending).toMatchObject({
    name: 'ConnectionError',
    code: 'closed',
    message: 'a was not answered: closed by this side',
    method: 'a',
  })
  expect(right.inFlight).toBe(0)
})

test('the evidence of a crash reaches every pending call, and those that come later', async () => {
  const clock = createFakeClock()
  const wire = createManualChannel()
  const peer = createPeer(wire, silent, { clock })
  const calls = ['a', 'b'].map((method) => rejectionOf(peer.request(method)))
  wire.end(crash)
  for (const call of [...calls, rejectionOf(peer.request('c'))]) {
    expect(await call).toMatchObject({ code: 'closed', reason: crash })
  }
  expect(await peer.closed).toBe(crash)
  expect(clock.timers).toBe(0)
})

test('the end aborts what is being answered, without an answer', async () => {
  const exchanges: Exchange[] = []
  const work = Promise.withResolvers<JsonObject>()
  const wire = createManualChannel()
  const peer = createPeer(wire, {
    request(_request, exchange) {
      exchanges.push(exchange)
      return work.promise
    },
    notice() {},
  })
  for (const id of [1, 2]) wire.arrive({ jsonrpc: '2.0', id, method: 'm' })
  const { signal } = exchanges[0] ?? {}
  const idle = peer.idle()
  wire.end(crash)
  await idle
  expect(signal?.reason).toMatchObject({ name: 'AbortError', message: crash.message })
  expect(exchanges[1]?.signal.aborted).toBe(true)
  work.resolve({})
  await settle()
  expect(wire.sent).toEqual([])
})

test('nothing is sent after the end', async () => {
  const wire = createManualChannel()
  const peer = createPeer(wire, silent)
  await peer[Symbol.asyncDispose]()
  expect(wire.closed).toBe(true)
  expect(await rejectionOf(peer.notify('n'))).toMatchObject({ code: 'closed' })
  await peer[Symbol.asyncDispose]()
  expect(wire.sent).toEqual([])
})

describe('the end of reading', () => {
  function halfClosed(): { peer: Peer; wire: ReturnType<typeof createManualChannel>; finish: () => void } {
    const work = Promise.withResolvers<JsonObject>()
    const wire = createManualChannel()
    const responder = { request: () => work.promise, notice() {} }
    const peer = createPeer(wire, responder, { conventions: mcpConventions })
    wire.arrive({ jsonrpc: '2.0', id: 1, method: 'm' })
    return { peer, wire, finish: () => work.resolve({}) }
  }

  test('hang: a call whose answer can no longer come ends at once, and nothing is sent for it', async () => {
    const { peer, wire } = halfClosed()
    const controller = new AbortController()
    const call = rejectionOf(peer.request('a', undefined, { signal: controller.signal }))
    const reason: CloseReason = { kind: 'remote', message: 'stdin has ended' }
    wire.readEnd(reason)
    expect(await call).toMatchObject({ code: 'closed', reason })
    expect(await rejectionOf(peer.request('b'))).toMatchObject({ code: 'closed', reason })
    controller.abort()
    expect(wire.sent).toMatchObject([{ method: 'a' }])
  })

  test('lets running calls finish and their answers leave', async () => {
    const { peer, wire, finish } = halfClosed()
    wire.readEnd()
    expect(peer.inFlight).toBe(1)
    finish()
    await peer.idle()
    expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }])
    wire.end(crash)
    expect(await peer.closed).toBe(crash)
  })
})

test('what is sent after the end says so, with the latest that is known of the end', async () => {
  const wire = createManualChannel()
  const peer = createPeer(wire, silent)
  wire.readEnd({ kind: 'remote', message: 'stdout has ended' })
  expect(await rejectionOf(peer.request('early'))).toMatchObject({ message: 'early was not sent: stdout has ended' })
  await peer.notify('still/leaves')
  expect(wire.sent).toEqual([{ jsonrpc: '2.0', method: 'still/leaves' }])
  wire.end(crash)
  const words = 'was not sent: the server exited with code 3'
  expect(await rejectionOf(peer.request('late'))).toMatchObject({ message: `late ${words}`, reason: crash })
  expect(await rejectionOf(peer.notify('late'))).toMatchObject({
    code: 'closed',
    message: `late ${words}`,
    reason: crash,
  })
  expect(wire.sent).toHaveLength(1)
})

test('a notice that is no JSON is refused to its sender alone', async () => {
  const wire = createManualChannel()
  const peer = createPeer(wire, silent)
  expect(await rejectionOf(peer.notify('n', { big: 1n }))).toMatchObject({ code: 'unserialisable', method: 'n' })
  await peer.notify('n', { big: 1 })
  expect(wire.sent).toHaveLength(1)
})
