import { describe, expect, test } from 'bun:test'
import type { CreateMessageResult } from '@bao-mcp/protocol'
import { type JsonObject, type Notice, RpcError } from '@bao-mcp/protocol/engine'
import { connect } from './connect.ts'
import { InputError } from './input-error.ts'
import { createInputs, type InputHandlers } from './input-handlers.ts'
import { asking, DONE, FORM } from './testing/asking-server.test.kit.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, scripted } from './testing/scripted-server.test.kit.ts'

const PAGE = { mode: 'url', message: 'Sign in', url: 'https://example.com/sign-in', elicitationId: 'e1' }
const SAMPLE = { messages: [{ role: 'user', content: { type: 'text', text: 'hi' } }], maxTokens: 10 }
const SAMPLED: CreateMessageResult = { role: 'assistant', content: { type: 'text', text: 'hello' }, model: 'm' }

describe('the presence of a handler is the capability', () => {
  const form = (): { action: 'cancel' } => ({ action: 'cancel' })
  const create = (): 'declined' => 'declined'
  test.each<[string, InputHandlers, JsonObject]>([
    ['no handler declares nothing', {}, {}],
    ['a function for forms', { elicitation: form }, { elicitation: { form: {} } }],
    ['forms and pages', { elicitation: { form, url: form } }, { elicitation: { form: {}, url: {} } }],
    ['pages alone', { elicitation: { url: form } }, { elicitation: { url: {} } }],
    ['an elicitation without any mode declares none', { elicitation: {} }, {}],
    ['a function that samples', { sampling: create }, { sampling: {} }],
    [
      'sampling with tools and context',
      { sampling: { create, tools: true, context: true } },
      { sampling: { tools: {}, context: {} } },
    ],
    ['a list of roots', { roots: [] }, { roots: {} }],
    ['a function for roots', { roots: () => [] }, { roots: {} }],
  ])('%s', (_, on, expected) => {
    expect(createInputs(on).capabilities as JsonObject).toEqual(expected)
  })
})

describe('what a server asks is answered by the same handlers in both eras', () => {
  test.each([...ERAS])('[MCP-253] a form, with its defaults filled in (%s)', async (era) => {
    const server = asking(era, 'elicitation/create', FORM)
    const shown: unknown[] = []
    await using client = await connect(server, {
      on: {
        elicitation(form) {
          shown.push(form.message, Object.keys(form.requestedSchema.properties))
          return { action: 'accept', content: { name: 'Ada' } }
        },
      },
    })
    expect((await client.callTool('register')).content).toEqual(DONE.content as never)
    expect((await server.told()).result).toEqual({ action: 'accept', content: { name: 'Ada', newsletter: false } })
    expect(shown).toEqual(['Who are you?', ['name', 'newsletter']])
  })

  for (const action of ['decline', 'cancel'] as const) {
    test.each([...ERAS])(`a form that is answered with ${action} is answered with that alone (%s)`, async (era) => {
      const server = asking(era, 'elicitation/create', FORM)
      await using client = await connect(server, { on: { elicitation: () => ({ action, content: { name: 'x' } }) } })
      await client.callTool('register')
      expect((await server.told()).result).toEqual({ action })
    })
  }

  test.each([...ERAS])('a page to open, without content (%s)', async (era) => {
    const server = asking(era, 'elicitation/create', PAGE)
    const on: InputHandlers = { elicitation: { url: ({ url }) => ({ action: 'accept', content: { opened: url } }) } }
    await using client = await connect(server, { on })
    await client.callTool('sign-in')
    expect((await server.told()).result).toEqual({ action: 'accept' })
  })

  test.each([...ERAS])('a message to sample (%s)', async (era) => {
    const server = asking(era, 'sampling/createMessage', SAMPLE)
    const limits: number[] = []
    await using client = await connect(server, {
      on: {
        async sampling({ maxTokens }) {
          limits.push(maxTokens)
          return SAMPLED
        },
      },
    })
    await client.callTool('write')
    expect((await server.told()).result).toEqual(SAMPLED)
    expect(limits).toEqual([10])
  })

  test.each([...ERAS])('the roots, as a list or as a function (%s)', async (era) => {
    for (const roots of [[{ uri: 'file:///a' }], async () => [{ uri: 'file:///a' }]]) {
      const server = asking(era, 'roots/list')
      await using client = await connect(server, { on: { roots } })
      await client.callTool('look')
      expect((await server.told()).result).toEqual({ roots: [{ uri: 'file:///a' }] })
    }
  })
})

interface Refusal {
  name: string
  method: string
  params?: JsonObject
  on: InputHandlers
  code: number
  local: string
}

const boom = new Error('boom')
const REFUSALS: Refusal[] = [
  { name: '[MCP-231] roots without a handler', method: 'roots/list', on: {}, code: -32601, local: 'undeclared' },
  {
    name: 'a form without a handler',
    method: 'elicitation/create',
    params: FORM,
    on: {},
    code: -32601,
    local: 'undeclared',
  },
  {
    name: '[MCP-245] a page where only forms were declared',
    method: 'elicitation/create',
    params: PAGE,
    on: { elicitation: () => ({ action: 'accept' }) },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: '[MCP-244] [MCP-245] a form, by its missing mode, where only pages were declared',
    method: 'elicitation/create',
    params: FORM,
    on: { elicitation: { url: () => ({ action: 'accept' }) } },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: '[MCP-245] a mode nobody knows',
    method: 'elicitation/create',
    params: { ...FORM, mode: 'hologram' },
    on: { elicitation: { form: () => ({ action: 'accept' }), url: () => ({ action: 'accept' }) } },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: 'a form without a schema',
    method: 'elicitation/create',
    params: { message: 'hm' },
    on: { elicitation: () => ({ action: 'accept' }) },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: 'a page without a valid url',
    method: 'elicitation/create',
    params: { ...PAGE, url: 'over there' },
    on: { elicitation: { url: () => ({ action: 'accept' }) } },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: 'sampling with tools that were not declared',
    method: 'sampling/createMessage',
    params: { ...SAMPLE, tools: [] },
    on: { sampling: () => SAMPLED },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: 'sampling without messages',
    method: 'sampling/createMessage',
    params: { maxTokens: 1 },
    on: { sampling: () => SAMPLED },
    code: -32602,
    local: 'invalid_request',
  },
  {
    name: '[MCP-240] sampling the user refused',
    method: 'sampling/createMessage',
    params: SAMPLE,
    on: { sampling: () => 'declined' },
    code: -1,
    local: 'declined',
  },
  {
    name: 'a handler that threw',
    method: 'roots/list',
    on: {
      roots: () => {
        throw boom
      },
    },
    code: -32603,
    local: 'handler_failed',
  },
  {
    name: '[MCP-253] content that does not fit the form',
    method: 'elicitation/create',
    params: FORM,
    on: { elicitation: () => ({ action: 'accept', content: { name: '' } }) },
    code: -32603,
    local: 'invalid_answer',
  },
]

describe('what cannot be answered', () => {
  test.each(REFUSALS)('$name is an error to a legacy server', async ({ method, params, on, code }) => {
    const server = asking('legacy', method, params)
    await using client = await connect(server, { on })
    await client.callTool('ask')
    expect((await server.answered('q1')).error).toMatchObject({ code })
  })

  test.each(REFUSALS)(
    '$name rejects the call in the modern era, which is not sent again',
    async ({ method, params, on, local }) => {
      const server = asking('modern', method, params)
      await using client = await connect(server, { on })
      const error = await failure(client.callTool('ask'))
      if (!(error instanceof InputError)) throw error
      expect(error).toMatchObject({ code: local, method })
      await client.ping()
      expect(server.methods.filter((one) => one === 'tools/call')).toHaveLength(1)
    },
  )

  test('a legacy server learns nothing of what a handler threw, and its owner everything [MCP-239]', async () => {
    const server = asking('legacy', 'roots/list')
    const heard: unknown[] = []
    const roots = (): never => {
      throw boom
    }
    await using client = await connect(server, { on: { roots }, onHandlerError: (...told) => heard.push(...told) })
    await client.callTool('ask')
    expect((await server.answered('q1')).error).toEqual({ code: -32603, message: 'Internal error' })
    expect(heard).toMatchObject([{ code: 'handler_failed', cause: boom }, 'roots/list'])
  })

  test('a handler may choose the error a legacy server is told', async () => {
    const server = asking('legacy', 'roots/list')
    const roots = (): never => {
      throw new RpcError(4711, 'closed for lunch')
    }
    await using client = await connect(server, { on: { roots } })
    await client.callTool('ask')
    expect((await server.answered('q1')).error).toEqual({ code: 4711, message: 'closed for lunch' })
  })

  test('[MCP-052] a request the negotiated version does not have is unknown, whatever was declared', async () => {
    const server = scripted(ofEra('legacy', () => {}, { protocolVersion: '2025-03-26' }))
    await using _ = await connect(server, { on: { elicitation: () => ({ action: 'accept' }) } })
    await server.got('notifications/initialized')
    server.wire.send({ jsonrpc: '2.0', id: 7, method: 'elicitation/create', params: FORM })
    expect((await server.answered(7)).error).toMatchObject({ code: -32601 })
  })
})

describe('the end of what a page was opened for', () => {
  const call = { signal: new AbortController().signal }
  const done = (elicitationId: unknown): Notice => ({
    method: 'notifications/elicitation/complete',
    params: { elicitationId },
  })

  test('[MCP-254] is told once, for pages the user consented to open', async () => {
    const told: string[] = []
    const inputs = createInputs({
      elicitation: { url: () => ({ action: 'accept' }), urlDone: (id) => told.push(id) },
    })
    await inputs.answer('elicitation/create', PAGE, call)
    for (const id of ['unknown', 7, 'e1', 'e1']) inputs.hear(done(id))
    expect(told).toEqual(['e1'])
  })

  test('[MCP-254] is not told for pages the user refused', async () => {
    const told: string[] = []
    const inputs = createInputs({
      elicitation: { url: () => ({ action: 'decline' }), urlDone: (id) => told.push(id) },
    })
    await inputs.answer('elicitation/create', PAGE, call)
    inputs.hear(done('e1'))
    expect(told).toEqual([])
  })
})
