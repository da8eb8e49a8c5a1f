import { expect, test } from 'bun:test'
import { startHostile } from './process.ts'
import {
  answerOf,
  bytesOf,
  exchange,
  type Headers,
  head,
  inSession,
  MODERN,
  openSession,
  toolCall,
} from './requests.ts'
import { connect, type RawResponse } from './socket.ts'

const KEYS = toolCall('keys')

test('headers full of rubbish are refused by name', async () => {
  await using server = await startHostile()
  const send = (more: Headers): Promise<RawResponse> => exchange(server.port, bytesOf(KEYS, more))
  for (const name of [
    'kéys',
    '=?base64?!?=',
    '=?base64?/w==?=',
    'keys\t',
    'keys, keys',
    'k'.repeat(5000),
    ' ',
    '%6beys',
  ]) {
    const response = await send({ 'mcp-name': Buffer.from(name).toString('latin1') })
    expect([name, response.status, answerOf(response).error?.code]).toEqual(
      name === 'keys\t' ? [name, 200, undefined] : [name, 400, -32020],
    )
  }
  for (const version of ['1', `${MODERN}x`, '9999-99-99', 'a'.repeat(5000)]) {
    expect((await send({ 'mcp-protocol-version': version })).status, version).toBe(400)
  }
  for (const type of ['', 'text/plain', 'application/jsonx', 'multipart/form-data; boundary=x']) {
    expect((await send({ 'content-type': type })).status, type).toBe(415)
  }
  for (const accept of ['text/html', ';;;', ',', 'application/json;q=0, text/event-stream;q=0']) {
    expect((await send({ accept })).status, accept).toBe(406)
  }
})

test('a session id that was guessed, is huge or is split is answered 404 or 4xx, and tells nothing', async () => {
  await using server = await startHostile()
  using connection = await connect(server.port)
  const session = await openSession(connection)
  const guesses = [
    session.slice(0, -1),
    `${session}0`,
    session.toUpperCase(),
    '*',
    'session/',
    '../',
    '__proto__',
    `${session}, ${session}`,
  ]
  const ping = { id: 1, method: 'ping' }
  for (const guess of guesses) {
    const bodies = await Promise.all(
      [
        inSession(guess, ping),
        head('GET', { 'mcp-session-id': guess, accept: 'text/event-stream' }),
        head('DELETE', { 'mcp-session-id': guess }),
      ].map((bytes) => exchange(server.port, bytes)),
    )
    expect(
      bodies.map(({ status }) => status),
      guess,
    ).toEqual([404, 404, 404])
    for (const { body } of bodies) expect(body).not.toContain(session)
  }
  expect((await exchange(server.port, inSession('s'.repeat(9000), ping))).status).toBe(431)
  const split = await exchange(server.port, inSession(`x\r\nmcp-session-id: ${session}`, ping))
  expect(split.status).toBe(404)
  connection.write(inSession(session, ping))
  expect((await connection.response()).status).toBe(200)
})

test('a Last-Event-ID that is none of this server is refused and costs nothing', async () => {
  await using server = await startHostile()
  using connection = await connect(server.port)
  const session = await openSession(connection)
  const events = { 'mcp-session-id': session, accept: 'text/event-stream' }
  const ids = [
    'garbage',
    '0',
    '-1',
    'changes',
    'changes.',
    'changes.-1',
    'changes.x',
    `${'a'.repeat(16)}-0.0`,
    'a-b.1e9',
    '__proto__',
    'x'.repeat(8000),
  ]
  for (const id of ids) {
    using stream = await connect(server.port)
    stream.write(head('GET', { ...events, 'last-event-id': id }))
    const { status } = await stream.head()
    // the stream of changes begins anew where its place is no longer known
    if (id.startsWith('changes.')) expect([200, 400], id).toContain(status)
    else expect(status, id.slice(0, 30)).toBe(400)
  }
  const long = await exchange(server.port, head('GET', { ...events, 'last-event-id': 'x'.repeat(9000) }))
  expect(long.status).toBe(431)
})

test('other hosts and pages of elsewhere are refused before anything is read', async () => {
  await using server = await startHostile()
  const hosts = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '[::2]',
    '0.0.0.0',
    'localhost:x',
    '127.1',
    'xn--lcalhost-0za',
  ]
  for (const host of hosts) {
    const response = await exchange(server.port, bytesOf(KEYS, { host }))
    expect([400, 403, 404], host).toContain(response.status)
  }
  const origins = [
    'null',
    'https://evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'file://',
    'javascript:0',
    'http://[::2]',
    'localhost',
    'http://localhost, http://evil.example',
  ]
  for (const origin of origins) {
    for (const bytes of [
      bytesOf(KEYS, { origin }),
      head('GET', { origin }),
      head('OPTIONS', { origin }),
      head('DELETE', { origin }),
    ]) {
      const { status, headers } = await exchange(server.port, bytes)
      expect([origin, status]).toEqual([origin, 403])
      expect(headers.get('access-control-allow-origin')).toBeUndefined()
    }
  }
  expect((await exchange(server.port, bytesOf(KEYS, { origin: 'http://localhost:9999' }))).status).toBe(200)
})
