import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Era } from '@bao-mcp/protocol/revisions'
import { underBun } from './launches.ts'
import { call, echo, line, META, shakeHands } from './raw-messages.ts'
import { type RawServer, startRaw } from './raw-server.ts'

setDefaultTimeout(30_000)

const INVALID_REQUEST = -32600
const INVALID_PARAMS = -32602
const UNSUPPORTED_VERSION = -32022
const LIMIT = 1_000_000

async function start(era: Era, options: object = {}): Promise<RawServer> {
  const server = startRaw(underBun('bao-server', JSON.stringify(options)))
  if (era === 'legacy') await shakeHands(server)
  return server
}

const say = (era: Era, id: number, text: string): string => call(era, id, 'echo', { text })
const answer = (id: unknown, text: string): object => ({ id, result: { content: [{ text }] } })

describe.each(['modern', 'legacy'] as const)('our server in the %s era', (era) => {
  test('refuses an id that is in use, and answers the call that had it first', async () => {
    await using server = await start(era)
    server.write(call(era, 1, 'slow', { key: 'a', steps: 0, hold: true }))
    server.write(say(era, 1, 'again'))
    expect(await server.read()).toMatchObject({ id: 1, error: { code: INVALID_REQUEST } })
    server.write(call(era, 2, 'release', { key: 'a' }))
    expect([await server.read(), await server.read()]).toMatchObject([answer(2, 'released'), answer(1, 'done a')])
  })

  test('answers a request that reuses the id of a call cancelled in the same chunk', async () => {
    await using server = await start(era)
    const cancel = line(era, { method: 'notifications/cancelled', params: { requestId: 1 } })
    server.write(call(era, 1, 'slow', { key: 'b', steps: 0, hold: true }) + cancel + say(era, 1, 'the second'))
    expect(await server.read()).toMatchObject(answer(1, 'the second'))
    server.write(call(era, 2, 'was_cancelled', { key: 'b' }))
    expect(await server.read()).toMatchObject(answer(2, 'cancelled b'))
  })

  test('sends nothing more for a cancelled call [MCP-036]', async () => {
    await using server = await start(era)
    const progressToken = 'p'
    const params = { name: 'slow', arguments: { key: 'c', steps: 1, hold: true } }
    const _meta = era === 'modern' ? { ...META, progressToken } : { progressToken }
    server.write(line(era, { id: 1, method: 'tools/call', params: { ...params, _meta } }))
    expect(await server.read()).toMatchObject({ method: 'notifications/progress', params: { progressToken } })
    server.write(line(era, { method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } }))
    server.write(call(era, 2, 'was_cancelled', { key: 'c' }))
    expect(await server.read()).toMatchObject(answer(2, 'cancelled c'))
    server.endInput()
    expect(await server.readToEnd()).toEqual([])
  })

  test('hang 9: answers a call whose result cannot be written as JSON', async () => {
    await using server = await start(era)
    server.write(call(era, 1, 'unwritable') + say(era, 2, 'on'))
    const messages = await server.readThrough(2)
    expect(messages.map((message) => !Array.isArray(message) && message.id)).toEqual([1, 2])
    const [refused] = messages
    const failed = !Array.isArray(refused) && (refused?.error !== undefined || refused?.result?.isError === true)
    expect(failed).toBeTrue()
  })

  test.each([
    ['its id first', (text: string) => echo(era, 'long', text)],
    ['its id last', (text: string) => `{"method":"ping","params":{"x":"${text}"},"jsonrpc":"2.0","id":"long"}`],
  ])('refuses a line over the limit that has %s, and reads on', async (_, long) => {
    await using server = await start(era, { maxMessageBytes: LIMIT })
    server.write(`${long('x'.repeat(2 * LIMIT))}\n`)
    server.write(say(era, 2, 'on'))
    const [refused, served] = await server.readThrough(2)
    expect(refused).toMatchObject({ id: 'long', error: { code: INVALID_REQUEST } })
    expect(served).toMatchObject(answer(2, 'on'))
  })

  test('reads a line of eleven million bytes', async () => {
    await using server = await start(era)
    const text = 'x'.repeat(11_000_000)
    server.write(say(era, 1, text))
    const [echoed] = await server.readThrough(1)
    expect(!Array.isArray(echoed) && echoed?.result?.content?.[0]?.text === text).toBeTrue()
  })

  test('answers what is running when its input ends, and exits with 0 [MCP-031]', async () => {
    await using server = await start(era)
    server.write(call(era, 1, 'slow', { key: 'd', steps: 0, hold: true }) + call(era, 2, 'release', { key: 'd' }))
    server.endInput()
    expect(await server.readToEnd()).toMatchObject([answer(2, 'released'), answer(1, 'done d')])
    expect(await server.exited).toBe(0)
  })

  test('reads a last line that has no end', async () => {
    await using server = await start(era)
    server.write(echo(era, 1, 'unended'))
    server.endInput()
    expect(await server.readToEnd()).toMatchObject([answer(1, 'unended')])
    expect(await server.exited).toBe(0)
  })
})

describe('our server without a handshake', () => {
  test('exits with 0 when its input ends before anything came', async () => {
    await using server = await start('modern')
    server.endInput()
    expect(await server.readToEnd()).toEqual([])
    expect(await server.exited).toBe(0)
  })

  test('tells a request that names no version which ones there are', async () => {
    await using server = await start('modern')
    server.write(line('legacy', { id: 1, method: 'tools/list' }))
    const refused = await server.read()
    expect(refused).toMatchObject({ id: 1, error: { code: INVALID_PARAMS } })
    expect(JSON.stringify(refused)).toContain('2026-07-28')
  })

  test.each([
    ['a version that is no string', { ...META, 'io.modelcontextprotocol/protocolVersion': 20260728 }, INVALID_PARAMS],
    ['no capabilities', { ...META, 'io.modelcontextprotocol/clientCapabilities': undefined }, INVALID_PARAMS],
    ['capabilities that are an array', { ...META, 'io.modelcontextprotocol/clientCapabilities': [] }, INVALID_PARAMS],
    [
      'a version of the future',
      { ...META, 'io.modelcontextprotocol/protocolVersion': '2999-01-01' },
      UNSUPPORTED_VERSION,
    ],
  ])('refuses metadata with %s [MCP-091] [MCP-099]', async (_, _meta, code) => {
    await using server = await start('modern')
    server.write(line('modern', { id: 1, method: 'tools/list', params: { _meta } }))
    server.write(say('modern', 2, 'on'))
    expect(await server.readThrough(2)).toMatchObject([{ id: 1, error: { code } }, answer(2, 'on')])
  })

  test('names the supported and the requested version [MCP-099]', async () => {
    await using server = await start('modern')
    const _meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '2999-01-01' }
    server.write(line('modern', { id: 1, method: 'tools/list', params: { _meta } }))
    const data = { supported: ['2026-07-28'], requested: '2999-01-01' }
    expect(await server.read()).toMatchObject({ error: { code: UNSUPPORTED_VERSION, data } })
  })
})

describe('our server with a handshake', () => {
  test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('agrees to %s [MCP-047]', async (version) => {
    await using server = startRaw(underBun('bao-server'))
    expect(await shakeHands(server, version)).toMatchObject({ result: { protocolVersion: version } })
    server.write(say('legacy', 1, 'hello'))
    expect(await server.read()).toMatchObject(answer(1, 'hello'))
  })

  test.each(['2019-01-01', '2999-01-01', '2026-07-28'])(
    'offers its newest to a client of %s [MCP-047]',
    async (version) => {
      await using server = startRaw(underBun('bao-server'))
      expect(await shakeHands(server, version)).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
    },
  )

  test('answers a batch of 2025-03-26 with a batch [MCP-008]', async () => {
    await using server = startRaw(underBun('bao-server'))
    await shakeHands(server, '2025-03-26')
    const invalid = '{"jsonrpc":"2.0","id":3,"method":5}'
    const notice = '{"jsonrpc":"2.0","method":"notifications/nobody/knows"}'
    server.write(`[${echo('legacy', 1, 'one')},${notice},${echo('legacy', 2, 'two')},${invalid}]\n`)
    const answers = await server.read()
    expect(answers).toBeArrayOfSize(3)
    const ids = Array.isArray(answers) ? answers.map(({ id, error }) => [id, error?.code]) : []
    expect(ids.toSorted()).toEqual([
      [1, undefined],
      [2, undefined],
      [3, INVALID_REQUEST],
    ])
  })

  test('answers requests of both eras on one pipe', async () => {
    await using server = await start('legacy')
    server.write(say('modern', 1, 'stateless') + say('legacy', 2, 'remembered'))
    const [first, second] = await server.readThrough(2)
    expect(first).toMatchObject({ ...answer(1, 'stateless'), result: { resultType: 'complete' } })
    expect(second).toMatchObject(answer(2, 'remembered'))
    expect(JSON.stringify(second)).not.toContain('resultType')
  })
})
