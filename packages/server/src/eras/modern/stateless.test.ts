import { describe, expect, test } from 'bun:test'
import {
  INVALID_PARAMS,
  type JsonObject,
  LOG_LEVELS,
  LOG_MESSAGE,
  META,
  METHOD_NOT_FOUND,
  PROGRESS,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import { MODERN, metaOf, modernMeta, openPair, textOf } from '../../../test/kit.ts'
import { forMethod } from '../../middleware.ts'
import { tool } from '../../registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../../server.ts'

const SERVER_INFO = { name: 's', version: '1' }

const chatty = tool({
  name: 'chatty',
  run(_args, { log, progress }) {
    for (const level of LOG_LEVELS) log(level, level)
    progress(1)
    return 'done'
  },
})
const facts = tool({
  name: 'facts',
  run: (_args, { facts: { clientCapabilities, clientInfo, logLevel, progressToken } }) =>
    JSON.stringify({ clientCapabilities, clientInfo, logLevel, progressToken }),
})

function define(more: Partial<ServerOptions> = {}): Server {
  return createServer({ ...SERVER_INFO, tools: [chatty, facts], ...more })
}

describe('server/discover', () => {
  test('tells versions, capabilities and instructions, with a cache hint [MCP-098, MCP-149, MCP-194]', async () => {
    await using pair = await openPair(define({ instructions: 'Ask first.' }))
    expect(await pair.request('server/discover')).toEqual({
      resultType: 'complete',
      supportedVersions: [MODERN],
      capabilities: { tools: { listChanged: true }, logging: {} },
      instructions: 'Ask first.',
      ttlMs: expect.any(Number),
      cacheScope: expect.stringMatching(/^(public|private)$/),
      _meta: { [META.serverInfo]: SERVER_INFO },
    })
    await using other = await openPair(define())
    expect(await other.request('server/discover')).not.toHaveProperty('instructions')
  })
})

describe('every result', () => {
  test('says its type and who served it [MCP-011, MCP-096]', async () => {
    await using pair = await openPair(define())
    const requests: [string, JsonObject][] = [
      ['server/discover', {}],
      ['tools/list', {}],
      ['tools/call', { name: 'facts' }],
      ['tools/call', { name: 'facts', arguments: { x: 1 } }],
      ['subscriptions/listen', { notifications: {} }],
    ]
    for (const [method, params] of requests) {
      const result = await pair.request(method, params)
      expect(result.resultType).toBe('complete')
      expect(metaOf(result)[META.serverInfo]).toEqual(SERVER_INFO)
    }
  })

  test('of a list says how long it may be kept, one of a call does not [MCP-149, MCP-150, MCP-159]', async () => {
    await using pair = await openPair(define({ pageSize: 1 }))
    const first = await pair.request('tools/list')
    const second = await pair.request('tools/list', { cursor: first.nextCursor })
    for (const page of [first, second]) {
      expect(page.ttlMs).toBeGreaterThanOrEqual(0)
      expect(page.cacheScope).toBe(first.cacheScope)
    }
    const call = await pair.call('facts')
    expect(call).not.toHaveProperty('ttlMs')
    expect(call).not.toHaveProperty('cacheScope')
  })
})

describe('the metadata of a request', () => {
  test('of another version is refused with the versions there are [MCP-099]', async () => {
    await using pair = await openPair(define())
    for (const requested of ['2026-07-29', '2025-11-25', '', 'latest']) {
      const _meta = { ...modernMeta(), [META.protocolVersion]: requested }
      for (const method of ['server/discover', 'tools/list', 'nonsense']) {
        await expect(pair.peer.request(method, { _meta })).rejects.toMatchObject({
          code: UNSUPPORTED_PROTOCOL_VERSION,
          data: { supported: [MODERN], requested },
        })
      }
    }
  })

  test('is refused when a member is missing or malformed, naming it [MCP-091]', async () => {
    await using pair = await openPair(define())
    const wrong: [JsonObject, string][] = [
      [{ [META.protocolVersion]: 7 }, META.protocolVersion],
      [{ [META.protocolVersion]: null }, META.protocolVersion],
      [{ [META.clientCapabilities]: undefined }, META.clientCapabilities],
      [{ [META.clientCapabilities]: [] }, META.clientCapabilities],
      [{ [META.clientCapabilities]: 'all' }, META.clientCapabilities],
      [{ [META.clientInfo]: { name: 'x' } }, META.clientInfo],
      [{ [META.clientInfo]: 'x' }, META.clientInfo],
      [{ [META.progressToken]: {} }, 'progressToken'],
      [{ [META.progressToken]: 1.5 }, 'progressToken'],
    ]
    for (const [more, member] of wrong) {
      const refused = pair.peer.request('tools/list', { _meta: { ...modernMeta(), ...more } })
      await expect(refused).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining(`_meta["${member}"]`),
      })
    }
  })

  test('with an unknown log level is refused [MCP-228]', async () => {
    await using pair = await openPair(define())
    for (const level of ['loud', '', 3, null]) {
      const refused = pair.peer.request('tools/list', { _meta: modernMeta({}, { [META.logLevel]: level }) })
      await expect(refused).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining(META.logLevel),
      })
    }
  })

  test('may leave out who the client is, and may say more than we know [MCP-092]', async () => {
    await using pair = await openPair(define())
    const _meta = modernMeta({}, { traceparent: '00-0-0-01', 'com.example/x': 1 })
    const result = await pair.peer.request('tools/call', { name: 'facts', _meta })
    expect(JSON.parse(textOf(result))).toEqual({ clientCapabilities: {} })
  })

  test('counts for this request alone, whatever came before on the connection [MCP-093, MCP-094]', async () => {
    await using pair = await openPair(define())
    const ask = async (meta: JsonObject): Promise<unknown> =>
      JSON.parse(textOf(await pair.peer.request('tools/call', { name: 'facts', _meta: meta })))
    const rich = modernMeta(
      { roots: {} },
      { [META.clientInfo]: { name: 'c', version: '2' }, [META.logLevel]: 'debug', progressToken: 'p' },
    )
    expect(await ask(rich)).toEqual({
      clientCapabilities: { roots: {} },
      clientInfo: { name: 'c', version: '2' },
      logLevel: 'debug',
      progressToken: 'p',
    })
    expect(await ask(modernMeta())).toEqual({ clientCapabilities: {} })
  })
})

describe('notices of a request', () => {
  test('come when it asks for them, before its result, at or above the level [MCP-226, MCP-227]', async () => {
    await using pair = await openPair(define())
    await pair.call('chatty')
    expect(pair.notices).toEqual([])
    await pair.call('chatty', {}, { [META.logLevel]: 'alert', progressToken: 7 })
    expect(pair.notices).toMatchObject([
      { method: LOG_MESSAGE, params: { level: 'alert', data: 'alert' } },
      { method: LOG_MESSAGE, params: { level: 'emergency', data: 'emergency' } },
      { method: PROGRESS, params: { progressToken: 7, progress: 1 } },
    ])
    await pair.call('chatty')
    expect(pair.notices).toHaveLength(3)
  })
})

test('methods that are not part of the revision, or not served, are unknown', async () => {
  await using pair = await openPair(define())
  const methods = [
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'tasks/list',
    'resources/list',
    'nonsense',
  ]
  for (const method of [...methods, '__proto__', 'constructor', '']) {
    const refused = pair.request(method)
    await expect(refused).rejects.toMatchObject({
      code: METHOD_NOT_FOUND,
      message: `method not found in ${MODERN}: ${method}`,
    })
  }
})

test('a round for a request that takes none is told what is wrong with it, not obeyed', async () => {
  await using pair = await openPair(define())
  for (const more of [{ inputResponses: [] }, { inputResponses: { a: 1 } }, { requestState: 7 }]) {
    await expect(pair.request('tools/list', more)).rejects.toMatchObject({ code: INVALID_PARAMS })
  }
})

test('a list that was serialised once is the same with and without somebody who looks at it', async () => {
  const looking = forMethod('tools/list', (request, next) => next(request))
  await using plain = await openPair(define())
  await using watched = await openPair(define({ middleware: [looking] }))
  const lists = await Promise.all([plain, plain, watched].map((pair) => pair.request('tools/list')))
  expect(lists[1]).toEqual(lists[0] ?? {})
  expect(lists[2]).toEqual(lists[0] ?? {})
})
