import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS, META, METHOD_NOT_FOUND, UNSUPPORTED_PROTOCOL_VERSION } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../test/ask-kit.ts'
import {
  bodyOf,
  initialize,
  legacySession,
  modern,
  modernCall,
  post,
  refusalOf,
  resultOf,
} from '../../test/http-kit.ts'
import { HANDSHAKES, MODERN, modernMeta, NEWEST_HANDSHAKE, textOf } from '../../test/kit.ts'
import { httpHandler } from '../http/handler.ts'

const server = serverWith((_args, { facts }) => facts.revision.version)

const request = (method: string, params = {}): object => ({ jsonrpc: '2.0', id: 1, method, params })

describe('one URL', () => {
  test('answers both eras at once, in any order [MCP-103]', async () => {
    await using handle = httpHandler(server)
    const sessions = []
    for (const version of HANDSHAKES.slice(1)) sessions.push(await legacySession(handle, { version }))
    for (let round = 0; round < 3; round++) {
      for (const session of sessions) {
        const [old, alone] = await Promise.all([
          handle(session.request('tools/call', { name: 'it' })),
          handle(modernCall('it')),
        ])
        expect(textOf(resultOf(await bodyOf(old)))).toBe(session.version)
        expect(textOf(resultOf(await bodyOf(alone)))).toBe(MODERN)
      }
    }
  })

  test('takes a request with metadata for one that stands alone, even inside a session [MCP-093]', async () => {
    await using handle = httpHandler(server)
    const session = await legacySession(handle)
    const headers = { 'mcp-session-id': session.id }
    const response = await handle(modernCall('it', {}, { headers }))
    expect(textOf(resultOf(await bodyOf(response)))).toBe(MODERN)
    // its method is one of the other era
    const ping = await refusalOf(await handle(modern('ping', {}, { headers })))
    expect([ping.status, ping.code]).toEqual([404, METHOD_NOT_FOUND])
    // and its headers are those of its own
    const old = await handle(session.post(request('tools/call', { name: 'it', _meta: modernMeta() })))
    expect(old.status).toBe(400)
    expect((await handle(session.request('tools/call', { name: 'it' }))).status).toBe(200)
  })

  test('takes initialize with metadata for a method it does not know [MCP-131]', async () => {
    await using handle = httpHandler(server)
    const response = await handle(modern('initialize', { protocolVersion: NEWEST_HANDSHAKE, capabilities: {} }))
    const { status, code } = await refusalOf(response)
    expect([status, code, response.headers.get('mcp-session-id')]).toEqual([404, METHOD_NOT_FOUND, null])
  })

  test('takes initialize without metadata for a handshake, whatever its header says', async () => {
    await using handle = httpHandler(server)
    for (const version of [null, NEWEST_HANDSHAKE]) {
      const response = await handle(post(initialize(), { headers: { 'mcp-protocol-version': version } }))
      expect([version, response.status]).toEqual([version, 200])
      expect(response.headers.get('mcp-session-id')).toBeString()
    }
  })

  test('tells what is missing where nothing tells the era', async () => {
    await using handle = httpHandler(server)
    const { status, code, message, id } = await refusalOf(await handle(post(request('tools/list'))))
    expect([status, code, id]).toEqual([400, INVALID_PARAMS, 1])
    for (const word of [META.protocolVersion, 'MCP-Protocol-Version', 'initialize']) expect(message).toContain(word)
  })

  test('tells a newer client what is spoken here [MCP-099]', async () => {
    await using handle = httpHandler(server)
    const headers = { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' }
    for (const params of [{}, { _meta: { ...modernMeta(), [META.protocolVersion]: '2099-01-01' } }]) {
      const { status, code, data } = await refusalOf(await handle(post(request('tools/list', params), { headers })))
      expect([status, code]).toEqual([400, UNSUPPORTED_PROTOCOL_VERSION])
      expect(data).toEqual({ supported: [MODERN], requested: '2099-01-01' })
    }
  })
})
