import { expect, test } from 'bun:test'
import { mcpConventions } from './conventions.ts'
import type { Channel } from './jsonrpc/channel.ts'
import type { JsonObject } from './jsonrpc/message.ts'
import { createPeer, type Peer, type Stray } from './jsonrpc/peer.ts'
import { createFakeClock, type FakeClock } from './testing/fake-clock.ts'
import { createManualChannel, type ManualChannel } from './testing/manual-channel.ts'
import { playTranscript } from './testing/transcript.ts'

/** Each of these was seen to leave a caller without an answer until its timeout; here no time passes at all. */

function serve(channel: Channel): void {
  const loop: JsonObject = {}
  loop.self = loop
  createPeer(
    channel,
    { request: ({ method }) => (method === 'bigint' ? { n: 1n } : method === 'cycle' ? loop : {}), notice() {} },
    { conventions: mcpConventions, answersRubbish: true },
  )
}

interface Calling {
  peer: Peer
  wire: ManualChannel
  clock: FakeClock
  strays: Stray[]
}

function calling(): Calling {
  const wire = createManualChannel()
  const clock = createFakeClock()
  const strays: Stray[] = []
  const onStray = (stray: Stray): void => void strays.push(stray)
  const peer = createPeer(wire, { request: () => ({}), notice() {} }, { conventions: mcpConventions, clock, onStray })
  return { peer, wire, clock, strays }
}

function rejectionOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => ({ unexpected: value }),
    (reason: unknown) => reason,
  )
}

test('hang 1: an invalid request that carries an id is answered [MCP-005]', async () => {
  const transcript = `
    > {"jsonrpc":"2.0","id":1,"method":5}
    < {"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request: method must be a string, got a number"}}
    > {"id":"two","method":"m"}
    < {"jsonrpc":"2.0","id":"two","error":{"code":-32600, ...}}
    > {"jsonrpc":"2.0","id":3,"method":"m","params":[]}
    < {"jsonrpc":"2.0","id":3,"error":{"code":-32600, ...}}
    > {"jsonrpc":"2.0","id":1.5,"method":"m"}
    < {"jsonrpc":"2.0","error":{"code":-32600, ...}}
    > [{"jsonrpc":"2.0","id":4,"method":"m"}]
    < {"jsonrpc":"2.0","id":4,"error":{"code":-32600, ...}}
    > {"jsonrpc":"2.0","id":5,"method":"m", oops
    < {"jsonrpc":"2.0","id":5,"error":{"code":-32700, ...}}
  `
  await playTranscript(transcript, { serve })
})

test('hang 2: an unknown member of a request or an answer is tolerated', async () => {
  await playTranscript(
    `
    > {"jsonrpc":"2.0","id":1,"method":"m","extra":{"a":1}}
    < {"jsonrpc":"2.0","id":1,"result":{}}
    `,
    { serve },
  )
  const { peer, wire } = calling()
  const call = peer.request('m')
  wire.arrive({ jsonrpc: '2.0', id: 1, result: { a: 1 }, extra: true })
  expect(await call).toEqual({ a: 1 })
})

test('hang 3: an error without an id rejects the only pending call, and otherwise the deadline decides', async () => {
  const { peer, wire, clock, strays } = calling()
  const alone = rejectionOf(peer.request('m'))
  wire.arrive({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'bad' } })
  expect(await alone).toMatchObject({ name: 'RpcError', code: -32700, message: 'bad' })
  const two = ['a', 'b'].map((method) => rejectionOf(peer.request(method, undefined, { timeoutMs: 50 })))
  wire.arrive({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'bad' } })
  wire.arrive({ jsonrpc: '2.0', error: { code: -32700, message: 'bad' } })
  expect(strays.map(({ kind }) => kind)).toEqual(['unknown_id', 'unknown_id'])
  await clock.advance(50)
  for (const call of two) expect(await call).toMatchObject({ code: 'timeout' })
})

test('hang 4: an error with a fractional code rejects its call', async () => {
  const { peer, wire } = calling()
  const call = rejectionOf(peer.request('m'))
  wire.arrive({ jsonrpc: '2.0', id: 1, error: { code: -32000.5, message: 'odd' } })
  expect(await call).toMatchObject({ name: 'RpcError', code: -32000.5, message: 'odd' })
})

test('hang 5: an answer behind a log fragment without a newline settles its call', async () => {
  const { peer, wire, strays } = calling()
  const call = peer.request('m')
  wire.arriveText('Connecting to database... {"jsonrpc":"2.0","id":1,"result":{"a":1}}')
  expect(await call).toEqual({ a: 1 })
  expect(strays).toMatchObject([{ kind: 'unreadable' }])
})

test('hang 8: an answer with a wrong id is reported, and the deadline decides', async () => {
  const { peer, wire, clock, strays } = calling()
  const call = rejectionOf(peer.request('m', undefined, { timeoutMs: 50 }))
  wire.arrive({ jsonrpc: '2.0', id: 2, result: {} })
  wire.arrive({ jsonrpc: '2.0', id: '1', result: {} })
  expect(strays.map(({ kind }) => kind)).toEqual(['unknown_id', 'unknown_id'])
  await clock.advance(50)
  expect(await call).toMatchObject({ code: 'timeout' })
})

test('hang 9: a result that cannot be written is answered with an error', async () => {
  const transcript = `
    > {"jsonrpc":"2.0","id":1,"method":"bigint"}
    < {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"the result of bigint cannot be written as JSON"}}
    > {"jsonrpc":"2.0","id":2,"method":"cycle"}
    < {"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"the result of cycle cannot be written as JSON"}}
    > {"jsonrpc":"2.0","id":3,"method":"m"}
    < {"jsonrpc":"2.0","id":3,"result":{}}
  `
  await playTranscript(transcript, { serve })
})

test('hang at the end of reading: calls that can no longer be answered end at once', async () => {
  const { peer, wire } = calling()
  const call = rejectionOf(peer.request('m'))
  wire.readEnd({ kind: 'remote', message: 'stdout has ended' })
  expect(await call).toMatchObject({ code: 'closed', message: 'm was not answered: stdout has ended' })
})
