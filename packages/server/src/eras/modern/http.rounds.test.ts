import { describe, expect, setSystemTime, test } from 'bun:test'
import { INVALID_PARAMS, type JsonObject, MISSING_CLIENT_CAPABILITY } from '@bao-mcp/protocol/engine'
import { form, heard } from '../../../test/ask-kit.ts'
import { bodyOf, ENDPOINT, errorOf, type ModernOptions, modern, resultOf } from '../../../test/http-kit.ts'
import { ALL_CAPABILITIES, questionsOf, textOf } from '../../../test/kit.ts'
import type { CallContext } from '../../context.ts'
import { InvalidTokenError } from '../../http/auth/auth-info.ts'
import { type HttpHandler, httpHandler } from '../../http/handler.ts'
import type { HttpOptions } from '../../http/options.ts'
import { tool } from '../../registry/tool.ts'
import { DEFAULT_STATE_TTL_MS } from '../../rounds/sealed-state.ts'
import { createServer, type Server } from '../../server.ts'

const KEY = 'k'.repeat(32)

const auth: NonNullable<HttpOptions['auth']> = {
  resource: ENDPOINT,
  authorizationServers: ['https://issuer.example.com'],
  verifier: {
    async verify(token) {
      if (token !== 'of-ada' && token !== 'of-bob') throw new InvalidTokenError('unknown token')
      return { principal: token === 'of-ada' ? 'ada' : 'bob', scopes: [] }
    },
  },
}

/** What was paid, after it was confirmed. */
function define({ key = KEY, singleUse = false }: { key?: string; singleUse?: boolean } = {}): {
  server: Server
  paid: unknown[]
  runs: () => number
} {
  const paid: unknown[] = []
  let runs = 0
  async function run({ sum }: JsonObject, call: CallContext): Promise<string> {
    runs++
    const who = await heard(call, 'who', 'who?')
    const sure = await call.ask('sure', form(`pay ${sum} to ${who}?`))
    if (sure.action !== 'accept') return 'not paid'
    paid.push([sum, who])
    return `paid ${sum} to ${who}`
  }
  const pay = tool({ name: 'pay', singleUse, run })
  const other = tool({ name: 'other', run })
  return {
    server: createServer({ name: 's', version: '1', tools: [pay, other], state: { keys: [key] } }),
    paid,
    runs: () => runs,
  }
}

interface Asked {
  name?: string
  sum?: number
  token?: string
  answers?: JsonObject
  state?: unknown
  capabilities?: JsonObject
}

let id = 0

function pay({
  name = 'pay',
  sum = 1,
  token = 'of-ada',
  answers,
  state,
  capabilities = ALL_CAPABILITIES,
}: Asked = {}): Request {
  const params: JsonObject = { name, arguments: { sum } }
  if (answers !== undefined) params.inputResponses = answers
  if (state !== undefined) params.requestState = state
  const options: ModernOptions = { id: ++id, capabilities, headers: { authorization: `Bearer ${token}` } }
  return modern('tools/call', params, options)
}

const who = (name: string): JsonObject => ({ who: { action: 'accept', content: { heard: name } } })
const SURE: JsonObject = { sure: { action: 'accept', content: {} } }

async function questions(handle: HttpHandler, asked: Asked = {}): Promise<{ keys: string[]; state: string }> {
  const result = resultOf(await bodyOf(await handle(pay(asked))))
  expect(result.resultType).toBe('input_required')
  return questionsOf(result)
}

describe('a call with questions', () => {
  test('goes from round to round, at whichever handler with the same key [MCP-102, MCP-103]', async () => {
    const [first, second] = [define(), define()]
    await using one = httpHandler(first.server, { auth })
    await using two = httpHandler(second.server, { auth })
    const asked = await questions(one)
    expect(asked.keys).toEqual(['who'])
    const confirm = await questions(two, { answers: who('zoe'), state: asked.state })
    expect(confirm.keys).toEqual(['sure'])
    const done = await bodyOf(await one(pay({ answers: SURE, state: confirm.state })))
    expect(textOf(resultOf(done))).toBe('paid 1 to zoe')
    expect([first.paid, second.paid]).toEqual([[[1, 'zoe']], []])
  })

  test('asks again for what is missing, and overlooks what was never asked [MCP-187, MCP-188]', async () => {
    const { server, paid } = define()
    await using handle = httpHandler(server, { auth })
    const { state } = await questions(handle)
    expect((await questions(handle, { answers: {}, state })).keys).toEqual(['who'])
    expect((await questions(handle, { answers: SURE, state })).keys).toEqual(['who'])
    expect((await questions(handle, { answers: SURE })).keys).toEqual(['who'])
    expect(paid).toEqual([])
  })

  test('takes no for an answer', async () => {
    const { server, paid } = define()
    await using handle = httpHandler(server, { auth })
    const first = await questions(handle)
    const { state } = await questions(handle, { answers: who('zoe'), state: first.state })
    for (const action of ['decline', 'cancel']) {
      const answer = await bodyOf(await handle(pay({ answers: { sure: { action } }, state })))
      expect(textOf(resultOf(answer))).toBe('not paid')
    }
    expect(paid).toEqual([])
  })

  test('asks nothing a client did not declare, in any round [MCP-181]', async () => {
    const { server, paid } = define()
    await using handle = httpHandler(server, { auth })
    const { state } = await questions(handle)
    for (const asked of [{}, { answers: who('zoe'), state }]) {
      const refused = await handle(pay({ ...asked, capabilities: { sampling: {} } }))
      expect(refused.status).toBe(400)
      expect(errorOf(await bodyOf(refused)).code).toBe(MISSING_CLIENT_CAPABILITY)
    }
    expect(paid).toEqual([])
  })
})

describe('a state', () => {
  async function refusals(cases: readonly [string, (state: string) => Asked][]): Promise<void> {
    const { server, paid, runs } = define()
    await using handle = httpHandler(server, { auth })
    const first = await questions(handle)
    const { state } = await questions(handle, { answers: who('zoe'), state: first.state })
    const before = runs()
    for (const [kind, change] of cases) {
      const response = await handle(pay({ answers: SURE, state, ...change(state) }))
      const body = await bodyOf(response)
      expect([kind, response.status, errorOf(body).code, body.id]).toEqual([kind, 200, INVALID_PARAMS, id])
      expect(errorOf(body).message).toContain('requestState')
    }
    expect([paid, runs()]).toEqual([[], before])
  }

  test('that was changed, or never given out, is refused, and nothing runs [MCP-182]', async () => {
    await refusals([
      ['changed', (state) => ({ state: `${state.slice(0, 40)}${state[40] === 'A' ? 'B' : 'A'}${state.slice(41)}` })],
      ['cut', (state) => ({ state: state.slice(0, -4) })],
      ['longer', (state) => ({ state: `${state}AAAA` })],
      ['empty', () => ({ state: '' })],
      ['made up', () => ({ state: btoa(JSON.stringify({ answers: SURE })) })],
      ['a reference', () => ({ state: 'ref.x' })],
      ['no text', () => ({ state: { answers: SURE } })],
      ['a number', () => ({ state: 1 })],
      ['long', () => ({ state: 'A'.repeat(1_000_000) })],
    ])
  })

  test('of another request or another principal is refused, and nothing runs [MCP-183]', async () => {
    await refusals([
      ['arguments', () => ({ sum: 1000 })],
      ['tool', () => ({ name: 'other' })],
      ['principal', () => ({ token: 'of-bob' })],
    ])
  })

  test('of a server with another key is refused, and nothing runs [MCP-182]', async () => {
    const { server, runs } = define()
    await using handle = httpHandler(server, { auth })
    const { state } = await questions(handle)
    const stranger = define({ key: 'x'.repeat(32) })
    await using other = httpHandler(stranger.server, { auth })
    const refused = await bodyOf(await other(pay({ answers: who('zoe'), state })))
    expect(errorOf(refused).code).toBe(INVALID_PARAMS)
    expect([runs(), stranger.runs()]).toEqual([1, 0])
  })

  test('that is too old is refused, and nothing runs [MCP-183]', async () => {
    const { server, runs } = define()
    await using handle = httpHandler(server, { auth })
    const { state } = await questions(handle)
    setSystemTime(Date.now() + DEFAULT_STATE_TTL_MS)
    try {
      const refused = await bodyOf(await handle(pay({ answers: who('zoe'), state })))
      expect(errorOf(refused)).toEqual({ code: INVALID_PARAMS, message: 'params.requestState has expired' })
      expect(runs()).toBe(1)
    } finally {
      setSystemTime()
    }
  })

  test('of a tool that must not repeat itself is taken once [MCP-184]', async () => {
    const { server, paid } = define({ singleUse: true })
    await using handle = httpHandler(server, { auth })
    const first = await questions(handle)
    const { state } = await questions(handle, { answers: who('zoe'), state: first.state })
    const again = { answers: SURE, state }
    expect(textOf(resultOf(await bodyOf(await handle(pay(again)))))).toBe('paid 1 to zoe')
    expect(errorOf(await bodyOf(await handle(pay(again)))).code).toBe(INVALID_PARAMS)
    expect(paid).toEqual([[1, 'zoe']])
  })

  test('says nothing of what it holds', async () => {
    const { server } = define()
    await using handle = httpHandler(server, { auth })
    const first = await questions(handle)
    const { state } = await questions(handle, { answers: who('the-plain-secret'), state: first.state })
    const bytes = Buffer.from(state, 'base64url').toString('latin1')
    for (const hidden of ['secret', 'ada', 'pay']) expect(`${state} ${bytes}`).not.toContain(hidden)
  })
})

test('answers that have another structure are refused, and nothing runs [MCP-186]', async () => {
  const { server, runs } = define()
  await using handle = httpHandler(server, { auth })
  const { state } = await questions(handle)
  for (const answers of [[], 'yes', { who: 'zoe' }, { who: null }, { who: [] }]) {
    const params = { name: 'pay', arguments: { sum: 1 }, inputResponses: answers, requestState: state }
    const headers = { authorization: 'Bearer of-ada' }
    const response = await handle(modern('tools/call', params, { capabilities: ALL_CAPABILITIES, headers }))
    expect([answers, errorOf(await bodyOf(response)).code]).toEqual([answers, INVALID_PARAMS])
  }
  expect(runs()).toBe(1)
})
