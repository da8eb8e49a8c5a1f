import { describe, expect, test } from 'bun:test'
import {
  INTERNAL_ERROR,
  type JsonObject,
  META,
  memoryChannelPair,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import fc from 'fast-check'
import {
  eachEra,
  gate,
  HANDSHAKES,
  MODERN,
  metaOf,
  microtasks,
  modernMeta,
  openPair,
  type Pair,
  textOf,
} from '../test/kit.ts'
import { serveChannel } from './connection.ts'
import { tool } from './registry/tool.ts'
import { createServer, type Server } from './server.ts'

/** Tells what it knows of its caller, at once or after others had their turn. */
const whoami = tool({
  name: 'whoami',
  input: { type: 'object', properties: { wait: { type: 'boolean' }, nonce: { type: 'string' } } },
  async run({ nonce, wait }, { facts, log, progress, can }) {
    progress(1, 2, String(nonce))
    log('info', nonce)
    if (wait === true) await microtasks()
    progress(2, 2, String(nonce))
    return JSON.stringify({
      nonce,
      version: facts.revision.version,
      client: facts.clientInfo?.name,
      level: facts.logLevel,
      roots: can('roots'),
    })
  },
})

const server: Server = createServer({ name: 's', version: '1', tools: [whoami] })

describe('one definition', () => {
  test('serves any number of clients in any revision at once; none learns of another', async () => {
    const versions = [...HANDSHAKES, MODERN]
    const pairs = await Promise.all(
      versions.map((version, i) =>
        openPair(server, {
          version,
          capabilities: i % 2 === 0 ? { roots: {} } : {},
          logLevel: i % 2 === 0 ? 'info' : 'error',
        }),
      ),
    )
    const request = fc.record({ at: fc.nat(versions.length - 1), wait: fc.boolean(), token: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 100, maxLength: 100 }), async (requests) => {
        const answers = await Promise.all(
          requests.map(async ({ at, wait, token }, i) => {
            const nonce = `nonce ${at} ${i}`
            const result = await pairs[at]?.call('whoami', { nonce, wait }, token ? { progressToken: nonce } : {})
            return JSON.parse(textOf(result ?? {}))
          }),
        )
        for (const [i, { at }] of requests.entries()) {
          expect(answers[i]).toMatchObject({
            nonce: `nonce ${at} ${i}`,
            version: versions[at],
            level: at % 2 === 0 ? 'info' : 'error',
            roots: at % 2 === 0,
          })
        }
        for (const [at, { notices }] of pairs.entries()) {
          for (const { params } of notices) expect(String(params?.data ?? params?.message)).toStartWith(`nonce ${at} `)
        }
      }),
      { numRuns: 10 },
    )
    for (const pair of pairs) {
      expect(pair.connection.inFlight).toBe(0)
      await pair[Symbol.asyncDispose]()
    }
  })
})

describe('one pipe', () => {
  test('carries requests of several clients and of both eras without mixing them [MCP-093, MCP-103]', async () => {
    await using pair = await openPair(server, { version: '2025-06-18', capabilities: { roots: {} }, logLevel: 'alert' })
    const modern = (name: string, capabilities: JsonObject): JsonObject =>
      modernMeta(capabilities, { [META.clientInfo]: { name, version: '1' } })
    const clients: [meta: JsonObject | undefined, expected: JsonObject][] = [
      [undefined, { version: '2025-06-18', client: 'test client', level: 'alert', roots: true }],
      [modern('ada', { roots: {} }), { version: MODERN, client: 'ada', roots: true }],
      [modern('bob', {}), { version: MODERN, client: 'bob', roots: false }],
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2), fc.boolean()), { minLength: 100, maxLength: 100 }),
        async (turns) => {
          const answers = turns.map(async ([at, wait], i) => {
            const [_meta, expected] = clients[at] ?? []
            const params = { name: 'whoami', arguments: { nonce: `${i}`, wait }, ...(_meta !== undefined && { _meta }) }
            const result = await pair.peer.request('tools/call', params)
            expect(JSON.parse(textOf(result))).toEqual({ nonce: `${i}`, ...expected })
            expect('resultType' in result).toBe(_meta !== undefined)
          })
          await Promise.all(answers)
        },
      ),
      { numRuns: 10 },
    )
  })

  test('sends each notice under the token of its own call', async () => {
    await using pair = await openPair(server)
    const tokens = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? i : `t${i}`))
    await Promise.all(
      tokens.map((token) => pair.call('whoami', { nonce: String(token), wait: true }, { progressToken: token })),
    )
    expect(pair.notices).toHaveLength(100)
    for (const { params } of pair.notices) expect(params?.message).toBe(String(params?.progressToken))
    for (const token of tokens) {
      const own = pair.notices.filter(({ params }) => params?.progressToken === token)
      expect(own.map(({ params }) => params?.progress)).toEqual([1, 2])
    }
  })
})

eachEra((_era, open) => {
  test('a request id may be any string or number, and comes back as it was [MCP-005]', async () => {
    const [left, right] = memoryChannelPair()
    serveChannel(server, right)
    const answered: unknown[] = []
    left.open({
      message: (value) => void answered.push(value),
      unreadable: () => undefined,
      end: () => undefined,
    })
    const ids = [0, -1, 7, '7', '', 'ünï', Number.MAX_SAFE_INTEGER]
    for (const id of ids) void left.send({ jsonrpc: '2.0', id, method: 'ping' })
    await microtasks()
    expect(answered).toEqual(ids.map((id) => ({ jsonrpc: '2.0', id, result: {} })))
  })

  test('a connection that refuses answers what comes, and finishes what runs', async () => {
    const held = gate()
    const slow = tool({ name: 'slow', run: () => held.opened.then(() => 'finished') })
    await using pair = await open(createServer({ name: 's', version: '1', tools: [slow] }))
    const running = pair.call('slow')
    await pair.barrier()
    expect(pair.connection.inFlight).toBe(1)
    pair.connection.refuse(new RpcError(SERVER_BUSY, 'shutting down'))
    await expect(pair.call('slow')).rejects.toEqual(new RpcError(SERVER_BUSY, 'shutting down'))
    held.open()
    expect(textOf(await running)).toBe('finished')
    await pair.connection.idle()
  })

  test('a connection that gives up answers what runs with the error it is given', async () => {
    const aborted = gate()
    const stuck = tool({
      name: 'stuck',
      run: (_args, { signal }) => new Promise(() => signal.addEventListener('abort', aborted.open)),
    })
    await using pair = await open(createServer({ name: 's', version: '1', tools: [stuck] }))
    const running = pair.call('stuck')
    await pair.barrier()
    pair.connection.failInFlight(new RpcError(INTERNAL_ERROR, 'too late'))
    await expect(running).rejects.toEqual(new RpcError(INTERNAL_ERROR, 'too late'))
    await aborted.opened
  })

  test('a pipe that ends aborts what runs on it, and nothing on any other', async () => {
    const aborted: unknown[] = []
    const over = gate()
    const bothRun = gate()
    let running = 0
    const stuck = tool({
      name: 'stuck',
      input: { type: 'object', properties: { who: { type: 'string' } } },
      run: ({ who }, { signal }) => {
        if (++running === 2) bothRun.open()
        return new Promise(() =>
          signal.addEventListener('abort', () => {
            aborted.push(who)
            over.open()
          }),
        )
      },
    })
    const shared = createServer({ name: 's', version: '1', tools: [stuck] })
    const one = await open(shared)
    await using other = await open(shared)
    const [first, second] = [one.call('stuck', { who: 'one' }), other.call('stuck', { who: 'other' })]
    await bothRun.opened
    await one.connection.close()
    await expect(first).rejects.toMatchObject({ code: 'closed' })
    await over.opened
    expect(await one.connection.closed).toMatchObject({ kind: 'local' })
    expect(aborted).toEqual(['one'])
    expect(other.connection.inFlight).toBe(1)
    other.connection.failInFlight(new RpcError(INTERNAL_ERROR, 'end'))
    await expect(second).rejects.toThrow('end')
  })

  test('a call that nobody can answer to any more leaves nothing behind', async () => {
    const held = gate()
    const slow = tool({ name: 'slow', run: () => held.opened.then(() => 10n.toString()) })
    const pair = await open(createServer({ name: 's', version: '1', tools: [slow] }))
    const running = pair.call('slow')
    await pair.barrier()
    await pair[Symbol.asyncDispose]()
    await expect(running).rejects.toMatchObject({ code: 'closed' })
    await pair.connection.closed
    held.open()
    await microtasks()
    expect(pair.log.lines).toEqual([])
  })

  test('calls leave no memory behind', async () => {
    const quick = tool({
      name: 'quick',
      async run(_args, { progress, log, signal }) {
        progress(1)
        log('info', 'x')
        return signal.aborted ? 'aborted' : 'done'
      },
    })
    await using pair: Pair = await open(createServer({ name: 's', version: '1', tools: [quick] }))
    const calls = async (count: number): Promise<number> => {
      for (let done = 0; done < count; done += 500) {
        await Promise.all(Array.from({ length: 500 }, () => pair.call('quick', {}, { [META.progressToken]: 1 })))
        // the client keeps what it is told; the server must not
        pair.forget()
      }
      Bun.gc(true)
      return process.memoryUsage().heapUsed
    }
    const before = await calls(10_000)
    const after = await calls(30_000)
    const perCall = (after - before) / 30_000
    expect(perCall).toBeLessThan(50)
    expect(pair.connection.inFlight).toBe(0)
  }, 60_000)
})

test('what arrives and belongs to nothing is told the log', async () => {
  await using pair = await openPair(server, { version: '2025-11-25' })
  const [left, right] = memoryChannelPair()
  serveChannel(server, right, { log: pair.log })
  left.open({ message: () => undefined, unreadable: () => undefined, end: () => undefined })
  void left.send({ jsonrpc: '2.0', id: 99, result: {} })
  // proof: it is no message on purpose
  void left.send({ jsonrpc: '2.0', id: {}, method: 'ping' } as never)
  await microtasks()
  expect(pair.log.lines).toEqual([
    { level: 'warning', message: 'an answer to 99, which no pending call waits for' },
    { level: 'warning', message: expect.stringMatching(/^id must be a string or an integer, got \{\}: "/) },
  ])
})

test('a result _meta from a handler stands beside the identity of the server', async () => {
  const signed = tool({ name: 'signed', run: () => ({ content: [], _meta: { 'com.example/by': 'ada' } }) })
  await using pair = await openPair(createServer({ name: 's', version: '1', tools: [signed] }))
  expect(metaOf(await pair.call('signed'))).toEqual({
    [META.serverInfo]: { name: 's', version: '1' },
    'com.example/by': 'ada',
  })
})
