import { describe, expect, test } from 'bun:test'
import {
  createPeer,
  INVALID_PARAMS,
  INVALID_REQUEST,
  LOG_LEVELS,
  LOG_MESSAGE,
  METHOD_NOT_FOUND,
  memoryChannelPair,
  type Notice,
  TOOLS_CHANGED,
} from '@bao-mcp/protocol/engine'
import { CLIENT_INFO, HANDSHAKES, MODERN, microtasks, NEWEST_HANDSHAKE, openPair, textOf } from '../../../test/kit.ts'
import { serveChannel } from '../../connection.ts'
import { tool } from '../../registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../../server.ts'

const chatty = tool({
  name: 'chatty',
  run(_args, { log }) {
    for (const level of LOG_LEVELS) log(level, level)
    return 'done'
  },
})

function define(more: Partial<ServerOptions> = {}): Server {
  return createServer({ name: 's', version: '1', tools: [chatty], ...more })
}

interface Fresh {
  peer: ReturnType<typeof createPeer>
  notices: Notice[]
}

function fresh(server: Server = define()): Fresh {
  const [left, right] = memoryChannelPair()
  serveChannel(server, right)
  const notices: Notice[] = []
  return { notices, peer: createPeer(left, { request: () => ({}), notice: (notice) => notices.push(notice) }) }
}

describe('initialize', () => {
  for (const version of HANDSHAKES) {
    test(`is answered with the version asked for: ${version} [MCP-047]`, async () => {
      const params = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT_INFO }
      expect(await fresh().peer.request('initialize', params)).toMatchObject({ protocolVersion: version })
    })
  }

  for (const version of ['2023-01-01', MODERN, '2099-01-01', 'latest', '']) {
    test(`is answered with the newest handshake version when asked for ${JSON.stringify(version)} [MCP-047]`, async () => {
      const params = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT_INFO }
      expect(await fresh().peer.request('initialize', params)).toMatchObject({ protocolVersion: NEWEST_HANDSHAKE })
    })
  }

  test('tells who serves, what it can do and how to use it [MCP-194, MCP-215]', async () => {
    const server = define({ title: 'S', websiteUrl: 'https://example.com', instructions: 'Ask before you shout.' })
    const params = { protocolVersion: NEWEST_HANDSHAKE, capabilities: {}, clientInfo: CLIENT_INFO }
    expect(await fresh(server).peer.request('initialize', params)).toEqual({
      protocolVersion: NEWEST_HANDSHAKE,
      capabilities: { tools: { listChanged: true }, logging: {} },
      serverInfo: { name: 's', version: '1', title: 'S', websiteUrl: 'https://example.com' },
      instructions: 'Ask before you shout.',
    })
    expect(await fresh().peer.request('initialize', params)).not.toHaveProperty('instructions')
  })

  test('is refused the second time', async () => {
    const { peer } = fresh()
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: CLIENT_INFO }
    await peer.request('initialize', params)
    const again = peer.request('initialize', { ...params, protocolVersion: NEWEST_HANDSHAKE })
    await expect(again).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: 'this connection is initialized already',
    })
    await expect(peer.request('tasks/list')).rejects.toMatchObject({
      message: 'method not found in 2025-06-18: tasks/list',
    })
  })

  test('is refused without its members, naming the first that is missing', async () => {
    const params = { protocolVersion: NEWEST_HANDSHAKE, capabilities: {}, clientInfo: CLIENT_INFO }
    for (const member of ['protocolVersion', 'capabilities', 'clientInfo']) {
      for (const value of [undefined, 7]) {
        const refused = fresh().peer.request('initialize', { ...params, [member]: value })
        await expect(refused).rejects.toMatchObject({
          code: INVALID_PARAMS,
          message: expect.stringContaining(`params.${member} must be`),
        })
      }
    }
  })
})

describe('a conversation', () => {
  test('answers with nothing that only the other era knows', async () => {
    await using pair = await openPair(define(), { version: NEWEST_HANDSHAKE })
    expect(await pair.call('chatty')).toEqual({ content: [{ type: 'text', text: 'done' }] })
    expect(Object.keys(await pair.request('tools/list'))).toEqual(['tools'])
  })

  test('has no method that its revision lacks [MCP-052]', async () => {
    await using old = await openPair(define(), { version: '2024-11-05' })
    for (const method of ['tasks/list', 'server/discover', 'nonsense', 'resources/list', 'constructor']) {
      const refused = old.request(method)
      await expect(refused).rejects.toMatchObject({
        code: METHOD_NOT_FOUND,
        message: `method not found in 2024-11-05: ${method}`,
      })
    }
  })

  test('hands each revision the content it knows, and loses nothing in silence', async () => {
    const rich = tool({
      name: 'rich',
      run: () => [
        { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'file:///a', name: 'a' },
      ],
    })
    const kinds = await Promise.all(
      HANDSHAKES.map(async (version) => {
        await using pair = await openPair(define({ tools: [rich] }), { version })
        const { content } = await pair.call('rich')
        return Array.isArray(content) ? content.map(({ type }) => type) : []
      }),
    )
    expect(kinds).toEqual([
      ['text', 'text'],
      ['audio', 'text'],
      ['audio', 'resource_link'],
      ['audio', 'resource_link'],
    ])
  })

  test('has structured content from 2025-06-18 on', async () => {
    const structured = tool({ name: 'it', output: { type: 'object' }, run: () => ({ n: 1 }) })
    const has = await Promise.all(
      HANDSHAKES.map(async (version) => {
        await using pair = await openPair(define({ tools: [structured] }), { version })
        const result = await pair.call('it')
        expect(textOf(result)).toBe('{"n":1}')
        return 'structuredContent' in result
      }),
    )
    expect(has).toEqual([false, false, true, true])
  })
})

describe('the log level of a conversation', () => {
  const levels = (notices: readonly Notice[]): unknown[] =>
    notices.filter(({ method }) => method === LOG_MESSAGE).map(({ params }) => params?.level)

  test('is info until the client chooses another, and stays what was chosen', async () => {
    await using pair = await openPair(define(), { version: NEWEST_HANDSHAKE })
    await pair.call('chatty')
    expect(levels(pair.notices)).toEqual(LOG_LEVELS.slice(1))
    expect(await pair.request('logging/setLevel', { level: 'critical' })).toEqual({})
    await pair.call('chatty')
    await pair.call('chatty')
    expect(levels(pair.notices).slice(7)).toEqual([...LOG_LEVELS.slice(5), ...LOG_LEVELS.slice(5)])
  })

  test('belongs to one connection only', async () => {
    const server = define()
    await using quiet = await openPair(server, { version: NEWEST_HANDSHAKE, logLevel: 'emergency' })
    await using loud = await openPair(server, { version: NEWEST_HANDSHAKE, logLevel: 'debug' })
    await quiet.call('chatty')
    await loud.call('chatty')
    expect(levels(quiet.notices)).toEqual(['emergency'])
    expect(levels(loud.notices)).toEqual([...LOG_LEVELS])
  })

  test('is refused when there is no such level [MCP-228]', async () => {
    await using pair = await openPair(define(), { version: NEWEST_HANDSHAKE })
    for (const level of ['loud', '', 7, null, undefined]) {
      const refused = pair.request('logging/setLevel', { level })
      await expect(refused).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining('params.level'),
      })
    }
    await pair.call('chatty')
    expect(levels(pair.notices)).toEqual(LOG_LEVELS.slice(1))
  })
})

describe('a change of the tools', () => {
  test('is told once per tick, after the client has said that it is ready [MCP-051, MCP-176]', async () => {
    const server = define()
    const { peer, notices } = fresh(server)
    await peer.request('initialize', { protocolVersion: NEWEST_HANDSHAKE, capabilities: {}, clientInfo: CLIENT_INFO })
    server.tools.disable('chatty')
    await peer.request('ping')
    expect(notices).toEqual([])
    await peer.notify('notifications/initialized')
    await peer.notify('notifications/initialized')
    await peer.request('ping')
    server.tools.enable('chatty')
    server.tools.rename('chatty', 'silent')
    await microtasks()
    await peer.request('ping')
    expect(notices).toMatchObject([{ method: TOOLS_CHANGED }])
    expect(notices[0]).not.toHaveProperty('params')
    server.tools.remove('silent')
    await microtasks()
    await peer.request('ping')
    expect(notices).toHaveLength(2)
  })

  test('is told every connection, and none that is over', async () => {
    const server = define()
    await using one = await openPair(server, { version: NEWEST_HANDSHAKE })
    const other = await openPair(server, { version: '2024-11-05' })
    await Promise.all([one.barrier(), other.barrier()])
    server.tools.disable('chatty')
    await Promise.all([
      one.noticed(({ method }) => method === TOOLS_CHANGED),
      other.noticed(({ method }) => method === TOOLS_CHANGED),
    ])
    await other[Symbol.asyncDispose]()
    await other.connection.closed
    server.tools.enable('chatty')
    await one.barrier()
    expect(one.notices).toHaveLength(2)
    expect(other.notices).toHaveLength(1)
  })

  test('is not told a client that only says it is ready and never opened a conversation', async () => {
    const server = define()
    const { peer, notices } = fresh(server)
    await peer.notify('notifications/initialized')
    await peer.request('ping')
    server.tools.disable('chatty')
    await microtasks()
    await peer.request('ping')
    expect(notices).toEqual([])
  })
})
