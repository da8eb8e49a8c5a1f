import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR } from '@bao-mcp/protocol/engine'
import { form, serverWith } from '../../test/ask-kit.ts'
import {
  BOTH_TYPES,
  bare,
  bodyOf,
  ENDPOINT,
  errorOf,
  modern,
  modernCall,
  post,
  refusalOf,
  resultOf,
} from '../../test/http-kit.ts'
import { MODERN, textOf } from '../../test/kit.ts'
import { httpHandler } from './handler.ts'
import type { HttpOptions } from './options.ts'
import { MAX_BODY_DEPTH } from './parse.ts'

const server = serverWith((args) => JSON.stringify(args))

async function refusal(
  request: Request,
  options: HttpOptions = {},
): Promise<{ status: number; code: number; message: string; id: unknown; headers: Headers }> {
  await using handle = httpHandler(server, options)
  const response = await handle(request)
  expect(response.headers.get('content-type')).toBe('application/json')
  const body = await bodyOf(response)
  expect(body.jsonrpc).toBe('2.0')
  const { code, message } = errorOf(body)
  return { status: response.status, code, message, id: body.id, headers: response.headers }
}

async function statusOf(request: Request, options: HttpOptions = {}): Promise<number> {
  await using handle = httpHandler(server, options)
  return (await handle(request)).status
}

describe('the method', () => {
  test('POST is answered [MCP-107]', async () => {
    await using handle = httpHandler(server)
    const response = await handle(modern('tools/list'))
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  })

  test('that this endpoint does not know is refused, naming those it does', async () => {
    for (const method of ['PUT', 'PATCH', 'PROPFIND']) {
      const { status, message, headers } = await refusal(new Request(ENDPOINT, { method }))
      expect([status, message]).toEqual([405, `${method} is not a method of this endpoint`])
      expect(headers.get('allow')).toBe('POST, GET, DELETE, OPTIONS')
    }
    expect(await statusOf(new Request(ENDPOINT, { method: 'HEAD' }))).toBe(405)
  })

  test('is checked before anybody is asked for a token', async () => {
    const auth: HttpOptions['auth'] = {
      resource: ENDPOINT,
      authorizationServers: ['https://issuer.example.com'],
      verifier: { verify: () => Promise.reject(new Error('nobody asked')) },
    }
    expect(await statusOf(new Request(ENDPOINT, { method: 'PUT' }), { auth })).toBe(405)
    expect(await statusOf(post('no JSON', { headers: { 'content-type': 'text/plain' } }), { auth })).toBe(401)
  })

  test('GET and DELETE are refused without a session [MCP-132]', async () => {
    for (const method of ['GET', 'DELETE']) {
      for (const version of [{}, { 'mcp-protocol-version': MODERN }]) {
        const { status, headers } = await refusal(bare(method, version))
        expect([status, headers.get('allow')]).toEqual([405, 'POST'])
      }
    }
  })
})

describe('the types', () => {
  test('of a body is JSON, in any case and with parameters', async () => {
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/json ;x=y']) {
      expect([type, await statusOf(modern('tools/list', {}, { headers: { 'content-type': type } }))]).toEqual([
        type,
        200,
      ])
    }
  })

  test('of a body is nothing else', async () => {
    const others = ['text/plain', 'application/jsonp', 'application/json-rpc', 'application/json, text/plain', 'json']
    for (const type of others) {
      const { status, code } = await refusal(modern('tools/list', {}, { headers: { 'content-type': type } }))
      expect([type, status, code]).toEqual([type, 415, INVALID_REQUEST])
    }
    const untyped = modern('tools/list')
    untyped.headers.delete('content-type')
    expect(await statusOf(untyped)).toBe(415)
  })

  test('of a body is that of the body itself: one that is encoded is refused by its header', async () => {
    for (const coding of ['gzip', 'br', 'gzip, identity']) {
      await using handle = httpHandler(server)
      const response = await handle(modern('tools/list', {}, { headers: { 'content-encoding': coding } }))
      expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'identity'])
      expect(errorOf(await bodyOf(response)).message).toBe(
        `the Content-Encoding header must be left out or identity, got "${coding}"`,
      )
    }
    for (const coding of ['identity', 'Identity', '']) {
      expect(await statusOf(modern('tools/list', {}, { headers: { 'content-encoding': coding } }))).toBe(200)
    }
  })

  test('that a client takes must hold one this server answers with', async () => {
    for (const accept of ['text/html', 'application/json;q=0', '*/*;q=0', 'text/plain, application/xml']) {
      const { status, message } = await refusal(modern('tools/list', {}, { headers: { accept } }))
      expect([accept, status]).toEqual([accept, 406])
      expect(message).toBe('Accept must name application/json and text/event-stream')
    }
    for (const accept of [BOTH_TYPES, '*/*', 'application/json', null]) {
      const request = modern('tools/list', {}, { headers: { accept } })
      expect([accept, await statusOf(request)]).toEqual([accept, 200])
    }
  })
})

describe('a body', () => {
  test('that is no JSON is refused, with the id it has where it can be read', async () => {
    const cases: [string, unknown][] = [
      ['{"jsonrpc":"2.0","id":7,"method":"tools/list"', 7],
      ['{"jsonrpc":"2.0","id":"a","method":tools}', 'a'],
      ['{"jsonrpc":"2.0","params":{"id":8},"method":', undefined],
      ['not JSON', undefined],
      ['{"id":9}{"id":10}', 9],
    ]
    for (const [text, id] of cases) {
      const { status, code, message, id: told } = await refusal(post(text))
      expect([text, status, code, told]).toEqual([text, 400, PARSE_ERROR, id])
      expect(message).toBe('the body is not valid JSON')
    }
  })

  test('that is empty is refused', async () => {
    const { status, code, message } = await refusal(post(''))
    expect([status, code, message]).toEqual([400, PARSE_ERROR, 'the body is empty'])
  })

  test('that is JSON and no message is refused, with its id where it has one', async () => {
    const cases: [unknown, unknown][] = [
      [null, undefined],
      ['text', undefined],
      [{}, undefined],
      [{ jsonrpc: '1.0', id: 1, method: 'ping' }, 1],
      [{ jsonrpc: '2.0', id: 1, method: 5 }, 1],
      [{ jsonrpc: '2.0', id: null, method: 'ping' }, undefined],
      [{ jsonrpc: '2.0', id: 1.5, method: 'ping' }, undefined],
      [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, 1],
    ]
    for (const [body, id] of cases) {
      const { status, code, id: told } = await refusal(post(JSON.stringify(body)))
      expect([body, status, code, told]).toEqual([body, 400, INVALID_REQUEST, id])
    }
  })

  test('that is an array or an answer belongs to a session', async () => {
    const headers = { 'mcp-protocol-version': MODERN }
    const bodies = [[], [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }], { jsonrpc: '2.0', id: 1, result: {} }]
    for (const body of bodies) {
      for (const more of [{}, { headers }]) {
        const { status, code } = await refusal(post(body, more))
        expect([body, status, code]).toEqual([body, 400, INVALID_REQUEST])
      }
    }
  })

  test('that tells no version is refused, with all there are', async () => {
    await using handle = httpHandler(server)
    const response = await handle(post({ jsonrpc: '2.0', id: 3, method: 'tools/list' }))
    const body = await bodyOf(response)
    const { code, data } = errorOf(body)
    expect([response.status, code, body.id]).toEqual([400, INVALID_PARAMS, 3])
    expect(data?.supported).toContain(MODERN)
  })

  test('that is nested as deep as it may be is served in full, and one that is deeper is refused by name', async () => {
    const asks = serverWith(async (_args, { ask }) => (await ask('q', form('?'))).action)
    await using handle = httpHandler(asks)
    const send = async (levels: number): Promise<Response> => {
      const request = modernCall('it', { a: 'HERE' }, { capabilities: { elicitation: { form: {} } } })
      const text = (await request.text()).replace('"HERE"', '['.repeat(levels) + ']'.repeat(levels))
      return handle(new Request(request.url, { method: 'POST', headers: request.headers, body: text }))
    }
    // the message, its params and their arguments are three levels
    const served = resultOf(await bodyOf(await send(MAX_BODY_DEPTH - 3)))
    expect(served).toMatchObject({ resultType: 'input_required' })
    const refused = await refusalOf(await send(MAX_BODY_DEPTH - 2))
    expect([refused.status, refused.code, refused.id]).toEqual([400, PARSE_ERROR, 1])
    expect(refused.message).toBe('the body is nested more than 1000 levels deep (MAX_BODY_DEPTH)')
  })

  test('that is nested as deep as its size allows is refused or answered, and the next one is as well', async () => {
    await using handle = httpHandler(server)
    const depth = 1_000_000
    const bottomless = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${'['.repeat(depth)}`
    expect((await handle(post(bottomless))).status).toBe(400)
    for (const levels of [1000, 10_000, 100_000, 1_000_000]) {
      const args = `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
      const request = modernCall('it', { a: 'HERE' })
      const text = (await request.text()).replace('{"a":"HERE"}', args)
      const response = await handle(new Request(request.url, { method: 'POST', headers: request.headers, body: text }))
      expect(await bodyOf(response)).toMatchObject({ jsonrpc: '2.0' })
    }
    expect((await handle(modern('tools/list'))).status).toBe(200)
  })

  test('over the limit is refused [MCP-145]', async () => {
    const { status, message } = await refusal(modernCall('it', { text: 'x'.repeat(1000) }), { maxBodyBytes: 1000 })
    expect([status, message]).toEqual([413, 'the body is over the limit of 1000 bytes (maxBodyBytes)'])
  })
})

test('a header over the limit is refused [MCP-145]', async () => {
  const long = 'x'.repeat(101)
  const options = { maxHeaderLength: 100 }
  const cases = [
    post({}, { headers: { 'mcp-session-id': long } }),
    bare('GET', { 'mcp-session-id': 'x', 'last-event-id': long }),
  ]
  for (const request of cases) {
    const { status, message } = await refusal(request, options)
    expect(status).toBe(431)
    expect(message).toContain('has 101 characters, over the limit of 100 (maxHeaderLength)')
  }
})

test('an answer may hold any text', async () => {
  await using handle = httpHandler(server)
  const text = '\u{feff}\u2028\0"\\\r\n😀'
  const response = await handle(modernCall('it', { text }))
  expect(JSON.parse(textOf(resultOf(await bodyOf(response))))).toEqual({ text })
})

test('a limit under which nothing could be served is refused at once, by its name', () => {
  for (const [name, value] of [
    ['maxBodyBytes', 0],
    ['keepAliveMs', 0],
    ['maxHeaderLength', Number.NaN],
    ['streamAfterMs', -1],
    ['maxOutboundLength', 0],
    ['maxConcurrentCalls', 0],
  ] as const) {
    expect(() => httpHandler(server, { [name]: value })).toThrow(name)
  }
})
