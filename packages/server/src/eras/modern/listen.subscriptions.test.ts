import { describe, expect, test } from 'bun:test'
import {
  CANCELLED,
  INVALID_PARAMS,
  type JsonRpcMessage,
  type JsonRpcRequest,
  META,
  memoryChannelPair,
  RpcError,
  SERVER_BUSY,
  TOOLS_CHANGED,
} from '@bao-mcp/protocol/engine'
import { gate, metaOf, microtasks, modernMeta, recordingLog } from '../../../test/kit.ts'
import { type ServerConnection, serveChannel } from '../../connection.ts'
import type { Middleware } from '../../middleware.ts'
import { tool } from '../../registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../../server.ts'
import type { ServeOptions } from '../../serving.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

function define(more: Partial<ServerOptions> = {}): Server {
  return createServer({ name: 's', version: '1', tools: [tool({ name: 'a', run: () => 'a' })], ...more })
}

interface Line {
  connection: ServerConnection
  /** Everything the server has written, in order. */
  received: (JsonRpcMessage & { method?: string; id?: unknown })[]
  send(message: Partial<JsonRpcRequest>): void
  listen(id: string | number, notifications: unknown): void
  close(): Promise<void>
}

function open(server: Server, options: ServeOptions = {}): Line {
  const [left, right] = memoryChannelPair()
  const connection = serveChannel(server, right, { log: recordingLog(), ...options })
  const received: Line['received'] = []
  left.open({
    // proof: the server writes nothing but messages
    message: (value) => void received.push(value as JsonRpcMessage),
    unreadable: () => undefined,
    end: () => undefined,
  })
  // proof: members that a test leaves out are left out on purpose
  const send = (message: Partial<JsonRpcRequest>): void =>
    void left.send({ jsonrpc: '2.0', ...message } as JsonRpcMessage)
  return {
    connection,
    received,
    send,
    listen: (id, notifications) =>
      send({ id, method: 'subscriptions/listen', params: { notifications, _meta: modernMeta() } }),
    close: () => left.close(),
  }
}

describe('subscriptions/listen', () => {
  for (const id of ['7', 7]) {
    test(`acknowledges first what it honours, under the id ${JSON.stringify(id)} [MCP-168, MCP-169]`, async () => {
      const line = open(define())
      line.listen(id, {
        toolsListChanged: true,
        promptsListChanged: true,
        resourceSubscriptions: ['file:///a'],
        'x/y': 1,
      })
      await microtasks()
      expect(line.received).toEqual([
        {
          jsonrpc: '2.0',
          method: ACKNOWLEDGED,
          params: { notifications: { toolsListChanged: true }, _meta: { [META.subscriptionId]: id } },
        },
      ])
    })
  }

  test('tells a change once per tick, with the id of the subscription [MCP-170, MCP-176]', async () => {
    const server = define()
    const line = open(server)
    line.listen(7, { toolsListChanged: true })
    line.listen('7', { toolsListChanged: true })
    await microtasks()
    server.tools.rename('a', 'b')
    server.tools.rename('b', 'c')
    await microtasks()
    const changes = line.received.filter(({ method }) => method === TOOLS_CHANGED)
    expect(changes).toEqual([
      { jsonrpc: '2.0', method: TOOLS_CHANGED, params: { _meta: { [META.subscriptionId]: 7 } } },
      { jsonrpc: '2.0', method: TOOLS_CHANGED, params: { _meta: { [META.subscriptionId]: '7' } } },
    ])
  })

  test('tells nothing that was not asked for, and with nothing to tell is over at once [MCP-167]', async () => {
    const server = define()
    const line = open(server)
    for (const [id, filter] of [
      {},
      { toolsListChanged: false },
      { toolsListChanged: 'yes' },
      { promptsListChanged: true },
    ].entries()) {
      line.received.length = 0
      line.listen(id, filter)
      await microtasks()
      expect(line.received).toMatchObject([
        { method: ACKNOWLEDGED, params: { notifications: {}, _meta: { [META.subscriptionId]: id } } },
        { id, result: { resultType: 'complete', _meta: { [META.subscriptionId]: id } } },
      ])
    }
    server.tools.rename('a', 'b')
    await microtasks()
    expect(line.received).toHaveLength(2)
    expect(line.connection.inFlight).toBe(0)
  })

  test('carries no notices of calls [MCP-171]', async () => {
    const chatty = tool({
      name: 'chatty',
      run(_args, { log, progress }) {
        log('error', 'x')
        progress(1)
        return 'done'
      },
    })
    const line = open(define({ tools: [chatty] }))
    line.listen(1, { toolsListChanged: true })
    const meta = modernMeta({}, { [META.logLevel]: 'debug', progressToken: 2 })
    line.send({ id: 2, method: 'tools/call', params: { name: 'chatty', _meta: meta } })
    await microtasks()
    const notices = line.received.filter(({ method }) => method !== undefined && method !== ACKNOWLEDGED)
    expect(notices).toHaveLength(2)
    for (const notice of notices) expect(metaOf('params' in notice ? (notice.params ?? {}) : {})).toEqual({})
  })

  test('is refused when its filter is no object', async () => {
    const line = open(define())
    for (const filter of [undefined, null, [], 'all']) line.listen(1, filter)
    await microtasks()
    expect(line.received).toHaveLength(4)
    for (const answer of line.received) expect(answer).toMatchObject({ id: 1, error: { code: INVALID_PARAMS } })
  })

  test('is refused past maxSubscriptions, which a subscription that ended no longer counts for', async () => {
    const line = open(define(), { maxSubscriptions: 2 })
    for (const id of [1, 2, 3]) line.listen(id, { toolsListChanged: true })
    await microtasks()
    expect(line.received.at(-1)).toMatchObject({
      id: 3,
      error: { code: SERVER_BUSY, message: '2 subscriptions are open, which is the limit (maxSubscriptions)' },
    })
    line.send({ method: CANCELLED, params: { requestId: 1 } })
    line.listen(4, { toolsListChanged: true })
    await microtasks()
    expect(line.received.at(-1)).toMatchObject({
      method: ACKNOWLEDGED,
      params: { _meta: { [META.subscriptionId]: 4 } },
    })
  })

  test('is not answered when the client cancels it, and tells nothing more [MCP-036]', async () => {
    const server = define()
    const line = open(server)
    line.listen(1, { toolsListChanged: true })
    line.send({ method: CANCELLED, params: { requestId: 1 } })
    await microtasks()
    server.tools.rename('a', 'b')
    await microtasks()
    expect(line.received).toMatchObject([{ method: ACKNOWLEDGED }])
    expect(line.connection.inFlight).toBe(0)
  })

  test('ends with its result and then a cancellation when the server stops [MCP-172, MCP-173]', async () => {
    const server = define()
    const line = open(server)
    line.listen('a', { toolsListChanged: true })
    line.listen('b', { toolsListChanged: true })
    await microtasks()
    line.received.length = 0
    line.connection.refuse(new RpcError(SERVER_BUSY, 'shutting down'))
    await line.connection.idle()
    await microtasks()
    for (const id of ['a', 'b']) {
      const own = line.received.filter(
        (message) => message.id === id || JSON.stringify(message).includes(`"requestId":"${id}"`),
      )
      expect(own).toMatchObject([
        { id, result: { resultType: 'complete', _meta: { [META.subscriptionId]: id } } },
        { method: CANCELLED, params: { requestId: id } },
      ])
    }
    expect(line.received).toHaveLength(4)
    server.tools.rename('a', 'b')
    await microtasks()
    expect(line.received).toHaveLength(4)
  })

  test('the server cancels nothing else, even when calls are given up [MCP-174]', async () => {
    const line = open(define({ tools: [tool({ name: 'stuck', run: () => new Promise(() => undefined) })] }))
    line.send({ id: 1, method: 'tools/call', params: { name: 'stuck', _meta: modernMeta() } })
    await microtasks()
    line.connection.refuse(new RpcError(SERVER_BUSY, 'shutting down'))
    line.connection.failInFlight(new RpcError(SERVER_BUSY, 'too late'))
    line.send({ id: 2, method: 'tools/list', params: { _meta: modernMeta() } })
    await microtasks()
    expect(line.received).toMatchObject([
      { id: 1, error: { message: 'too late' } },
      { id: 2, error: { message: 'shutting down' } },
    ])
  })

  test('listens no longer when the pipe is over, or when it was cancelled before it began', async () => {
    const held = gate()
    const slow: Middleware = async (request, next) => {
      await held.opened
      return next(request)
    }
    const server = define({ middleware: [slow] })
    let listeners = 0
    const watched: Server = {
      ...server,
      changes: {
        mark: server.changes.mark,
        subscribe(listener) {
          const stop = server.changes.subscribe(listener)
          listeners++
          return () => {
            listeners--
            stop()
          }
        },
      },
    }
    const line = open(watched)
    line.listen(1, { toolsListChanged: true })
    line.send({ method: CANCELLED, params: { requestId: 1 } })
    await microtasks()
    held.open()
    await microtasks()
    expect(listeners).toBe(0)
    line.listen(2, { toolsListChanged: true })
    await microtasks()
    expect(listeners).toBe(1)
    await line.close()
    await line.connection.closed
    expect(listeners).toBe(0)
  })
})

test('middleware around a subscription goes on when the client cancels it', async () => {
  const over = gate()
  const around: Middleware = async (request, next) => {
    const result = await next(request)
    over.open()
    return result
  }
  const line = open(define({ middleware: [around] }))
  line.listen(1, { toolsListChanged: true })
  line.send({ method: CANCELLED, params: { requestId: 1 } })
  await over.opened
  await microtasks()
  expect(line.received).toMatchObject([{ method: ACKNOWLEDGED }])
})
