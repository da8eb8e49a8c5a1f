import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { bearer } from './auth/authorizer.ts'
import { CACHE_PATIENCE_MS } from './cache.ts'
import { type CacheStore, createMemoryCache } from './cache-store.ts'
import type { Client } from './client.ts'
import { type ConnectOptions, connect } from './connect.ts'
import { failure } from './testing/failure.test.kit.ts'
import {
  type Incoming,
  ofEra,
  type ScriptedTransport,
  scripted,
  type Wire,
} from './testing/scripted-server.test.kit.ts'
import { http } from './transports/http.ts'
import type { Transport } from './transports/transport.ts'

const tool = (name: string): JsonObject => ({ name, inputSchema: { type: 'object' } })
const PUBLIC = { ttlMs: 1_000, cacheScope: 'public' }
const PRIVATE = { ttlMs: 1_000, cacheScope: 'private' }

/** A server whose answers are numbered, so that it shows which of them was kept. */
function counting(hints: JsonObject = PRIVATE, era: 'modern' | 'legacy' = 'modern'): ScriptedTransport {
  let count = 0
  return scripted(
    ofEra(era, (call, wire) => {
      count++
      if (call.method === 'tools/list') return wire.answer(call, { tools: [tool(`t${count}`)], ...hints })
      if (call.method === 'resources/read') {
        return wire.answer(call, { contents: [{ uri: call.params?.uri, text: String(count) }], ...hints })
      }
      wire.answer(call, { content: [] })
    }),
  )
}

const names = async (client: Client): Promise<string[]> => (await client.listTools()).map(({ name }) => name)
const text = async (client: Client, uri: string): Promise<unknown> => (await client.readResource(uri)).contents[0]?.text

function change(wire: Wire, method: string, params: JsonObject = {}): Promise<void> {
  wire.send({ jsonrpc: '2.0', method: `notifications/${method}`, params })
  return wire.flushed()
}

describe('what a server lets a client keep', () => {
  test('[MCP-151] is kept as long as it said', async () => {
    const clock = createFakeClock()
    await using client = await connect(counting(), { clock })
    expect([await names(client), await names(client)]).toEqual([['t1'], ['t1']])
    await clock.advance(999)
    expect(await names(client)).toEqual(['t1'])
    await clock.advance(1)
    expect(await names(client)).toEqual(['t2'])
  })

  test.each<[string, JsonObject]>([
    ['no ttlMs', { cacheScope: 'public' }],
    ['a ttlMs of 0', { ttlMs: 0, cacheScope: 'public' }],
    ['a negative ttlMs', { ttlMs: -5, cacheScope: 'public' }],
    ['a ttlMs that is no number', { ttlMs: '1000', cacheScope: 'public' }],
  ])('[MCP-151] with %s is not kept', async (_, hints) => {
    await using client = await connect(counting(hints))
    expect([await names(client), await names(client)]).toEqual([['t1'], ['t2']])
  })

  test('is read again on demand, and that is kept', async () => {
    await using client = await connect(counting())
    await client.listTools()
    expect((await client.listTools({ fresh: true }))[0]?.name).toBe('t2')
    expect(await names(client)).toEqual(['t2'])
  })

  test('[MCP-152] answers the same question only', async () => {
    await using client = await connect(counting())
    expect([await text(client, 'a:1'), await text(client, 'a:2'), await text(client, 'a:1')]).toEqual(['1', '2', '1'])
  })

  test('is nothing where the revision does not know of it', async () => {
    await using client = await connect(counting(PUBLIC, 'legacy'))
    expect([await names(client), await names(client)]).toEqual([['t1'], ['t2']])
  })

  test('belongs to whoever gets it: changing it changes no other copy', async () => {
    await using client = await connect(counting())
    const [first, again] = await Promise.all([client.listTools(), client.listTools()])
    for (const list of [first, again, await client.listTools()]) {
      expect(list[0]?.name).toBe('t1')
      for (const one of list) one.name = 'spoilt'
    }
    expect(await names(client)).toEqual(['t1'])
  })

  test('is not kept for requests with headers of their own', async () => {
    await using client = await connect(counting())
    await client.listTools()
    const headers = { authorization: 'Bearer other' }
    expect((await client.listTools({ headers }))[0]?.name).toBe('t2')
    expect(await names(client)).toEqual(['t1'])
  })
})

describe('pages', () => {
  /** Three pages; the first is fresh for longer than the others. */
  function book(refuses: { cursor?: string }): ScriptedTransport {
    let count = 0
    return scripted(
      ofEra('modern', (call, wire) => {
        const cursor = call.params?.cursor
        if (cursor !== undefined && cursor === refuses.cursor) {
          delete refuses.cursor
          return wire.fail(call, -32602, 'Invalid cursor')
        }
        const next = cursor === undefined ? 'b' : cursor === 'b' ? 'c' : undefined
        const ttlMs = cursor === undefined ? 5_000 : 1_000
        wire.answer(call, { tools: [tool(`t${++count}`)], ttlMs, ...(next !== undefined && { nextCursor: next }) })
      }),
    )
  }

  test('[MCP-158] each have a clock of their own, and one that is over is read again by its cursor', async () => {
    const clock = createFakeClock()
    const server = book({})
    await using client = await connect(server, { clock })
    expect(await names(client)).toEqual(['t1', 't2', 't3'])
    await clock.advance(2_000)
    expect(await names(client)).toEqual(['t1', 't4', 't5'])
  })

  test('[MCP-157] [MCP-158] are all dropped when a cursor is refused, and read once more from the first', async () => {
    const clock = createFakeClock()
    const refuses: { cursor?: string } = {}
    const server = book(refuses)
    await using client = await connect(server, { clock })
    await client.listTools()
    await clock.advance(2_000)
    refuses.cursor = 'c'
    expect(await names(client)).toEqual(['t5', 't6', 't7'])
    expect(server.received.slice(-3).map(({ params }) => params?.cursor)).toEqual([undefined, 'b', 'c'])
  })
})

describe('notices', () => {
  test('[MCP-156] of another list end what is kept of it at once, and what is under way is not kept', async () => {
    const held: (() => void)[] = []
    let count = 0
    const server = scripted(
      ofEra('modern', (call, wire) => {
        const name = `t${++count}`
        held.push(() => wire.answer(call, { tools: [tool(name)], ...PRIVATE }))
      }),
    )
    await using client = await connect(server)
    const slow = names(client)
    await server.got('tools/list')
    await change(server.wire, 'tools/list_changed')
    const next = names(client)
    await server.got('tools/list', 2)
    for (const answer of held.splice(0).reverse()) answer()
    expect([await slow, await next]).toEqual([['t1'], ['t2']])
    expect(await names(client)).toEqual(['t2'])
    await change(server.wire, 'prompts/list_changed')
    expect(await names(client)).toEqual(['t2'])
    await change(server.wire, 'tools/list_changed')
    const last = names(client)
    await server.got('tools/list', 3)
    for (const answer of held.splice(0)) answer()
    expect(await last).toEqual(['t3'])
  })

  test('[MCP-156] of a resource end what is kept of it, and of no other', async () => {
    const server = counting()
    await using client = await connect(server)
    await text(client, 'a:1')
    await text(client, 'a:2')
    await change(server.wire, 'resources/updated', { uri: 'a:1' })
    expect([await text(client, 'a:1'), await text(client, 'a:2')]).toEqual(['3', '2'])
  })
})

describe('identical reads', () => {
  test.each(['modern', 'legacy'] as const)('under way at the same time are one request (%s)', async (era) => {
    const server = counting({}, era)
    await using client = await connect(server)
    expect(await Promise.all([names(client), names(client)])).toEqual([['t1'], ['t1']])
    expect(server.methods.filter((method) => method === 'tools/list')).toHaveLength(1)
  })

  test('are two when a call ended in between, which may have changed something', async () => {
    const lists: Incoming[] = []
    const server = scripted(
      ofEra('modern', (call, wire) => {
        if (call.method !== 'tools/list') return wire.answer(call, { content: [] })
        lists.push(call)
        if (lists.length > 1) for (const one of lists) wire.answer(one, { tools: [] })
      }),
    )
    await using client = await connect(server)
    const before = client.listTools()
    await client.callTool('add')
    await Promise.all([before, client.listTools()])
    expect(lists).toHaveLength(2)
  })

  test('go on when one of those who wait gives up, and end with the last', async () => {
    const server = scripted(ofEra('modern', () => {}))
    await using client = await connect(server)
    const [one, other] = [new AbortController(), new AbortController()]
    const first = failure(client.listTools({ signal: one.signal }))
    const second = failure(client.listTools({ signal: other.signal }))
    await server.got('tools/list')
    one.abort('enough')
    expect(await first).toBe('enough')
    expect(server.methods).not.toContain('notifications/cancelled')
    other.abort('me too')
    expect(await second).toBe('me too')
    await server.got('notifications/cancelled')
    expect(server.methods.filter((method) => method === 'tools/list')).toHaveLength(1)
  })

  test('are not sent for somebody who has given up before', async () => {
    const server = counting()
    await using client = await connect(server)
    expect(await failure(client.listTools({ signal: AbortSignal.abort('no') }))).toBe('no')
    expect(server.methods).toEqual(['server/discover'])
  })
})

test('[MCP-153] the result of a read that was answered with questions first is not kept', async () => {
  let reads = 0
  const server = scripted(
    ofEra('modern', (call, wire) => {
      reads++
      if (call.params?.inputResponses === undefined) {
        return wire.answer(call, { resultType: 'input_required', inputRequests: { q: { method: 'roots/list' } } })
      }
      wire.answer(call, { contents: [{ uri: 'a:1', text: String(reads) }], ...PUBLIC })
    }),
  )
  await using client = await connect(server, { on: { roots: [] } })
  expect([await text(client, 'a:1'), await text(client, 'a:1')]).toEqual(['2', '4'])
})

describe('a store of several clients', () => {
  /** Two clients of the same server, which a name and an identity stand for. */
  async function two(hints: JsonObject, options: ConnectOptions = {}): Promise<[Client, Client]> {
    const server = counting(hints)
    return [await connect(server, options), await connect(server, options)]
  }

  test('shares what is public, and is told no secret of the server', async () => {
    const families = new Set<string>()
    const inner = createMemoryCache()
    const store: CacheStore = {
      ...inner,
      set(entry) {
        families.add(entry.family)
        inner.set(entry)
      },
    }
    const [a, b] = await two(PUBLIC, { cacheStore: store })
    expect([await names(a), await names(b)]).toEqual([['t1'], ['t1']])
    expect([...families]).toEqual([expect.stringMatching(/^[0-9a-f]{64} tools\/list$/)])
    await Promise.all([a.close(), b.close()])
  })

  test('[MCP-154] never holds what is private', async () => {
    const cacheStore = createMemoryCache()
    const [a, b] = await two(PRIVATE, { cacheStore })
    expect([await names(a), await names(b), await names(a)]).toEqual([['t1'], ['t2'], ['t1']])
    await Promise.all([a.close(), b.close()])
  })

  test('keeps servers apart', async () => {
    const cacheStore = createMemoryCache()
    await using a = await connect(counting(PUBLIC), { cacheStore })
    await using b = await connect(counting(PUBLIC), { cacheStore })
    await names(a)
    await a.listTools({ fresh: true })
    expect([await names(a), await names(b)]).toEqual([['t2'], ['t1']])
  })

  test('that fails, or gives back rubbish, costs a request and is reported', async () => {
    const strays: string[] = []
    const fails = (): never => {
      throw new Error('no disk')
    }
    const onStray = ({ message }: { message: string }): void => void strays.push(message)
    await using client = await connect(counting(PUBLIC), {
      onStray,
      cacheStore: { get: fails, set: fails, drop: fails },
    })
    expect([await names(client), await names(client)]).toEqual([['t1'], ['t2']])
    expect(strays).toContainEqual('the cache failed: no disk')
    await using other = await connect(counting(PUBLIC), {
      cacheStore: { get: () => '{', set() {}, drop() {} },
    })
    expect(await names(other)).toEqual(['t1'])
    await using third = await connect(counting(PUBLIC), { cacheStore: { get: () => 'null', set() {}, drop() {} } })
    expect(await names(third)).toEqual(['t1'])
  })

  test('that never answers costs its patience and no more', async () => {
    const clock = createFakeClock()
    const never = new Promise<never>(() => undefined)
    const cacheStore: CacheStore = { get: () => never, set: () => never, drop() {} }
    const strays: string[] = []
    const onStray = ({ message }: { message: string }): void => void strays.push(message)
    await using client = await connect(counting(PUBLIC), { clock, cacheStore, onStray })
    const answer = names(client)
    await clock.advance(CACHE_PATIENCE_MS)
    expect(await answer).toEqual(['t1'])
    expect(strays).toEqual([expect.stringContaining('CACHE_PATIENCE_MS')])
  })
})

describe('who asks is learned before anything that is kept is shown', () => {
  const asked = (server: ScriptedTransport, identify: Transport['identify']): Transport => ({
    name: server.name,
    identity: server.identity,
    silenceIsEvidence: true,
    identify,
    open: (options) => server.open(options),
  })

  test.each(['at once', 'later'])(
    'by the credentials of the next request, which are known %s [MCP-154]',
    async (when) => {
      let user = 'ada'
      const identify = when === 'later' ? async () => user : () => user
      // the transport of a user tells the same to whoever looks at it
      const transport: Transport = {
        ...asked(counting(), identify),
        get principal() {
          return user
        },
      }
      await using client = await connect(transport)
      expect([await names(client), await names(client)]).toEqual([['t1'], ['t1']])
      user = 'bob'
      expect(await names(client)).toEqual(['t2'])
    },
  )

  test('and nothing private is kept or shared where nobody can tell', async () => {
    const server = counting()
    await using client = await connect(asked(server, () => null))
    expect(await Promise.all([names(client), names(client)])).toEqual([['t1'], ['t2']])
    expect(await names(client)).toEqual(['t3'])
    await using open = await connect(asked(counting(PUBLIC), () => null))
    expect([await names(open), await names(open)]).toEqual([['t1'], ['t1']])
  })

  test('and who does not say in time, or fails, is nobody who can be told', async () => {
    const clock = createFakeClock()
    const pending = Promise.withResolvers<string>()
    await using client = await connect(
      asked(counting(), () => pending.promise),
      { clock },
    )
    const answer = names(client)
    await clock.advance(CACHE_PATIENCE_MS)
    expect(await answer).toEqual(['t1'])
    const fails = (): never => {
      throw new Error('no token')
    }
    await using other = await connect(asked(counting(), fails))
    expect([await names(other), await names(other)]).toEqual([['t1'], ['t2']])
  })

  test('and gives up with the signal of the read', async () => {
    const pending = Promise.withResolvers<string>()
    const controller = new AbortController()
    await using client = await connect(asked(counting(), () => pending.promise))
    const answer = failure(client.listTools({ signal: controller.signal }))
    controller.abort('enough')
    expect(await answer).toBe('enough')
  })

  test('over HTTP by the function that gives tokens, and not at all where headers are made for each request', async () => {
    const url = 'http://127.0.0.1/mcp'
    let user = 'ada'
    const transport = http(url, { auth: bearer(() => user) })
    const ada = await transport.identify?.()
    user = 'bob'
    expect(await transport.identify?.()).not.toBe(ada ?? '')
    expect(transport.principal).toBe((await transport.identify?.()) ?? '')
    expect(http(url, { headers: () => ({}) }).identify?.()).toBeNull()
    expect(http(url, { headers: {} }).identify).toBeUndefined()
  })
})

test('[MCP-154] what is kept for one user is gone when another logs in', async () => {
  const server = counting()
  let principal = 'ada'
  const transport: Transport = {
    name: server.name,
    identity: server.identity,
    silenceIsEvidence: true,
    get principal() {
      return principal
    },
    open: (options) => server.open(options),
  }
  await using client = await connect(transport)
  expect([await names(client), await names(client)]).toEqual([['t1'], ['t1']])
  principal = 'bob'
  expect(await names(client)).toEqual(['t2'])
})
