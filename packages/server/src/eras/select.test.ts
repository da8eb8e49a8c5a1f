import { describe, expect, test } from 'bun:test'
import {
  createPeer,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type JsonObject,
  type JsonRpcMessage,
  type JsonRpcRequest,
  META,
  METHOD_NOT_FOUND,
  memoryChannelPair,
} from '@bao-mcp/protocol/engine'
import { CLIENT_INFO, HANDSHAKES, MODERN, modernMeta, namesOf, openPair, recordingLog } from '../../test/kit.ts'
import { serveChannel } from '../connection.ts'
import { tool } from '../registry/tool.ts'
import { createServer } from '../server.ts'
import { selectEra } from './select.ts'

const server = createServer({ name: 's', version: '1', tools: [tool({ name: 'a', run: () => 'a' })] })
const HANDSHAKE = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT_INFO }

/** A client that has said nothing yet. */
function fresh(): ReturnType<typeof createPeer> {
  const [left, right] = memoryChannelPair()
  serveChannel(server, right)
  return createPeer(left, { request: () => ({}), notice: () => undefined })
}

/** What the server writes for messages given by hand. */
async function exchange(version: string, ...messages: unknown[]): Promise<JsonRpcMessage[]> {
  const [left, right] = memoryChannelPair()
  const log = recordingLog()
  serveChannel(server, right, { log })
  const received: unknown[] = []
  const last = Promise.withResolvers<void>()
  left.open({
    message(value) {
      // proof: the server writes nothing but messages, or arrays of them
      const message = value as JsonRpcMessage
      if ('id' in message && message.id === 'last') last.resolve()
      else received.push(message)
    },
    unreadable: (fault) => last.reject(new Error(fault.message)),
    end: (reason) => last.reject(new Error(reason.message)),
  })
  const send = (message: unknown): void =>
    // proof: what is no message is sent on purpose
    void left.send(message as JsonRpcMessage)
  send({ jsonrpc: '2.0', id: 'first', method: 'initialize', params: { ...HANDSHAKE, protocolVersion: version } })
  for (const message of messages) send(message)
  send({ jsonrpc: '2.0', id: 'last', method: 'ping' })
  await last.promise
  // proof: as above
  return (received as JsonRpcMessage[]).filter((message) => !('id' in message && message.id === 'first'))
}

describe('one row each', () => {
  test('a protocol version in _meta makes a request modern, initialize included', async () => {
    for (const method of ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe']) {
      const refused = fresh().request(method, { ...HANDSHAKE, _meta: modernMeta() })
      await expect(refused).rejects.toMatchObject({
        code: METHOD_NOT_FOUND,
        message: `method not found in ${MODERN}: ${method}`,
      })
    }
  })

  test('whatever the value of that version is', async () => {
    const refused = fresh().request('initialize', { ...HANDSHAKE, _meta: { [META.protocolVersion]: 7 } })
    await expect(refused).rejects.toMatchObject({ code: INVALID_PARAMS })
  })

  test('initialize without it opens a conversation', async () => {
    expect(await fresh().request('initialize', HANDSHAKE)).toMatchObject({ protocolVersion: '2025-11-25' })
  })

  test('initialize with other metadata opens a conversation, too', async () => {
    const opened = await fresh().request('initialize', { ...HANDSHAKE, _meta: { progressToken: 1 } })
    expect(opened).toMatchObject({ protocolVersion: '2025-11-25' })
  })

  test('ping is answered before any handshake [MCP-055]', async () => {
    expect(await fresh().request('ping')).toEqual({})
  })

  test('after a handshake a request without a version belongs to the conversation', async () => {
    const peer = fresh()
    await peer.request('initialize', HANDSHAKE)
    const list = await peer.request('tools/list')
    expect(namesOf(list)).toEqual(['a'])
    expect(list).not.toHaveProperty('resultType')
  })

  test('after a handshake a request with a version stands alone all the same', async () => {
    const peer = fresh()
    await peer.request('initialize', HANDSHAKE)
    const modern = await peer.request('tools/list', { _meta: modernMeta() })
    expect(modern).toMatchObject({ resultType: 'complete' })
    expect(await peer.request('server/discover', { _meta: modernMeta() })).toMatchObject({
      supportedVersions: [MODERN],
    })
    expect(await peer.request('tools/list')).not.toHaveProperty('resultType')
  })

  test('without a handshake and without a version nothing is decided, and both ways are named [MCP-091]', async () => {
    for (const params of [undefined, {}, { _meta: {} }, { _meta: 'x' }, { _meta: { [META.clientCapabilities]: {} } }]) {
      const refused = fresh().request('tools/list', params)
      await expect(refused).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringMatching(
          /params\._meta\["io\.modelcontextprotocol\/protocolVersion"\], or send initialize first/,
        ),
        data: { supported: [MODERN, ...HANDSHAKES.toReversed()] },
      })
    }
  })

  test('a failed handshake decides nothing', async () => {
    const peer = fresh()
    await expect(peer.request('initialize', {})).rejects.toMatchObject({ code: INVALID_PARAMS })
    await expect(peer.request('tools/list')).rejects.toMatchObject({
      message: expect.stringContaining('initialize first'),
    })
    expect(await peer.request('initialize', HANDSHAKE)).toMatchObject({ protocolVersion: '2025-11-25' })
  })

  test('an array of messages is one of the one revision that has them [MCP-008]', async () => {
    const batch = [
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'a' } },
    ]
    const [answers] = await exchange('2025-03-26', batch)
    expect(answers).toMatchObject([
      { id: 1, result: { tools: [{ name: 'a' }] } },
      { id: 2, result: { content: [{ text: 'a' }] } },
    ])
    for (const version of HANDSHAKES.filter((one) => one !== '2025-03-26')) {
      expect(await exchange(version, batch)).toMatchObject([
        { id: 1, error: { code: INVALID_REQUEST } },
        { id: 2, error: { code: INVALID_REQUEST } },
      ])
    }
  })

  test('a response nobody waits for is not answered', async () => {
    const messages = [
      { jsonrpc: '2.0', id: 5, result: {} },
      { jsonrpc: '2.0', id: 6, error: { code: -1, message: 'x' } },
    ]
    expect(await exchange('2025-11-25', ...messages)).toEqual([])
  })

  test('a notification is never answered, whatever it is [MCP-007]', async () => {
    const methods = ['notifications/initialized', 'notifications/cancelled', 'notifications/unknown', 'tools/list']
    const messages = methods.map((method) => ({ jsonrpc: '2.0', method, params: { requestId: 99 } }))
    expect(await exchange('2025-11-25', ...messages)).toEqual([])
  })
})

test('methods of the other era are unknown in a conversation', async () => {
  await using pair = await openPair(server, { version: '2025-11-25' })
  for (const method of ['server/discover', 'subscriptions/listen']) {
    await expect(pair.request(method, { notifications: {} })).rejects.toMatchObject({ code: METHOD_NOT_FOUND })
  }
})

test('selectEra never looks past the metadata, the method and the handshake', () => {
  const request = (method: string, params?: JsonObject): JsonRpcRequest => ({
    jsonrpc: '2.0',
    id: 1,
    method,
    ...(params !== undefined && { params }),
  })
  const closed = { opened: false }
  expect(selectEra(request('x', { _meta: { [META.protocolVersion]: undefined } }), closed)).toBe('modern')
  expect(selectEra(request('x', { protocolVersion: MODERN }), closed)).toBeUndefined()
  expect(selectEra(request('server/discover'), closed)).toBeUndefined()
  expect(selectEra(request('server/discover'), { opened: true })).toBe('legacy')
})

test('selectEra believes a version header over a session id, and a handshake over both', () => {
  const named = (version: string, opened: boolean) => [
    selectEra({ method: 'tools/list' }, { opened, version }),
    selectEra({ method: 'ping' }, { opened, version }),
    selectEra({ method: 'initialize' }, { opened, version }),
  ]
  for (const opened of [true, false]) {
    for (const version of HANDSHAKES) expect(named(version, opened)).toEqual(['legacy', 'legacy', 'legacy'])
    for (const version of [MODERN, '2099-01-01']) expect(named(version, opened)).toEqual(['modern', 'modern', 'legacy'])
  }
})
