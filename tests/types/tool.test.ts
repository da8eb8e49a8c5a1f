import { describe, expect, test } from 'bun:test'
import {
  type CallContext,
  forMethod,
  inputRequired,
  type Middleware,
  type Tool,
  ToolError,
  tool,
} from '@bao-mcp/server'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

/** Whether two types are the same, as a type: `true` only then. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Fails to compile unless given `true`; at runtime only counts. */
function holds<_Claim extends true>(): undefined {
  return undefined
}

const name = 'a'
const input = z.object({ city: z.string(), days: z.number().default(1) })
const output = z.object({ kind: z.enum(['sun', 'rain']), tags: z.array(z.literal('x')).default([]) })

/** Every definition that has to compile, made at runtime too. */
function all(...tools: Tool[]): void {
  expect(tools.map((one) => one.name)).toEqual(tools.map(() => name))
}

describe('arguments', () => {
  test('are what the schema gives out, in every library', () => {
    all(
      tool({
        name,
        input,
        run: (args) => holds<Same<typeof args, { city: string; days: number }>>(),
      }),
      tool({
        name,
        input: type({ n: 'number', 'unit?': '"K"|"C"' }),
        run: (args) => holds<Same<typeof args, { n: number; unit?: 'K' | 'C' }>>(),
      }),
      tool({
        name,
        input: v.object({ n: v.pipe(v.string(), v.transform(Number)) }),
        inputSchema: { type: 'object' },
        run: (args) => holds<Same<typeof args, { n: number }>>(),
      }),
    )
  })

  test('are an object of unknown members for a plain schema and for none', () => {
    type Plain = { [key: string]: unknown }
    all(
      tool({ name, input: { type: 'object' }, run: (args) => holds<Same<typeof args, Plain>>() }),
      tool({ name, run: (args) => holds<Same<typeof args, Plain>>() }),
    )
  })

  test('have no member that the schema lacks', () => {
    // @ts-expect-error: town is not in the schema
    all(tool({ name, input, run: ({ town }) => String(town) }))
    // @ts-expect-error: city is a string
    all(tool({ name, input, run: ({ city }) => city * 2 }))
  })
})

describe('without an output schema a handler', () => {
  test('may return text, content, values, a full result or nothing', () => {
    all(
      tool({ name, run: () => 'text' }),
      tool({ name, run: () => 1 }),
      tool({ name, run: () => null }),
      tool({ name, run: () => undefined }),
      tool({ name, run: async () => undefined }),
      tool({ name, run: () => ({ any: { json: [1, 'x'] } }) }),
      tool({ name, run: () => [{ type: 'text', text: 'x' }] }),
      tool({ name, run: (_args) => [{ type: 'text', text: 'x' }] }),
      tool({ name, run: async () => [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] }),
      tool({ name, run: () => ({ content: [{ type: 'text', text: 'x' }], isError: true }) }),
      tool({ name, run: () => ({ structuredContent: [1], _meta: { 'a.b/c': 1 } }) }),
      tool({ name, run: () => inputRequired({ state: 'x' }) }),
      tool({ name, run: (_args, call) => (call.can('roots') ? 'yes' : [{ type: 'text', text: 'no' }]) }),
    )
  })

  test('may not return what no result can be made of', () => {
    // @ts-expect-error: a function is no value
    all(tool({ name, run: () => () => 'x' }))
    // @ts-expect-error: a bigint is no JSON
    all(tool({ name, run: () => 1n }))
  })
})

describe('with an output schema a handler', () => {
  test('returns what the schema takes in: literals stay literals, defaults may be left out', () => {
    all(
      tool({ name, output, run: () => ({ kind: 'sun' }) }),
      tool({ name, output, run: (_args) => ({ kind: 'rain', tags: ['x'] }) }),
      tool({ name, output, run: async () => ({ kind: 'sun' }) }),
      tool({ name, output, run: async (_args) => ({ kind: 'rain' }) }),
      tool({
        name,
        output,
        run: () => ({ structuredContent: { kind: 'sun' }, content: [{ type: 'text', text: 'x' }] }),
      }),
      tool({ name, output, run: () => ({ content: [{ type: 'text', text: 'x' }], isError: true }) }),
      tool({ name, output, run: () => inputRequired({ state: 'x' }) }),
      tool({ name, output: z.string(), run: () => 'x' }),
      tool({ name, output: z.array(z.number()), run: () => [1] }),
      tool({ name, output: z.unknown(), run: () => ({ anything: 1 }) }),
      tool({ name, output: type({ k: '"v"' }), run: () => ({ k: 'v' }) }),
      tool({ name, output: { type: 'object' }, run: () => ({ anything: 1 }) }),
    )
  })

  test('may not return another value', () => {
    // @ts-expect-error: kind is one of two words
    all(tool({ name, output, run: () => ({ kind: 'snow' }) }))
    // @ts-expect-error: kind is one of two words
    all(tool({ name, output, run: async () => ({ kind: 'snow' }) }))
    // @ts-expect-error: kind is missing
    all(tool({ name, output, run: () => ({ tags: ['x'] }) }))
    // @ts-expect-error: a text is no object
    all(tool({ name, output, run: () => 'sun' }))
    // @ts-expect-error: nothing is no object
    all(tool({ name, output, run: () => undefined }))
    all(
      tool({
        name,
        output,
        // @ts-expect-error: the structured content is of the schema as well
        run: (_args) => ({ structuredContent: { kind: 'snow' }, content: [] }),
      }),
    )
  })
})

describe('the context of a call', () => {
  test('types each question with its answer', () => {
    const ask = async (call: CallContext): Promise<void> => {
      const form = await call.ask('k', {
        method: 'elicitation/create',
        params: { message: 'sure?', requestedSchema: { type: 'object', properties: { yes: { type: 'boolean' } } } },
      })
      holds<Same<typeof form.action, 'accept' | 'decline' | 'cancel'>>()
      const { roots } = await call.ask('r', { method: 'roots/list' })
      holds<Same<(typeof roots)[number]['uri'], string>>()
      const counted = await call.once('n', () => 1)
      holds<Same<typeof counted, number>>()
      // @ts-expect-error: no client can be asked this
      await call.ask('x', { method: 'tools/list' })
      // @ts-expect-error: a form needs a message
      await call.ask('x', { method: 'elicitation/create', params: {} })
      // @ts-expect-error: there is no such capability
      call.can('elicitation.video')
      // @ts-expect-error: there is no such level
      call.log('loud', 'x')
    }
    expect(ask).toBeFunction()
  })
})

test('middleware for one method has its types', () => {
  const one: Middleware = forMethod('tools/call', async (request, next) => {
    holds<Same<typeof request.params.name, string>>()
    const result = await next(request)
    return { ...result, content: [...result.content, { type: 'text', text: 'x' }] }
  })
  // @ts-expect-error: it may not answer with another result
  const wrong: Middleware = forMethod('tools/list', () => ({ content: [] }))
  expect([one, wrong]).toHaveLength(2)
})

test('a tool error is an error with a message', () => {
  expect(new ToolError('x')).toMatchObject({ name: 'ToolError', message: 'x' })
})
