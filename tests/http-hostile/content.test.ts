import { expect, test } from 'bun:test'
import { startHostile } from './process.ts'
import {
  answerOf,
  bytesOf,
  call,
  exchange,
  inSession,
  MODERN,
  openSession,
  post,
  request,
  textOf,
  toolCall,
  works,
} from './requests.ts'
import { connect } from './socket.ts'

const DEEP = 100_000
const nested = `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`
const KEYS = toolCall('keys')
/** Bytes that huge or deep bodies may cost a process: what was seen, about 60 MiB, with room to spare. */
const MAX_GROWTH = 256 * 1024 * 1024

/** A call of a tool whose arguments are written by hand. */
function withArguments(tool: string, json: string): Buffer {
  const { body, headers } = toolCall(tool)
  return post(body.replace('"arguments":{}', `"arguments":${json}`), headers)
}

/** The same call under an id that is written by hand. */
function withId(json: string): Buffer {
  return post(KEYS.body.replace('"id":1', `"id":${json}`), KEYS.headers)
}

test('what is nested 100,000 levels deep is refused by the name of the limit, with its id', async () => {
  await using server = await startHostile()
  const object = `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`
  const cases: readonly (readonly [bytes: Buffer, id?: number])[] = [
    [post(nested)],
    [post(object)],
    [post(nested.slice(0, DEEP))],
    [post(`{"jsonrpc":"2.0","id":1,"method":"x","params":${object}}`), 1],
    [withId(nested)],
    [withArguments('whole', `{"a":${nested}}`), 1],
    [withArguments('ask', `{"a":"\\"","b":${nested}}`), 1],
    [withArguments('keys', `{"a":"\\\\","b":${nested}}`), 1],
  ]
  for (const [bytes, id] of cases) {
    const response = await exchange(server.port, bytes)
    expect(response.status).toBe(400)
    const { error, id: answered } = answerOf(response)
    expect([error?.code, answered]).toEqual([-32700, id])
    expect(error?.message).toContain('MAX_BODY_DEPTH')
  }
  expect(server.log.trim().split('\n')).toHaveLength(1)
})

test('what is nested as deep as may be is served, and so is what only looks like it', async () => {
  await using server = await startHostile()
  const deep = `${'['.repeat(990)}${']'.repeat(990)}`
  const whole = await exchange(server.port, withArguments('whole', `{"a":${deep}}`))
  expect(whole.body).toContain(`"structuredContent":{"a":${deep}}`)
  expect(
    answerOf(await exchange(server.port, withArguments('ask', `{"a":${deep}}`))).result?.requestState,
  ).toBeDefined()
  const text = `\\"${'[{'.repeat(DEEP)}`
  expect(textOf(await call(server.port, toolCall('echo', { text })))).toBe(text)
  const flat = `[${'[],{},'.repeat(DEEP)}1]`
  expect(textOf(answerOf(await exchange(server.port, withArguments('keys', `{"a":${flat}}`))))).toContain('"a"')
})

test('huge bodies, and arrays in the place of a message, are answered once and leave no memory behind', async () => {
  await using server = await startHostile()
  const { rss } = await server.stats()
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
  const pings = `[${Array.from({ length: 90_000 }, () => ping).join(',')}]`
  const numbers = `[${'1,'.repeat(2_000_000)}1]`
  for (const body of [pings, numbers, '[]', `[${nested}]`]) {
    expect((await exchange(server.port, post(body))).status).toBe(400)
  }
  using connection = await connect(server.port)
  const session = await openSession(connection)
  for (const body of [pings, numbers, '[]']) {
    connection.write(post(body, { 'mcp-session-id': session }))
    const { status, body: answer } = await connection.response()
    expect(status).toBe(400)
    expect(answer.length).toBeLessThan(1000)
  }
  const largest = 4 * 1024 * 1024 - 1000
  expect(textOf(await call(server.port, toolCall('echo', { text: 'x'.repeat(largest) })))).toHaveLength(largest)
  expect(await works(server.port)).toBe(true)
  expect((await server.stats()).rss - rss).toBeLessThan(MAX_GROWTH)
})

test('an old session may send an array, of at most 100 messages', async () => {
  await using server = await startHostile()
  using connection = await connect(server.port)
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'old', version: '1' } }
  connection.write(post(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })))
  const session = (await connection.response()).headers.get('mcp-session-id') ?? ''
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  for (const [messages, answers] of [
    [Array(100).fill(ping), 1],
    [Array(101).fill(ping), 1],
    [[1, null, 'x'], 3],
  ] as const) {
    connection.write(post(JSON.stringify(messages), { 'mcp-session-id': session }))
    const { body } = await connection.response()
    expect([JSON.parse(body)].flat().length).toBeGreaterThanOrEqual(answers)
  }
  expect(await works(server.port)).toBe(true)
})

test('keys that mean something to JavaScript are keys like any other, and change nothing', async () => {
  await using server = await startHostile()
  const evil = '"__proto__":{"polluted":true,"admin":true},"constructor":{"prototype":{"polluted":true}},"toString":1'
  const own = ['__proto__', 'constructor', 'toString']
  const seen = answerOf(await exchange(server.port, withArguments('keys', `{${evil}}`)))
  expect(JSON.parse(textOf(seen) ?? '')).toEqual({ own, admin: null })
  const whole = await exchange(server.port, withArguments('whole', `{${evil}}`))
  expect(whole.body).toContain(`"structuredContent":{${evil}}`)
  const places = [
    KEYS.body.replace('"params":{', `"params":{${evil},`),
    KEYS.body.replace('"_meta":{', `"_meta":{${evil},`),
    KEYS.body.replace(
      '"io.modelcontextprotocol/clientCapabilities":{',
      `"io.modelcontextprotocol/clientCapabilities":{${evil},`,
    ),
    `{${evil},${KEYS.body.slice(1)}`,
  ]
  for (const body of places) expect((await exchange(server.port, post(body, KEYS.headers))).status).toBe(200)
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const missing = request('resources/read', { uri: name })
    expect((await call(server.port, missing)).error?.code, name).toBe(-32602)
    expect((await call(server.port, toolCall(name))).error?.code, name).toBe(-32602)
    expect((await exchange(server.port, bytesOf(request(name)))).status, name).toBe(404)
    const round = { inputResponses: JSON.parse(`{"${name}":{"action":"accept"}}`) }
    expect((await call(server.port, toolCall('keys', {}, { params: round }))).jsonrpc, name).toBe('2.0')
  }
  using connection = await connect(server.port)
  const capabilities = `{"protocolVersion":"2025-11-25","capabilities":{${evil}},"clientInfo":{"name":"x","version":"1",${evil}}}`
  connection.write(post(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":${capabilities}}`))
  expect((await connection.response()).status).toBe(200)
  expect((await server.stats()).polluted).toBe(false)
})

test('ids of any type are given back as they came, or refused', async () => {
  await using server = await startHostile()
  const fine = [
    '0',
    '-1',
    '9007199254740991',
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"__proto__"',
    `"${'i'.repeat(100_000)}"`,
    '1e3',
    '1.0',
  ]
  for (const json of fine) {
    const answer = answerOf(await exchange(server.port, withId(json)))
    expect(answer.result, json.slice(0, 30)).toBeDefined()
    expect(answer.id, json.slice(0, 30)).toBe(JSON.parse(json))
  }
  for (const json of ['null', 'true', '[]', '{}', '1.5', '9007199254740992', '1e999', '-0.1']) {
    const response = await exchange(server.port, withId(json))
    expect(response.status, json).toBe(400)
    expect(answerOf(response), json).toMatchObject({ error: { code: -32600 } })
    expect(answerOf(response).id, json).toBeUndefined()
  }
})

test('of a member that comes twice the last one counts, for everybody who looks', async () => {
  await using server = await startHostile()
  const twice = KEYS.body.replace('"name":"keys"', '"name":"hold","name":"keys"')
  expect(answerOf(await exchange(server.port, post(twice, KEYS.headers))).result).toBeDefined()
  const other = { ...KEYS.headers, 'mcp-name': 'hold' }
  const refused = await exchange(server.port, post(twice, other))
  expect([refused.status, answerOf(refused).error?.code]).toEqual([400, -32020])
  expect((await server.stats()).held.started).toBe(0)
})

test('text that is no text is refused or replaced, and never ends the server', async () => {
  await using server = await startHostile()
  const echo = toolCall('echo', { text: '?' })
  const [before = '', after = ''] = echo.body.split('?')
  const bytes = (...middle: number[]): Buffer =>
    Buffer.concat([Buffer.from(before), Buffer.from(middle), Buffer.from(after)])
  for (const invalid of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    const response = await exchange(server.port, post(bytes(...invalid), echo.headers))
    expect(response.body).toContain('\ufffd')
  }
  expect((await exchange(server.port, post(bytes(0), echo.headers))).status).toBe(400)
  for (const text of ['\0', '\ud800', '\u2028', '\ufeff', 'é𝄞']) {
    expect(textOf(await call(server.port, toolCall('echo', { text }))), JSON.stringify(text)).toBe(text)
  }
  const utf16 = Buffer.from(KEYS.body, 'utf16le')
  expect((await exchange(server.port, post(utf16, KEYS.headers))).status).toBe(400)
})

test('a method of a megabyte is answered with a short error, and any other name with no more than was sent', async () => {
  await using server = await startHostile()
  const long = 'm'.repeat(1_000_000)
  const { body, headers } = request(long)
  const short = [
    post(body, { ...headers, 'mcp-method': 'm' }),
    post(body, { 'mcp-protocol-version': MODERN }),
    post(body.replace(MODERN, long), { 'mcp-protocol-version': 'm' }),
    post(`{"jsonrpc":"2.0","id":1,"method":"${long}"}`),
    post(toolCall(long).body, { ...KEYS.headers, 'mcp-name': long.slice(0, 4000) }),
  ]
  for (const bytes of short) {
    const { status, body: answer } = await exchange(server.port, bytes)
    expect(status).toBe(400)
    expect(answer.length).toBeLessThan(1000)
  }
  using connection = await connect(server.port)
  const session = await openSession(connection)
  for (const [method, params] of [
    [long, {}],
    ['tools/call', { name: long }],
    ['logging/setLevel', { level: long }],
    ['prompts/get', { name: long }],
  ] as const) {
    connection.write(inSession(session, { id: 1, method, params }))
    const response = await connection.response()
    expect(answerOf(response).error).toBeDefined()
    expect(response.body.length).toBeLessThan(long.length + 1000)
  }
  connection.write(inSession(session, { id: 1, method: 'resources/read', params: { uri: long } }))
  // it is told in words and as data
  expect((await connection.response()).body.length).toBeLessThan(2 * long.length + 1000)
})
