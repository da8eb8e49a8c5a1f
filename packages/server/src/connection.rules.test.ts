import { describe, expect, test } from 'bun:test'
import {
  type Channel,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  META,
  memoryChannelPair,
} from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import { serverWith } from '../test/ask-kit.ts'
import { ALL_CAPABILITIES, HANDSHAKES, MODERN, modernMeta, openPair, textOf } from '../test/kit.ts'
import { serveChannel } from './connection.ts'

describe('a client is served the same', () => {
  test('whatever it calls itself [MCP-097]', async () => {
    const answers = await Promise.all(
      ['inspector', 'curl', '', 'admin'].map(async (name) => {
        const lines: unknown[] = []
        const [left, right] = memoryChannelPair()
        serveChannel(
          serverWith((_args, { auth, can }) => `${auth?.principal} ${can('roots')}`),
          right,
        )
        left.open({ message: (line) => void lines.push(line), unreadable() {}, end() {} })
        const meta = { ...modernMeta(ALL_CAPABILITIES), [META.clientInfo]: { name, version: '1' } }
        const modern = (id: number, method: string, params: JsonObject): JsonObject => ({
          jsonrpc: '2.0',
          id,
          method,
          params: { ...params, _meta: meta },
        })
        for (const line of [
          modern(1, 'server/discover', {}),
          modern(2, 'tools/list', {}),
          modern(3, 'tools/call', { name: 'it' }),
          {
            jsonrpc: '2.0',
            id: 4,
            method: 'initialize',
            params: {
              protocolVersion: '2025-11-25',
              capabilities: ALL_CAPABILITIES,
              clientInfo: { name, version: '1' },
            },
          },
        ]) {
          // proof: each was written as a message just above
          void left.send(line as never)
        }
        await settle()
        await left.close()
        return lines
      }),
    )
    expect(answers[0]).toHaveLength(4)
    for (const other of answers) expect(other).toEqual(answers[0] ?? [])
    expect(JSON.stringify(answers[0])).toContain('undefined true')
  })

  test('whatever keys of its own or of the protocol to come its metadata holds [MCP-021]', async () => {
    const run = (args: JsonObject): string => JSON.stringify(args)
    for (const version of [...HANDSHAKES, MODERN]) {
      await using pair = await openPair(serverWith(run), { version })
      const plain = await pair.call('it', { a: 1 })
      const odd = { 'io.modelcontextprotocol/authorized': true, 'mcp.dev/role': 'admin', 'com.example/x': { y: 1 } }
      expect(await pair.call('it', { a: 1 }, odd)).toEqual(plain)
    }
  })
})

test.each([...HANDSHAKES])(
  'a channel of somebody else carries the same messages and begins with the handshake of %s [MCP-045]',
  async (protocolVersion) => {
    const taped: JsonObject[] = []
    const [left, right] = memoryChannelPair()
    const pigeon: Channel = {
      open: (receiver) => right.open(receiver),
      send(messages, way) {
        taped.push(...[messages].flat().map((message) => JSON.parse(JSON.stringify(message))))
        return right.send(messages, way)
      },
      close: () => right.close(),
      [Symbol.asyncDispose]: () => right.close(),
    }
    serveChannel(
      serverWith(() => 'done'),
      pigeon,
    )
    left.open({ message() {}, unreadable() {}, end() {} })
    const call = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'it' } } as const
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } }
    void left.send({ ...call, id: 1 })
    void left.send({ jsonrpc: '2.0', id: 2, method: 'initialize', params })
    void left.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    void left.send({ ...call, id: 3 })
    await settle()
    expect(taped).toEqual([
      { jsonrpc: '2.0', id: 1, error: expect.objectContaining({ code: INVALID_PARAMS }) },
      { jsonrpc: '2.0', id: 2, result: expect.objectContaining({ protocolVersion }) },
      { jsonrpc: '2.0', id: 3, result: { content: [{ type: 'text', text: 'done' }] } },
    ])
    await left.close()
  },
)

test('on a pipe nobody is authenticated, whatever a message says [MCP-257]', async () => {
  for (const version of [...HANDSHAKES, MODERN]) {
    await using pair = await openPair(
      serverWith((_args, { auth }) => String(auth)),
      { version },
    )
    const claims = { authorization: 'Bearer x', 'com.example/authorization': 'Bearer x' }
    expect(textOf(await pair.call('it', claims, claims))).toBe('undefined')
  }
})

test('the tasks of 2025-11-25 are not declared, and what a call says of them is ignored [MCP-292]', async () => {
  const [left, right] = memoryChannelPair()
  serveChannel(
    serverWith(() => 'done'),
    right,
  )
  const lines: unknown[] = []
  left.open({ message: (line) => void lines.push(line), unreadable() {}, end() {} })
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { tasks: { requests: {} } },
    clientInfo: { name: 'c', version: '1' },
  }
  void left.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  void left.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  void left.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'it', task: { ttl: 1_000 } } })
  await settle()
  const [greeting, called] = lines.map((line) => (isJsonObject(line) && isJsonObject(line.result) ? line.result : {}))
  expect(greeting?.capabilities).not.toHaveProperty('tasks')
  expect(called).toEqual({ content: [{ type: 'text', text: 'done' }] })
  await left.close()
})
