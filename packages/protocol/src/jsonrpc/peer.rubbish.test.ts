import { describe, expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import { createManualChannel, type ManualChannel } from '../testing/manual-channel.ts'
import { createPeer, type Peer, type Stray } from './peer.ts'

const LIMIT = 400

function open(side: 'server' | 'client'): { peer: Peer; wire: ManualChannel; strays: Stray[] } {
  const wire = createManualChannel({ maxMessageBytes: LIMIT })
  const strays: Stray[] = []
  const peer = createPeer(
    wire,
    { request: () => ({}), notice() {} },
    {
      conventions: mcpConventions,
      answersRubbish: side === 'server',
      onStray: (stray) => void strays.push(stray),
    },
  )
  return { peer, wire, strays }
}

const error = (id: unknown, code: number): unknown => ({
  jsonrpc: '2.0',
  ...(id !== undefined && { id }),
  error: { code, message: expect.any(String) },
})
const pad = 'x'.repeat(LIMIT)

describe('a server', () => {
  test.each<[string, string, unknown]>([
    ['rubbish', 'nonsense', error(undefined, -32700)],
    ['a broken request', '{"jsonrpc":"2.0","method":"m","id":3', error(undefined, -32700)],
    ['a broken request whose id is whole', '{"jsonrpc":"2.0","id":3,"method":"m', error(3, -32700)],
    ['a request that is too long', `{"id":"x","method":"m","params":{"a":"${pad}"}}`, error('x', -32600)],
    [
      'a request that is too long, its id last',
      `{"params":{"id":1,"a":"${pad}"},"method":"m","id":2}`,
      error(2, -32600),
    ],
    ['a value that is no message', '5', error(undefined, -32600)],
    ['a request without a version', '{"id":3,"method":"m"}', error(3, -32600)],
    ['a request with a fractional id', '{"jsonrpc":"2.0","id":3.5,"method":"m"}', error(undefined, -32600)],
    ['a message with an id alone', '{"jsonrpc":"2.0","id":3}', error(3, -32600)],
  ])('answers %s, and the request behind it', (_, line, answer) => {
    const { wire, strays } = open('server')
    wire.arriveText(`${line}\n{"jsonrpc":"2.0","id":9,"method":"m"}\n`)
    expect(wire.sent).toEqual([answer, { jsonrpc: '2.0', id: 9, result: {} }])
    expect(strays).toMatchObject([{ kind: expect.stringMatching(/^(invalid|unreadable)$/) }])
  })

  test.each([
    '{"jsonrpc":"2.0","method":"m","params":[]}',
    '{"jsonrpc":"2.0","method":"m","params":5}',
    '{"jsonrpc":"2.0","method":"m","result":{}}',
  ])('[MCP-007] never answers the malformed notification %s', (line) => {
    const { wire, strays } = open('server')
    wire.arriveText(`${line}\n`)
    expect(wire.sent).toEqual([])
    expect(strays).toMatchObject([{ kind: 'invalid' }])
  })

  test('never answers what is an answer itself', () => {
    const { wire } = open('server')
    wire.arriveText('{"jsonrpc":"2.0","id":3,"result":5}\n{"jsonrpc":"2.0","id":3,"result":{\n')
    wire.arriveText(`{"jsonrpc":"2.0","id":3,"result":{"a":"${pad}"}}\n{"id":null,"error":{}}`)
    expect(wire.sent).toEqual([])
  })

  test('reports what arrived by its start only', () => {
    const { wire, strays } = open('server')
    wire.arrive({ a: 'x'.repeat(300) })
    wire.arriveText('y'.repeat(300))
    expect(strays.map(({ excerpt }) => excerpt?.length)).toEqual([200, 200])
  })

  test('survives an invalid message nested too deeply to be shown', () => {
    const wire = createManualChannel()
    createPeer(wire, { request: () => ({}), notice() {} }, { answersRubbish: true })
    wire.arriveText(`{"id":1,"method":"m","params":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)
    expect(wire.sent).toEqual([error(1, -32600)])
  })
})

describe('a client', () => {
  test.each([
    ['Listening on port 3000'],
    ['{"level":"error","error":"x"}'],
    ['{"level":"error","error":"x"} and more'],
    ['{"id":3,"msg":"a log line with an id"}'],
    ['null'],
  ])('answers nothing to %s, and no call ends by it', async (line) => {
    const { peer, wire, strays } = open('client')
    const call = peer.request('a')
    wire.arriveText(line)
    expect(wire.sent).toHaveLength(1)
    expect(strays).toHaveLength(1)
    wire.arrive({ jsonrpc: '2.0', id: 1, result: {} })
    expect(await call).toEqual({})
  })

  test('rejects the call that an answer without any outcome is for', async () => {
    const { peer, wire } = open('client')
    const calls = [peer.request('m'), peer.request('n')]
    wire.arriveText('{"jsonrpc":"2.0","id":1}\n{"jsonrpc":"2.0","id":2,"result":{}}\n')
    expect(await Promise.allSettled(calls)).toMatchObject([
      { status: 'rejected', reason: { code: 'unanswerable', id: 1 } },
      { status: 'fulfilled' },
    ])
  })

  test.each(['{"id":1,"msg":"x"}', '{"level":"error","error":"x"}', '{"jsonrpc":"2.0"}'])(
    'takes the log line %s for no answer',
    async (line) => {
      const { peer, wire, strays } = open('client')
      const call = peer.request('m')
      wire.arriveText(`${line}\n{"jsonrpc":"2.0","id":1,"result":{}}\n`)
      expect(await call).toEqual({})
      expect(strays).toMatchObject([{ kind: 'invalid' }])
      expect(wire.sent).toHaveLength(1)
    },
  )

  test('still answers a request it cannot take', () => {
    const { wire } = open('client')
    wire.arriveText('{"jsonrpc":"2.0","id":3,"method":5}')
    expect(wire.sent).toEqual([error(3, -32600)])
  })

  test.each<[string, string, string]>([
    ['a result that is no object', '{"jsonrpc":"2.0","id":1,"result":[]}', 'unanswerable'],
    ['a result and an error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', 'unanswerable'],
    ['an error without a message', '{"jsonrpc":"2.0","id":1,"error":{"code":1}}', 'unanswerable'],
    ['a version that is missing', '{"id":1,"result":{}}', 'unanswerable'],
    ['a result without an id', '{"jsonrpc":"2.0","result":{}}', 'unanswerable'],
    ['an answer that is cut off', '{"jsonrpc":"2.0","id":1,"result":{"a"', 'unanswerable'],
    ['an answer that is too long', `{"jsonrpc":"2.0","result":{"a":"${pad}"},"id":1}`, 'too_large'],
    ['an answer that is too long and has no id', `{"jsonrpc":"2.0","result":{"a":"${pad}"}}`, 'too_large'],
  ])('ends the call that %s answers', async (_, line, code) => {
    const { peer, wire } = open('client')
    const call = peer.request('a').catch((reason: unknown) => reason)
    wire.arriveText(line)
    expect(await call).toMatchObject({ name: 'ConnectionError', code, method: 'a', id: 1 })
    expect(wire.sent).toHaveLength(1)
  })

  test('believes an answer behind a log fragment only when it is waited for', async () => {
    const { peer, wire, strays } = open('client')
    const first = peer.request('a')
    wire.arriveText('debug: {"jsonrpc":"2.0","id":7,"result":{}}')
    wire.arriveText('debug: {"jsonrpc":"2.0","error":{"code":1,"message":"m"}}')
    const second = peer.request('b').catch((reason: unknown) => reason)
    wire.arriveText('debug: {"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"m"}}')
    wire.arriveText('debug: {"jsonrpc":"2.0","id":1,"result":{"a":1}}')
    expect(await first).toEqual({ a: 1 })
    expect(await second).toMatchObject({ name: 'RpcError', code: 1 })
    expect(strays.map(({ kind }) => kind)).toEqual(Array(4).fill('unreadable'))
    expect(wire.sent).toHaveLength(2)
  })

  test('runs no request behind a log fragment', () => {
    const { wire } = open('client')
    wire.arriveText('debug: {"jsonrpc":"2.0","id":7,"method":"m"}')
    expect(wire.sent).toEqual([error(7, -32700)])
  })
})
