import { describe, expect, test } from 'bun:test'
import {
  HEADER_MISMATCH,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type JsonObject,
  META,
  METHOD_NOT_FOUND,
  MISSING_CLIENT_CAPABILITY,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import { form } from '../../../test/ask-kit.ts'
import { bodyOf, errorOf, modern, modernCall, post, type Refusal, refusalOf, resultOf } from '../../../test/http-kit.ts'
import { MODERN, modernMeta, NEWEST_HANDSHAKE, textOf } from '../../../test/kit.ts'
import { httpHandler } from '../../http/handler.ts'
import { prompt } from '../../registry/prompt.ts'
import { resource } from '../../registry/resource.ts'
import { tool } from '../../registry/tool.ts'
import { createServer } from '../../server.ts'

const ran: string[] = []
const echo = tool({
  name: 'echo',
  run(args) {
    ran.push('echo')
    return JSON.stringify(args)
  },
})
const located = tool({
  name: 'located',
  input: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
  run: () => 'located',
})
const asking = tool({
  name: 'asking',
  async run(_args, call) {
    await call.ask('name', form('name?'))
    return 'asked'
  },
})
const strange = tool({ name: 'naïve tool 😀', run: () => 'strange' })
const server = createServer({
  name: 's',
  version: '1',
  tools: [echo, located, asking, strange],
  resources: [resource({ uri: 'test://a', name: 'a', read: () => 'text of a' })],
  prompts: [prompt({ name: 'greet', run: () => 'hello' })],
})
const bare = createServer({ name: 'bare', version: '1' })

async function refusal(request: Request, of = server): Promise<Refusal> {
  await using handle = httpHandler(of)
  const refused = await refusalOf(await handle(request))
  expect(refused.id).toBe(1)
  return refused
}

async function answer(request: Request): Promise<JsonObject> {
  await using handle = httpHandler(server)
  const response = await handle(request)
  const body = await bodyOf(response)
  expect([response.status, body.id, body.error]).toEqual([200, 1, undefined])
  return resultOf(body)
}

/** A request whose body and headers are those given, however wrong. */
function raw(method: string, params: unknown, headers: Record<string, string | null> = {}): Request {
  return post(
    { jsonrpc: '2.0', id: 1, method, params },
    { headers: { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...headers } },
  )
}

const meta = (more: JsonObject): JsonObject => ({ _meta: { ...modernMeta(), ...more } })
describe('the metadata', () => {
  test('must be there when the header says so [MCP-091]', async () => {
    for (const params of [undefined, {}, { _meta: {} }, { _meta: null }, { _meta: [] }, { _meta: { other: 1 } }]) {
      const { status, code } = await refusal(raw('tools/list', params))
      expect([params, status, code]).toEqual([params, 400, INVALID_PARAMS])
    }
  })

  test('must hold a version and capabilities, and what else it holds must be what it is [MCP-091]', async () => {
    const cases: JsonObject[] = [
      { [META.protocolVersion]: null },
      { [META.protocolVersion]: 20260728 },
      { [META.clientCapabilities]: undefined },
      { [META.clientCapabilities]: [] },
      { [META.clientCapabilities]: 'all' },
      { [META.clientInfo]: { name: 'without a version' } },
      { [META.logLevel]: 'loud' },
      { [META.progressToken]: 1.5 },
    ]
    for (const more of cases) {
      const { status, code, message } = await refusal(raw('tools/list', meta(more)))
      expect([more, status, code]).toEqual([more, 400, INVALID_PARAMS])
      expect(message).toContain(Object.keys(more)[0]?.split('/').at(-1) ?? '')
    }
  })

  test('need not name the client [MCP-092]', async () => {
    expect(await answer(raw('tools/list', meta({ [META.clientInfo]: undefined })))).toHaveProperty('tools')
  })

  test('of an earlier request is not remembered [MCP-093, MCP-094]', async () => {
    await using handle = httpHandler(server)
    const first = await handle(modernCall('asking', {}, { capabilities: { elicitation: { form: {} } } }))
    expect(resultOf(await bodyOf(first)).resultType).toBe('input_required')
    const second = await handle(modernCall('asking'))
    expect(errorOf(await bodyOf(second)).code).toBe(MISSING_CLIENT_CAPABILITY)
    expect((await handle(raw('tools/list', {}))).status).toBe(400)
  })

  test('must declare what a handler needs of the client [MCP-095]', async () => {
    const { status, code, data } = await refusal(modernCall('asking'))
    expect([status, code]).toEqual([400, MISSING_CLIENT_CAPABILITY])
    expect(data).toEqual({ requiredCapabilities: { elicitation: { form: {} } } })
  })
})

describe('the version', () => {
  test('must be repeated by the header, exactly [MCP-126, MCP-127]', async () => {
    for (const header of [null, '', '2026-07-29', NEWEST_HANDSHAKE, `${MODERN}, ${MODERN}`, `"${MODERN}"`]) {
      const { status, code, message } = await refusal(raw('tools/list', meta({}), { 'mcp-protocol-version': header }))
      expect([header, status, code]).toEqual([header, 400, HEADER_MISMATCH])
      expect(message).toContain('MCP-Protocol-Version')
    }
  })

  test('that is not served is told, with those that are [MCP-099, MCP-128]', async () => {
    for (const version of ['2099-01-01', 'v999.0.0', '', NEWEST_HANDSHAKE]) {
      const params = meta({ [META.protocolVersion]: version })
      const { status, code, data } = await refusal(raw('tools/list', params, { 'mcp-protocol-version': version }))
      expect([version, status, code]).toEqual([version, 400, UNSUPPORTED_PROTOCOL_VERSION])
      expect(data).toEqual({ supported: [MODERN], requested: version })
    }
  })

  test('that only a header tells is told to be unknown, before metadata is missed [MCP-128]', async () => {
    const { status, code, data } = await refusal(raw('tools/list', {}, { 'mcp-protocol-version': '2099-01-01' }))
    expect([status, code, data?.requested]).toEqual([400, UNSUPPORTED_PROTOCOL_VERSION, '2099-01-01'])
  })

  test('is served whatever came before on the connection [MCP-093, MCP-098]', async () => {
    expect(await answer(modern('server/discover'))).toMatchObject({ supportedVersions: [MODERN] })
  })
})

describe('the headers that repeat the body', () => {
  test('name the method, in its case [MCP-126, MCP-127]', async () => {
    for (const header of [
      null,
      '',
      'tools/call',
      'Tools/List',
      'tools/list, tools/list',
      '=?base64?dG9vbHMvbGlzdA==?=',
    ]) {
      const { status, code, message } = await refusal(modern('tools/list', {}, { headers: { 'mcp-method': header } }))
      expect([header, status, code]).toEqual([header, 400, HEADER_MISMATCH])
      expect(message).toContain('Mcp-Method')
    }
  })

  test('name the tool, the prompt or the resource, in its case [MCP-126, MCP-127, MCP-130]', async () => {
    const requests: [string, JsonObject][] = [
      ['tools/call', { name: 'echo' }],
      ['prompts/get', { name: 'greet' }],
      ['resources/read', { uri: 'test://a' }],
    ]
    for (const [method, params] of requests) {
      expect(await answer(modern(method, params))).toBeObject()
      const name = String(params.name ?? params.uri)
      for (const header of [null, '', 'other', name.toUpperCase(), `${name}, ${name}`]) {
        const { status, code, message } = await refusal(modern(method, params, { headers: { 'mcp-name': header } }))
        expect([method, header, status, code]).toEqual([method, header, 400, HEADER_MISMATCH])
        expect(message).toContain('Mcp-Name')
      }
    }
  })

  test('may be spelled in any case, with blanks around their values [MCP-130]', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', ...meta({}) } }
    const headers = { 'MCP-PROTOCOL-VERSION': MODERN, 'mCP-mETHOD': ' \ttools/call\t ', 'Mcp-Name': '  echo ' }
    expect(textOf(await answer(post(message, { headers })))).toBe('{}')
  })

  test('may be Base64 behind its mark, which has a case [MCP-129]', async () => {
    const encoded = '=?base64?bmHDr3ZlIHRvb2wg8J+YgA==?='
    const params = { name: 'naïve tool 😀' }
    const sent = (header: string): Request => modern('tools/call', params, { headers: { 'mcp-name': header } })
    expect(textOf(await answer(sent(encoded)))).toBe('strange')
    expect(
      textOf(await answer(modern('tools/call', { name: 'echo' }, { headers: { 'mcp-name': '=?base64?ZWNobw==?=' } }))),
    ).toBe('{}')
    const wrong = [
      encoded.replace('base64', 'BASE64'),
      encoded.replace('==?=', '?='),
      encoded.replace('bmHD', 'bm-D'),
      '=?base64??=',
      '=?base64?/w==?=',
    ]
    for (const header of wrong) {
      const { status, code } = await refusal(sent(header))
      expect([header, status, code]).toEqual([header, 400, HEADER_MISMATCH])
    }
  })

  test('of what the body does not have do not matter', async () => {
    const headers = { 'mcp-name': 'anything', 'mcp-param-region': 'eu', 'mcp-param-other': '\x80' }
    expect(await answer(modern('tools/list', {}, { headers }))).toHaveProperty('tools')
  })

  test('of sessions are overlooked, and no session is told of [MCP-133]', async () => {
    await using handle = httpHandler(server)
    const headers = { 'mcp-session-id': 'no such session', 'last-event-id': 'x' }
    const response = await handle(modern('tools/list', {}, { headers }))
    expect([response.status, response.headers.get('mcp-session-id')]).toEqual([200, null])
  })
})

describe('the method', () => {
  test('that no revision or another one knows is not found [MCP-131]', async () => {
    const others = [
      'no/such',
      'initialize',
      'ping',
      'logging/setLevel',
      'resources/subscribe',
      'resources/unsubscribe',
      'tasks/list',
      '__proto__',
      '',
    ]
    for (const method of others) {
      const { status, code, message } = await refusal(modern(method))
      expect([method, status, code]).toEqual([method, 404, METHOD_NOT_FOUND])
      expect(message).toBe(`method not found in ${MODERN}: ${method}`)
    }
  })

  test('of what the server does not offer is not found [MCP-131]', async () => {
    const others: [string, JsonObject][] = [
      ['prompts/list', {}],
      ['prompts/get', { name: 'greet' }],
      ['resources/list', {}],
      ['resources/templates/list', {}],
      ['resources/read', { uri: 'test://a' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'a', value: '' } }],
    ]
    for (const [method, params] of others) {
      const { status, code } = await refusal(modern(method, params), bare)
      expect([method, status, code]).toEqual([method, 404, METHOD_NOT_FOUND])
    }
  })
})

test('the first rung that does not hold is the one that is told', async () => {
  const unknown = '2099-01-01'
  const wrong = (headers: Record<string, string | null>, params: JsonObject, method = 'tools/call'): Request =>
    raw(method, params, headers)
  const noCapabilities = meta({ [META.clientCapabilities]: undefined })
  const ladder: [string, Request, number, number][] = [
    [
      'body',
      post({ jsonrpc: '1.0', id: 1, method: 'tools/call' }, { headers: { 'mcp-protocol-version': unknown } }),
      400,
      INVALID_REQUEST,
    ],
    [
      'metadata before version header',
      wrong({ 'mcp-protocol-version': null, 'mcp-method': 'x' }, noCapabilities),
      400,
      INVALID_PARAMS,
    ],
    [
      'version header before version',
      wrong({ 'mcp-method': 'x' }, meta({ [META.protocolVersion]: unknown })),
      400,
      HEADER_MISMATCH,
    ],
    [
      'version before method header',
      wrong({ 'mcp-protocol-version': unknown, 'mcp-method': 'x' }, meta({ [META.protocolVersion]: unknown })),
      400,
      UNSUPPORTED_PROTOCOL_VERSION,
    ],
    ['method header before method', wrong({ 'mcp-method': 'x' }, meta({}), 'no/such'), 400, HEADER_MISMATCH],
    ['name header before what is offered', wrong({}, meta({}), 'resources/read'), 400, HEADER_MISMATCH],
    ['method before params', wrong({}, { ...meta({}), name: 5 }, 'no/such'), 404, METHOD_NOT_FOUND],
    ['argument header before arguments', modernCall('located', { region: 'eu' }), 400, HEADER_MISMATCH],
    ['tool', modernCall('no such tool'), 200, INVALID_PARAMS],
    ['tool that only looks like one', modernCall('__proto__'), 200, INVALID_PARAMS],
    ['params', modern('tools/call', { name: 'echo', arguments: [] }), 200, INVALID_PARAMS],
    ['capability', modernCall('asking'), 400, MISSING_CLIENT_CAPABILITY],
  ]
  for (const [rung, request, status, code] of ladder) {
    const told = await refusal(request)
    expect([rung, told.status, told.code]).toEqual([rung, status, code])
  }
})

test('nothing runs of what was refused', async () => {
  ran.length = 0
  await refusal(modernCall('echo', {}, { headers: { 'mcp-name': 'other' } }))
  await refusal(modernCall('echo', {}, { headers: { 'mcp-protocol-version': null } }))
  expect(ran).toEqual([])
  await answer(modernCall('echo'))
  expect(ran).toEqual(['echo'])
})

test('an id of any kind is echoed as it came', async () => {
  await using handle = httpHandler(server)
  for (const id of [0, -1, 2 ** 53 - 1, '', 'a', '1', '😀']) {
    expect((await bodyOf(await handle(modern('tools/list', {}, { id })))).id).toBe(id)
    expect((await bodyOf(await handle(modern('no/such', {}, { id })))).id).toBe(id)
    expect((await bodyOf(await handle(modern('tools/list', {}, { id, headers: { 'mcp-method': null } })))).id).toBe(id)
  }
})

test('a notification is taken without a word [MCP-113]', async () => {
  await using handle = httpHandler(server)
  for (const method of ['notifications/initialized', 'notifications/cancelled', 'notifications/unknown']) {
    const response = await handle(
      post({ jsonrpc: '2.0', method, params: meta({}) }, { headers: { 'mcp-protocol-version': MODERN } }),
    )
    expect([response.status, await response.text()]).toEqual([202, ''])
  }
  const silent = await handle(post({ jsonrpc: '2.0', method: 'notifications/unknown' }))
  expect(silent.status).toBe(400)
})
