import { describe, expect, test } from 'bun:test'
import type { Stray } from '@bao-mcp/protocol/engine'
import { connect } from '../connect.ts'
import { DONE } from '../testing/asking-server.test.kit.ts'
import { LEGACY, ofEra, scripted } from '../testing/scripted-server.test.kit.ts'

describe('requests of a server', () => {
  test('[MCP-055] a ping is answered at once by a legacy client, even before the handshake is over', async () => {
    const server = scripted((message, wire) => {
      if (message.method === 'initialize') wire.send({ jsonrpc: '2.0', id: 'early', method: 'ping' })
      if (message.id === 'early') {
        const opening = server.received.find(({ method }) => method === 'initialize')
        wire.answer(opening ?? {}, {
          protocolVersion: LEGACY,
          capabilities: {},
          serverInfo: { name: 's', version: '1' },
        })
      }
    })
    await using _ = await connect(server, { pin: 'legacy' })
    expect((await server.answered('early')).result).toEqual({})
    server.wire.send({ jsonrpc: '2.0', id: 'late', method: 'ping' })
    expect((await server.answered('late')).result).toEqual({})
  })

  test('nothing but a ping is answered while the era is not known', async () => {
    const server = scripted((message, wire) => {
      if (message.method !== 'server/discover') return ofEra('legacy')(message, wire)
      wire.send({ jsonrpc: '2.0', id: 'p', method: 'ping' })
      wire.send({ jsonrpc: '2.0', id: 'r', method: 'roots/list' })
      wire.fail(message, -32601, 'Method not found')
    })
    await using _ = await connect(server, { on: { roots: [] } })
    expect((await server.answered('p')).result).toEqual({})
    expect((await server.answered('r')).error).toMatchObject({ code: -32601 })
  })

  test('[MCP-020] a modern client answers none of them, whatever they look like, and reports them', async () => {
    const strays: Stray[] = []
    const server = scripted(ofEra('modern', (call, wire) => wire.answer(call, DONE)))
    await using client = await connect(server, { on: { roots: [] }, onStray: (stray) => strays.push(stray) })
    server.wire.send({ jsonrpc: '2.0', id: 1, method: 'roots/list' })
    server.wire.send({ jsonrpc: '2.0', id: 2, method: 'ping' })
    server.wire.send({ jsonrpc: '2.0', id: 3, method: 4 })
    server.wire.write('{"jsonrpc":"2.0","id":4,"method":\n')
    server.wire.send([{ jsonrpc: '2.0', id: 5, method: 'ping' }])
    await server.wire.flushed()
    await client.callTool('echo')
    expect(server.received.filter(({ method }) => method === undefined)).toEqual([])
    expect(strays).toHaveLength(5)
  })

  test('[MCP-008] [MCP-010] a batch is accepted where the negotiated version has batches, and only there', async () => {
    for (const protocolVersion of ['2025-03-26', LEGACY]) {
      const server = scripted(ofEra('legacy', () => {}, { protocolVersion }))
      await using _ = await connect(server)
      await server.got('notifications/initialized')
      server.wire.send([{ jsonrpc: '2.0', id: 'b', method: 'ping' }])
      const answer = await server.answered('b')
      if (protocolVersion === LEGACY) expect(answer.error).toMatchObject({ code: -32600 })
      else expect(answer.result).toEqual({})
    }
  })

  test('one that the server cancels is not answered, and its handler is told', async () => {
    const shown = Promise.withResolvers<AbortSignal>()
    const server = scripted(ofEra('legacy'))
    await using client = await connect(server, {
      on: {
        roots: ({ signal }) => {
          shown.resolve(signal)
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve([])))
        },
      },
    })
    await server.got('notifications/initialized')
    server.wire.send({ jsonrpc: '2.0', id: 9, method: 'roots/list' })
    const signal = await shown.promise
    server.wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } })
    await server.wire.flushed()
    expect(signal.aborted).toBe(true)
    const pong = client.ping()
    server.wire.answer(await server.got('ping'), {})
    await pong
    expect(server.received.filter(({ id }) => id === 9)).toEqual([])
  })
})
