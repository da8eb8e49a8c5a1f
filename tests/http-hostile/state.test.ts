import { expect, test } from 'bun:test'
import { type Hostile, startHostile } from './process.ts'
import { type Answer, answerOf, bytesOf, call, type Headers, textOf, toolCall, works } from './requests.ts'
import { connect } from './socket.ts'

const KEY = 'k'.repeat(32)
const OTHER_KEY = 'o'.repeat(32)
const TTL_MS = 60_000
const NOT_OURS = 'params.requestState is not one this server gave out for this request'
const ACCEPT = { sure: { action: 'accept', content: {} } }

const bearer = (principal: string): Headers => ({ authorization: `Bearer token-${principal}` })

/** The first round of a call: what the server wants to have back. */
async function stateOf(server: Hostile, name = 'ask', args: object = {}, headers: Headers = {}): Promise<string> {
  const { result } = await call(server.port, toolCall(name, args), headers)
  expect(result?.resultType).toBe('input_required')
  return result?.requestState ?? ''
}

/** The second round. */
function answer(
  server: Hostile,
  requestState: unknown,
  { name = 'ask', args = {}, headers = {} }: { name?: string; args?: object; headers?: Headers } = {},
): Promise<Answer> {
  const params = { requestState, inputResponses: ACCEPT }
  return call(server.port, toolCall(name, args, { params }), headers)
}

test('state that comes back unchanged is taken, and holds what must not be seen [MCP-182]', async () => {
  await using server = await startHostile({ stateKeys: [KEY] })
  const state = await stateOf(server)
  expect(Buffer.from(state, 'base64url').toString('latin1')).not.toContain(server.secret)
  expect(textOf(await answer(server, state))).toBe('accept true')
})

test('state of which any byte was changed is refused in the same words, wherever the byte is [MCP-182]', async () => {
  await using server = await startHostile({ stateKeys: [KEY] })
  const state = await stateOf(server)
  const bytes = Buffer.from(state, 'base64url')
  using connection = await connect(server.port)
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at)
    const params = { requestState: changed.toString('base64url'), inputResponses: ACCEPT }
    connection.write(bytesOf(toolCall('ask', {}, { params })))
    const refused = answerOf(await connection.response())
    expect([at, refused.error]).toEqual([at, { code: -32602, message: NOT_OURS }])
  }
  expect(server.log.trim().split('\n')).toHaveLength(1)
})

test('state that is cut, grown or of another kind is refused, and nothing of it is told [MCP-182]', async () => {
  await using server = await startHostile({ stateKeys: [KEY] })
  const state = await stateOf(server)
  const cut = Array.from({ length: 20 }, (_, n) => state.slice(0, Math.floor((state.length * n) / 20)))
  const texts = [
    ...cut,
    `${state}AAAA`,
    state + state,
    'ref.',
    'ref.__proto__',
    'ref.AAAAAAAAAAAAAAAAAAAAAA',
    '\0',
    '☃',
    'A'.repeat(1e6),
  ]
  for (const text of texts) expect((await answer(server, text)).error).toEqual({ code: -32602, message: NOT_OURS })
  for (const value of [1, null, {}, [state], true]) {
    const { error } = await answer(server, value)
    expect(error?.code, JSON.stringify(value)).toBe(-32602)
  }
  expect(await works(server.port)).toBe(true)
})

test('state of one request serves no other one [MCP-183]', async () => {
  await using server = await startHostile({ stateKeys: [KEY] })
  const state = await stateOf(server, 'ask', { sum: 1 })
  const others = [
    { name: 'ask-other', args: { sum: 1 } },
    { args: { sum: 2 } },
    { args: {} },
    { args: { sum: 1, more: 1 } },
    { args: { sum: '1' } },
  ]
  for (const other of others) expect((await answer(server, state, other)).error?.message).toBe(NOT_OURS)
  expect(textOf(await answer(server, state, { args: { sum: 1 } }))).toBe('accept true')
})

test('state of one principal serves no other one [MCP-183]', async () => {
  await using server = await startHostile({ stateKeys: [KEY], auth: true })
  const state = await stateOf(server, 'ask', {}, bearer('ada'))
  expect((await answer(server, state, { headers: bearer('bob') })).error?.message).toBe(NOT_OURS)
  expect(textOf(await answer(server, state, { headers: bearer('ada') }))).toBe('accept true')
})

test('state is refused after its time, to the millisecond [MCP-183]', async () => {
  await using server = await startHostile({ stateKeys: [KEY], stateTtlMs: TTL_MS })
  const state = await stateOf(server)
  await server.advance(TTL_MS - 1)
  expect(textOf(await answer(server, state))).toBe('accept true')
  await server.advance(1)
  expect((await answer(server, state)).error).toEqual({ code: -32602, message: 'params.requestState has expired' })
})

test('state for a single use is taken once, also of many that come at once [MCP-184]', async () => {
  await using server = await startHostile({ stateKeys: [KEY] })
  const state = await stateOf(server, 'ask-once')
  const answers = await Promise.all(Array.from({ length: 20 }, () => answer(server, state, { name: 'ask-once' })))
  expect(answers.filter((one) => textOf(one) === 'accept true')).toHaveLength(1)
  expect(answers.filter(({ error }) => error?.code === -32602)).toHaveLength(19)
})

test('state is taken by another process with the same key, also when it seals with a newer one, and by no other', async () => {
  await using one = await startHostile({ stateKeys: [OTHER_KEY] })
  await using rotated = await startHostile({ stateKeys: [KEY, OTHER_KEY] })
  await using stranger = await startHostile({ stateKeys: [KEY] })
  await using keyless = await startHostile()
  const state = await stateOf(one)
  expect(textOf(await answer(rotated, state))).toBe('accept true')
  for (const other of [stranger, keyless]) expect((await answer(other, state)).error?.message).toBe(NOT_OURS)
  const fresh = await stateOf(rotated)
  expect(textOf(await answer(stranger, fresh))).toBe('accept true')
  expect((await answer(one, fresh)).error?.message).toBe(NOT_OURS)
})

test('answers to what was never asked, or that are no answers, do not pass for one', async () => {
  await using server = await startHostile({ stateKeys: [KEY] })
  const state = await stateOf(server)
  for (const inputResponses of [
    {},
    { other: { action: 'accept' } },
    { __proto__: ACCEPT.sure },
    { sure: 1 },
    { sure: { action: 'yes' } },
    [],
    1,
  ]) {
    const again = await call(server.port, toolCall('ask', {}, { params: { requestState: state, inputResponses } }))
    expect(textOf(again), JSON.stringify(inputResponses)).not.toStartWith('accept')
  }
  // without the state its answer belongs to, the question is asked again
  const bare = await call(server.port, toolCall('ask', {}, { params: { inputResponses: ACCEPT } }))
  expect(textOf(bare)).toBeUndefined()
})
