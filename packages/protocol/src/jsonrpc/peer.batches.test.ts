import { describe, expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import { settle } from '../testing/fake-clock.ts'
import { createManualChannel, type ManualChannel } from '../testing/manual-channel.ts'
import type { JsonObject, JsonRpcRequest } from './message.ts'
import { createPeer, MAX_BATCH_SIZE, type Peer } from './peer.ts'

function open(accepts: boolean, answersRubbish = true): { peer: Peer; wire: ManualChannel; heard: string[] } {
  const wire = createManualChannel()
  const heard: string[] = []
  const request = ({ method, params }: JsonRpcRequest): JsonObject | Promise<JsonObject> => {
    heard.push(method)
    if (method === 'fail') throw new Error('boom')
    if (method === 'unserialisable') return { n: 1n }
    if (method === 'never') return new Promise(() => undefined)
    return method === 'slow' ? settle().then(() => ({ ...params })) : { ...params }
  }
  const notice = ({ method }: { method: string }): void => void heard.push(method)
  const peer = createPeer(
    wire,
    { request, notice },
    {
      conventions: mcpConventions,
      acceptsBatches: () => accepts,
      answersRubbish,
    },
  )
  return { peer, wire, heard }
}

const call = (id: unknown, method = 'm'): JsonObject => ({ jsonrpc: '2.0', id, method })
const notice = (method: string, params?: JsonObject): JsonObject => ({
  jsonrpc: '2.0',
  method,
  ...(params && { params }),
})
const ok = (id: unknown): JsonObject => ({ jsonrpc: '2.0', id, result: {} })
const error = (id: unknown, code: number, message: unknown = expect.any(String)): JsonObject => ({
  jsonrpc: '2.0',
  ...(id !== undefined && { id }),
  error: { code, message },
})

describe('an accepted batch', () => {
  test('is answered by one array, when the last answer is there [MCP-008]', async () => {
    const { wire, heard } = open(true)
    wire.arrive([call(1, 'slow'), notice('n'), call('two'), call(3, 'fail')])
    expect(wire.sent).toEqual([])
    await settle()
    await settle()
    expect(wire.sent).toEqual([[ok('two'), error(3, -32603, 'Internal error'), ok(1)]])
    expect(heard).toEqual(['slow', 'n', 'm', 'fail'])
  })

  test.each<[string, JsonObject[]]>([
    ['notifications', [notice('a'), notice('b')]],
    ['responses', [ok(8), error(9, 1)]],
  ])('of nothing but %s is not answered', (_, messages) => {
    const { wire } = open(true)
    wire.arrive(messages)
    expect(wire.sent).toEqual([])
  })

  test('settles the calls its responses answer', async () => {
    const { peer, wire } = open(true)
    const calls = [peer.request('a'), peer.request('b')]
    wire.arrive([ok(2), call(7), ok(1)])
    expect(await Promise.all(calls)).toEqual([{}, {}])
    expect(wire.sent.slice(2)).toEqual([[ok(7)]])
  })

  test('answers each invalid member, a nested batch among them', () => {
    const { wire, heard } = open(true)
    wire.arrive([
      1,
      call(null),
      call(5, 'm'),
      { jsonrpc: '1.0', id: 6, method: 'm' },
      [call(7)],
      { jsonrpc: '2.0', id: 8 },
    ])
    const [answers] = wire.sent
    expect(answers).toEqual([
      error(undefined, -32600),
      error(undefined, -32600),
      ok(5),
      error(6, -32600),
      error(undefined, -32600),
      error(8, -32600),
    ])
    expect(heard).toEqual(['m'])
  })

  test('may be nested without end and still costs no stack', () => {
    const { wire } = open(true)
    wire.arriveText(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    wire.arrive(call(1))
    expect(wire.sent).toEqual([[error(undefined, -32600)], ok(1)])
  })

  test('loses no other answer to one that cannot be written', async () => {
    for (const order of [['unserialisable', 'slow', 'm'], ['slow', 'm', 'unserialisable'], ['unserialisable']]) {
      const { wire } = open(true)
      wire.arrive(order.map((method) => call(method, method)))
      await settle()
      await settle()
      expect(wire.sent).toHaveLength(1)
      const answers = wire.sent[0]
      expect(answers).toHaveLength(order.length)
      for (const method of order) {
        const answer = method === 'unserialisable' ? error(method, -32603) : ok(method)
        expect(answers).toContainEqual(answer)
      }
    }
  })

  test('is complete without the answer of a cancelled member', async () => {
    const { wire } = open(true)
    wire.arrive([call(1, 'never'), call(2), notice('notifications/cancelled', { requestId: 1 })])
    expect(wire.sent).toEqual([[ok(2)]])
    wire.arrive([call(3, 'never')])
    wire.arrive(notice('notifications/cancelled', { requestId: 3 }))
    expect(wire.sent).toHaveLength(1)
  })

  test('refuses the second use of an id in it', () => {
    const { wire } = open(true)
    wire.arrive([call(1, 'never'), call(1), notice('notifications/cancelled', { requestId: 1 })])
    expect(wire.sent).toEqual([[error(1, -32600)]])
  })

  test(`holds ${MAX_BATCH_SIZE} messages`, () => {
    const { wire, heard } = open(true)
    wire.arrive(Array.from({ length: MAX_BATCH_SIZE }, (_, id) => call(id)))
    expect(heard).toHaveLength(MAX_BATCH_SIZE)
    expect(wire.sent).toHaveLength(1)
  })
})

describe('a refused batch', () => {
  const not = 'batches are not part of the protocol revision in use'

  test('runs nothing and answers each request whose id can be read', () => {
    const { wire, heard } = open(false)
    wire.arrive([call(1), notice('n'), call(null), call('two'), { method: 5, id: 3 }, 4])
    expect(wire.sent).toEqual([1, 'two', 3].map((id) => error(id, -32600, not)))
    expect(heard).toEqual([])
  })

  test.each([[[]], [[1]], [[{ jsonrpc: '2.0', method: 'n' }]]])(
    '%j has no id to answer, so the answer has none',
    (batch) => {
      const { wire } = open(false)
      wire.arrive(batch)
      expect(wire.sent).toEqual([error(undefined, -32600)])
      const quiet = open(false, false)
      quiet.wire.arrive(batch)
      expect(quiet.wire.sent).toEqual([])
    },
  )

  test('settles the calls its responses answer all the same, and is not answered for them', async () => {
    const { peer, wire } = open(false)
    const calls = [peer.request('a'), peer.request('b').catch((reason: unknown) => reason)]
    wire.arrive([ok(1), error(2, 5, 'no')])
    expect(await Promise.all(calls)).toEqual([{}, expect.objectContaining({ code: 5 })])
    expect(wire.sent).toHaveLength(2)
  })

  test('is empty, or too large, even where batches are accepted', () => {
    const { wire, heard } = open(true)
    wire.arrive([])
    expect(wire.sent).toEqual([error(undefined, -32600, 'an empty batch is not a message')])
    const size = MAX_BATCH_SIZE + 50
    wire.arrive(Array.from({ length: size }, (_, id) => call(id)))
    const tooLarge = `a batch of ${size} messages is over the limit of ${MAX_BATCH_SIZE}`
    expect(wire.sent.slice(1)).toEqual(Array.from({ length: size }, (_, id) => error(id, -32600, tooLarge)))
    expect(heard).toEqual([])
  })
})
