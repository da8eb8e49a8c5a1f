import { describe, expect, test } from 'bun:test'
import {
  HUB_LOST,
  type JsonObject,
  META,
  RESOURCE_UPDATED,
  RESOURCES_CHANGED,
  SERVER_BUSY,
  TOOLS_CHANGED,
} from '@bao-mcp/protocol/engine'
import { bodyOf, errorOf, events, type ModernOptions, modern, modernCall } from '../../../test/http-kit.ts'
import { fakeClock, type Gate, gate, microtasks } from '../../../test/kit.ts'
import { AUTH } from '../../../test/nodes-kit.ts'
import { httpHandler } from '../../http/handler.ts'
import { HubError } from '../../hub/error.ts'
import { memoryHub } from '../../hub/memory.ts'
import type { Hub } from '../../hub/port.ts'
import { resource } from '../../registry/resource.ts'
import { tool } from '../../registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../../server.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const SUBSCRIPTION = META.subscriptionId

function define(more: Partial<ServerOptions> = {}): Server {
  return createServer({
    name: 's',
    version: '1',
    tools: [tool({ name: 'it', run: () => 'done' })],
    resources: [resource({ uri: 'test://a', name: 'a', read: () => 'a' })],
    ...more,
  })
}

function listen(notifications: JsonObject, options: ModernOptions = {}): Request {
  return modern('subscriptions/listen', { notifications }, options)
}

/** A hub that can be heard from when it is reached. */
function slowHub(): { hub: Hub; reached: Gate } {
  const reached = gate()
  const hub = memoryHub()
  return { hub: { ...hub, follow: (...args) => reached.opened.then(() => hub.follow(...args)) }, reached }
}

/** What is told of the definition in this tick is no change of it. */
async function defined(): Promise<void> {
  await microtasks()
}

describe('a subscription', () => {
  test('acknowledges first, and tags everything it tells with its id [MCP-168, MCP-169, MCP-170]', async () => {
    const server = define()
    await using handle = httpHandler(server)
    await defined()
    const asked = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['test://a'] }
    const response = await handle(listen(asked, { id: 'sub' }))
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    const read = events(response)
    expect(await read.message()).toEqual({
      jsonrpc: '2.0',
      method: ACKNOWLEDGED,
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions: ['test://a'] },
        _meta: { [SUBSCRIPTION]: 'sub' },
      },
    })
    server.tools.add(tool({ name: 'new', run: () => 'new' }))
    expect(await read.message()).toEqual({
      jsonrpc: '2.0',
      method: TOOLS_CHANGED,
      params: { _meta: { [SUBSCRIPTION]: 'sub' } },
    })
    server.updates.mark('test://a')
    expect(await read.message()).toEqual({
      jsonrpc: '2.0',
      method: RESOURCE_UPDATED,
      params: { uri: 'test://a', _meta: { [SUBSCRIPTION]: 'sub' } },
    })
    await read.cancel()
  })

  test('tells nothing that was not asked for [MCP-167]', async () => {
    const server = define()
    await using handle = httpHandler(server)
    await defined()
    const read = events(
      await handle(listen({ toolsListChanged: true, resourceSubscriptions: ['test://a'] }, { id: 0 })),
    )
    await read.message()
    server.changes.mark('resources')
    server.updates.mark('test://b')
    await handle(modernCall('it'))
    server.changes.mark('tools')
    expect(await read.message()).toMatchObject({ method: TOOLS_CHANGED, params: { _meta: { [SUBSCRIPTION]: 0 } } })
    await read.cancel()
  })

  test('is one of many, each with what it asked for and its own id [MCP-170]', async () => {
    const server = define()
    await using handle = httpHandler(server)
    await defined()
    const reads = [
      events(await handle(listen({ toolsListChanged: true }, { id: 1 }))),
      events(await handle(listen({ resourcesListChanged: true }, { id: 1 }))),
    ]
    for (const read of reads) await read.message()
    server.changes.mark('tools')
    server.changes.mark('resources')
    const [tools, resources] = await Promise.all(reads.map((read) => read.message()))
    expect([tools?.method, resources?.method]).toEqual([TOOLS_CHANGED, RESOURCES_CHANGED])
    for (const read of reads) await read.cancel()
  })

  test('needs a client that takes a stream', async () => {
    await using handle = httpHandler(define())
    for (const accept of ['application/json', 'application/json, text/event-stream;q=0']) {
      const response = await handle(listen({ toolsListChanged: true }, { id: 'x', headers: { accept } }))
      const body = await bodyOf(response)
      expect([response.status, body.id]).toEqual([406, 'x'])
      expect(errorOf(body).message).toBe(
        'subscriptions/listen is answered with text/event-stream, which Accept leaves out',
      )
    }
    const response = await handle(listen({ toolsListChanged: true }, { headers: { accept: 'text/event-stream' } }))
    await events(response).cancel()
    expect(response.status).toBe(200)
  })

  test('with nothing to tell is over at once', async () => {
    await using handle = httpHandler(define())
    const messages = await events(await handle(listen({}, { id: 'x' }))).messages()
    expect(messages.map(({ method, id }) => method ?? id)).toEqual([ACKNOWLEDGED, 'x'])
    expect(handle.inFlight).toBe(0)
  })

  test('is kept alive while nothing changes', async () => {
    const clock = fakeClock()
    await using handle = httpHandler(define(), { clock, keepAliveMs: 8000 })
    const read = events(await handle(listen({ toolsListChanged: true })))
    await read.message()
    const { text } = read
    for (let beats = 1; beats < 4; beats++) {
      clock.advance(8000)
      await read.until((now) => now === text + ':\n\n'.repeat(beats))
    }
    await read.cancel()
  })

  test('that cannot be opened yet costs one notice per subject, and is told the latest order afterwards', async () => {
    const { hub, reached } = slowHub()
    const server = define({ hub })
    await using handle = httpHandler(server)
    await defined()
    const opening = handle(listen({ toolsListChanged: true, resourceSubscriptions: ['test://a', 'test://b'] }))
    await microtasks()
    for (const uri of ['test://a', 'test://b', 'test://a']) {
      server.updates.mark(uri)
      server.changes.mark('tools')
      await microtasks()
    }
    reached.open()
    const read = events(await opening)
    await read.message()
    await handle.drain()
    const told = (await read.messages()).filter(({ method }) => method !== undefined)
    expect(told.map(({ method, params }) => (params as JsonObject).uri ?? method)).toEqual([
      'test://b',
      'test://a',
      TOOLS_CHANGED,
    ])
  })

  test('whose reader stalls costs one notice per subject, and is told the latest afterwards', async () => {
    const clock = fakeClock()
    const server = define()
    await using handle = httpHandler(server, { clock, highWaterLength: 500, maxOutboundLength: 100_000 })
    await defined()
    const uris = ['test://a', 'test://b', 'test://c']
    const response = await handle(listen({ toolsListChanged: true, resourceSubscriptions: uris }))
    for (let i = 0; i < 5000; i++) {
      server.changes.mark('tools')
      for (const uri of uris) server.updates.mark(uri)
      await undefined
      await undefined
    }
    await microtasks()
    const read = events(response)
    server.updates.mark('test://c')
    // 20,000 notices were marked: what is read is what the runtime took ahead, and one of each that waited
    let told = 0
    const seen = new Set<string>()
    await read.message()
    while (seen.size < 4 || told < 4) {
      const { method, params } = await read.message()
      seen.add(`${method} ${JSON.stringify(params)}`)
      told++
    }
    expect(seen.size).toBe(4)
    await read.cancel()
    expect(read.text.length).toBeLessThan(100_000)
  })
})

describe('a subscription of a protected server', () => {
  test('ends with its token, gracefully', async () => {
    const clock = fakeClock()
    const server = define()
    const auth = { ...AUTH, verifier: { verify: async () => ({ principal: 'p', scopes: [], expiresAt }) } }
    const expiresAt = Date.now() + 60_000
    await using handle = httpHandler(server, { clock, auth })
    const read = events(await handle(listen({ toolsListChanged: true }, { headers: { authorization: 'Bearer t' } })))
    await read.message()
    // the wall clock has gone on since, so the rest is shorter, and never longer
    clock.advance(60_000)
    server.changes.mark('tools')
    await microtasks()
    expect(await read.messages()).toMatchObject([{ id: 1, result: { resultType: 'complete' } }])
    expect(handle.inFlight).toBe(0)
  })
})

describe('subscriptions past maxSubscriptions', () => {
  test('are refused, and told when to come back', async () => {
    await using handle = httpHandler(define(), { maxSubscriptions: 2 })
    const open = [await handle(listen({ toolsListChanged: true })), await handle(listen({ toolsListChanged: true }))]
    const refused = await handle(listen({ toolsListChanged: true }, { id: 'x' }))
    const body = await bodyOf(refused)
    expect([refused.status, refused.headers.get('retry-after'), body.id]).toEqual([503, '1', 'x'])
    expect(errorOf(body).code).toBe(SERVER_BUSY)
    const [first, second] = open.map(events)
    await first?.cancel()
    await microtasks()
    const third = events(await handle(listen({ toolsListChanged: true })))
    expect((await third.message()).method).toBe(ACKNOWLEDGED)
    for (const read of [second, third]) await read?.cancel()
  })

  test('are refused while others are still being opened', async () => {
    const { hub, reached } = slowHub()
    await using handle = httpHandler(define({ hub }), { maxSubscriptions: 2 })
    const opening = Array.from({ length: 5 }, () => handle(listen({ toolsListChanged: true })))
    await microtasks()
    reached.open()
    const responses = await Promise.all(opening)
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503, 503])
    for (const response of responses) await response.body?.cancel()
    await microtasks()
    const again = [await handle(listen({ toolsListChanged: true })), await handle(listen({ toolsListChanged: true }))]
    expect(again.map(({ status }) => status)).toEqual([200, 200])
    for (const response of again) await response.body?.cancel()
  })
})

test('subscriptions that cannot hear the other nodes are refused, and count for nothing', async () => {
  const follow: Hub['follow'] = () => Promise.reject(new HubError('follow', 'it is down'))
  const server = define({ hub: { ...memoryHub(), follow }, onHubError: () => undefined })
  await using handle = httpHandler(server, { maxSubscriptions: 1 })
  for (let i = 0; i < 3; i++) {
    const refused = await handle(listen({ toolsListChanged: true }, { id: 'x' }))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(errorOf(await bodyOf(refused)).code).toBe(HUB_LOST)
  }
})

describe('a handler that drains', () => {
  test('ends subscriptions with their results, and then their streams [MCP-172]', async () => {
    await using handle = httpHandler(define())
    const reads = []
    for (const id of ['a', 'b']) reads.push(events(await handle(listen({ toolsListChanged: true }, { id }))))
    for (const read of reads) await read.message()
    expect(handle.inFlight).toBe(2)
    await handle.drain()
    for (const [i, read] of reads.entries()) {
      const id = 'ab'[i]
      expect(await read.messages()).toEqual([
        {
          jsonrpc: '2.0',
          id,
          result: expect.objectContaining({
            resultType: 'complete',
            _meta: expect.objectContaining({ [SUBSCRIPTION]: id }),
          }),
        },
      ])
    }
    expect(handle.inFlight).toBe(0)
  })

  test('ends those that were still being opened as well [MCP-172]', async () => {
    const { hub, reached } = slowHub()
    await using handle = httpHandler(define({ hub }))
    const opening = handle(listen({ toolsListChanged: true }, { id: 'x' }))
    await microtasks()
    const isDrained = handle.drain()
    reached.open()
    await isDrained
    const messages = await events(await opening).messages()
    expect(messages.map(({ method, id, result }) => method ?? [id, result !== undefined])).toEqual([
      ACKNOWLEDGED,
      ['x', true],
    ])
  })

  test('refuses new ones', async () => {
    const handle = httpHandler(define())
    await handle.drain()
    const response = await handle(listen({ toolsListChanged: true }))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  })
})
