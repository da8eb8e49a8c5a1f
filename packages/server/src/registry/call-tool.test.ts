import { describe, expect, test } from 'bun:test'
import {
  createPeer,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  type JsonObject,
  memoryChannelPair,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { z } from 'zod'
import { eachEra, gate, metaOf, microtasks, modernMeta, openPair, textOf } from '../../test/kit.ts'
import { serveChannel } from '../connection.ts'
import { ToolError } from '../errors.ts'
import { createServer, type Server, type ServerOptions } from '../server.ts'
import { type Tool, type ToolDefinition, tool } from './tool.ts'

/** A server with one tool that does what a test says. */
function serverWith(
  run: unknown,
  more: Partial<ToolDefinition<unknown, unknown>> = {},
  options: Partial<ServerOptions> = {},
): Server {
  // proof: what a tool may return at runtime is more than its types allow, and that is what is tested
  const definition = { name: 'it', ...more, run } as unknown as ToolDefinition
  return createServer({ name: 's', version: '1', tools: [tool(definition)], ...options })
}

const text = (words: string): JsonObject => ({ type: 'text', text: words })

/** A promise of another library. */
function thenable<T>(value: T): unknown {
  // biome-ignore lint/suspicious/noThenProperty: the thenable is what is tested
  return { then: (done: (value: T) => void) => queueMicrotask(() => done(value)) }
}

eachEra((era, open) => {
  describe('what a handler returns', () => {
    const returned: readonly [what: string, value: unknown, result: JsonObject][] = [
      ['a string', 'words', { content: [text('words')] }],
      ['an empty string', '', { content: [text('')] }],
      ['a number', 7, { content: [text('7')] }],
      ['false', false, { content: [text('false')] }],
      ['nothing', undefined, { content: [] }],
      ['null', null, { content: [] }],
      ['an object', { a: 1 }, { content: [text('{"a":1}')], structuredContent: { a: 1 } }],
      ['an array of values', [1, 2], { content: [text('[1,2]')] }],
      ['content', [text('a'), text('b')], { content: [text('a'), text('b')] }],
      ['a full result', { content: [text('a')], isError: false }, { content: [text('a')], isError: false }],
      ['a failure', { content: [text('a')], isError: true }, { content: [text('a')], isError: true }],
      ['a failure without content', { isError: true }, { content: [], isError: true }],
      [
        'structured content alone',
        { structuredContent: { a: 1 } },
        { content: [text('{"a":1}')], structuredContent: { a: 1 } },
      ],
      [
        'an object with members of a result and others',
        { type: 'doc', version: 1, content: [{ type: 'paragraph' }] },
        { structuredContent: { type: 'doc', version: 1, content: [{ type: 'paragraph' }] } },
      ],
    ]
    for (const [what, value, result] of returned) {
      test(`${what} becomes a result, returned at once, promised, or promised by another library [MCP-205]`, async () => {
        for (const run of [() => value, async () => value, () => thenable(value)]) {
          await using pair = await open(serverWith(run))
          expect(await pair.call('it')).toMatchObject(result)
        }
      })
    }

    test('a _meta of its own reaches the client', async () => {
      await using pair = await open(serverWith(() => ({ content: [], _meta: { 'com.example/cost': 3 } })))
      expect(metaOf(await pair.call('it'))).toMatchObject({ 'com.example/cost': 3 })
    })

    test('something that JSON cannot hold is answered, as an error [MCP-005] [MCP-022]', async () => {
      const cycle: JsonObject = {}
      cycle.self = cycle
      for (const value of [10n, { a: 10n }, { content: [{ type: 'text', text: 10n }] }, cycle, [cycle]]) {
        for (const run of [() => value, async () => value]) {
          await using pair = await open(serverWith(run))
          await expect(pair.call('it')).rejects.toMatchObject({ code: INTERNAL_ERROR })
          expect(pair.log.lines).toMatchObject([{ level: 'error', message: 'tools/call failed' }])
        }
      }
    })
  })

  describe('an output schema', () => {
    const output = z.object({ n: z.number(), unit: z.string().default('K') })

    test('shapes the value, as structure and as text [MCP-204, MCP-205]', async () => {
      await using pair = await open(serverWith(() => ({ n: 1 }), { output }))
      expect(await pair.call('it')).toMatchObject({
        content: [text('{"n":1,"unit":"K"}')],
        structuredContent: { n: 1, unit: 'K' },
      })
    })

    test('lets the handler write content of its own beside the value', async () => {
      await using pair = await open(
        serverWith(() => ({ structuredContent: { n: 1 }, content: [text('one')] }), { output }),
      )
      expect(await pair.call('it')).toMatchObject({ content: [text('one')], structuredContent: { n: 1, unit: 'K' } })
    })

    test('may describe an object with members that a result has too', async () => {
      const ambiguous = z.object({
        isError: z.boolean(),
        content: z.array(z.object({ type: z.string() })),
        total: z.int(),
      })
      const value = { isError: true, content: [{ type: 'paragraph' }], total: 1 }
      await using pair = await open(serverWith(() => value, { output: ambiguous }))
      const result = await pair.call('it')
      expect(result).toMatchObject({ structuredContent: value })
      expect(result).not.toHaveProperty('isError')
    })

    test('is not asked about a failure', async () => {
      await using pair = await open(serverWith(() => ({ content: [text('no')], isError: true }), { output }))
      expect(await pair.call('it')).toMatchObject({ content: [text('no')], isError: true })
    })

    test('that the value violates makes an error; what and why stays in the log [MCP-204]', async () => {
      for (const run of [
        () => ({ n: 'secret' }),
        async () => ({ n: 'secret' }),
        () => ({ content: [text('secret')] }),
      ]) {
        await using pair = await open(serverWith(run, { output }))
        const error = await pair.call('it').catch((thrown: unknown) => thrown)
        expect(error).toEqual(new RpcError(INTERNAL_ERROR, 'it returned something its output schema refuses'))
        expect(pair.log.lines).toEqual([
          {
            level: 'error',
            message: expect.stringMatching(/^tool "it" returned a value that its output schema refuses: .+/),
          },
        ])
      }
    })

    test('may be checked asynchronously, and by a plain JSON Schema', async () => {
      const slow = z.object({ n: z.number().refine(async (n) => n > 0) })
      const plain = { type: 'object', required: ['n'] }
      for (const schema of [slow, plain]) {
        await using pair = await open(
          serverWith(({ n }: JsonObject) => (n === undefined ? {} : { n }), { output: schema }),
        )
        expect(await pair.call('it', { n: 1 })).toMatchObject({ structuredContent: { n: 1 } })
        await expect(pair.call('it')).rejects.toMatchObject({ code: INTERNAL_ERROR })
      }
    })

    test('of something else than an object reaches every client in a form it knows [MCP-206]', async () => {
      await using pair = await open(serverWith(() => [1, 2], { output: z.array(z.number()) }))
      const structured = { legacy: { result: [1, 2] }, modern: [1, 2] }[era]
      expect(await pair.call('it')).toMatchObject({ content: [text('[1,2]')], structuredContent: structured })
    })
  })

  describe('a call', () => {
    const input = z.object({ place: z.object({ zip: z.string() }), days: z.number().max(7) })

    test('with wrong arguments fails with the path and what was expected there [MCP-208] [MCP-212]', async () => {
      await using pair = await open(serverWith(() => 'ran', { input }))
      const result = await pair.call('it', { place: { zip: 1 }, days: 8 })
      expect(result.isError).toBe(true)
      expect(textOf(result)).toMatch(/^invalid arguments for it: place\.zip: .*string.*; days: .*7/)
    })

    test('without arguments is a call with none', async () => {
      await using pair = await open(serverWith((args: unknown) => JSON.stringify(args)))
      expect(textOf(await pair.call('it'))).toBe('{}')
    })

    test('of an unknown or disabled tool is refused [MCP-209]', async () => {
      const server = serverWith(() => 'ran')
      await using pair = await open(server)
      await expect(pair.call('nope')).rejects.toEqual(new RpcError(INVALID_PARAMS, 'unknown tool: "nope"'))
      server.tools.disable('it')
      await expect(pair.call('it')).rejects.toEqual(new RpcError(INVALID_PARAMS, 'unknown tool: "it"'))
    })

    test('whose params have not the shape of a call is refused, naming the member', async () => {
      await using pair = await open(serverWith(() => 'ran'))
      const wrong: [JsonObject, string][] = [
        [{}, 'params.name must be the name of a tool'],
        [{ name: 1 }, 'params.name must be the name of a tool'],
        [{ name: 'it', arguments: [] }, 'params.arguments must be an object'],
        [{ name: 'it', arguments: null }, 'params.arguments must be an object'],
        [{ name: 'it', arguments: 'x' }, 'params.arguments must be an object'],
      ]
      for (const [params, message] of wrong) {
        await expect(pair.request('tools/call', params)).rejects.toEqual(new RpcError(INVALID_PARAMS, message))
      }
    })

    test('whose arguments carry a prototype changes none', async () => {
      await using pair = await open(serverWith((args: JsonObject) => JSON.stringify(args)))
      const args: JsonObject = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
      expect(JSON.parse(textOf(await pair.call('it', args)))).toEqual(args)
      expect({}).not.toHaveProperty('polluted')
    })
  })

  describe('a handler that throws', () => {
    function throwing(thrown: unknown): readonly (() => unknown)[] {
      return [
        () => {
          throw thrown
        },
        async () => {
          throw thrown
        },
      ]
    }

    test('a ToolError tells the model its message', async () => {
      for (const run of throwing(new ToolError('no such city'))) {
        await using pair = await open(serverWith(run))
        expect(await pair.call('it')).toMatchObject({ content: [text('no such city')], isError: true })
        expect(pair.log.lines).toEqual([])
      }
    })

    test('an RpcError is answered as it is', async () => {
      for (const run of throwing(new RpcError(-31000, 'quota', { left: 0 }))) {
        await using pair = await open(serverWith(run))
        await expect(pair.call('it')).rejects.toEqual(new RpcError(-31000, 'quota', { left: 0 }))
      }
    })

    test('anything else is told under a reference only, which the log explains [MCP-212]', async () => {
      for (const thrown of [new Error('secret'), 'secret', null, undefined, { secret: 1 }, Object.create(null), 10n]) {
        for (const run of throwing(thrown)) {
          await using pair = await open(serverWith(run))
          const result = await pair.call('it')
          expect(result.isError).toBe(true)
          expect(JSON.stringify(result)).not.toContain('secret')
          const [, reference] = /under ([0-9a-f]{8})$/.exec(textOf(result)) ?? []
          expect(pair.log.lines).toHaveLength(1)
          const [line] = pair.log.lines
          expect(line).toMatchObject({ level: 'error', message: `tool "it" failed (reference ${reference})` })
          expect(line?.cause).toBe(thrown)
        }
      }
    })

    test('exposeErrors tells the message of anything', async () => {
      const told: [unknown, string][] = [
        [new Error('why'), 'why'],
        ['why', 'why'],
        [null, 'null'],
        [{ a: 1 }, '{"a":1}'],
        [Object.create(null), '{}'],
        [10n, '10'],
      ]
      for (const [thrown, message] of told) {
        for (const run of throwing(thrown)) {
          await using pair = await open(serverWith(run, {}, { exposeErrors: true }))
          expect(await pair.call('it')).toMatchObject({ content: [text(message)], isError: true })
          expect(pair.log.lines).toHaveLength(1)
        }
      }
    })
  })

  test('a call that was cancelled is not answered, and its handler is told [MCP-036, MCP-058] [MCP-035, MCP-060]', async () => {
    const started = gate()
    const stopped = Promise.withResolvers<unknown>()
    const run = (_args: unknown, { signal }: { signal: AbortSignal }): Promise<unknown> => {
      started.open()
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.resolve(signal.reason)
          reject(signal.reason)
        })
      })
    }
    await using pair = await open(serverWith(run))
    const cancel = new AbortController()
    const call = pair.call('it', {}, {}, { signal: cancel.signal })
    await started.opened
    cancel.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect(await stopped.promise).toMatchObject({ name: 'AbortError', message: 'enough' })
    await pair.barrier()
    expect(pair.log.lines).toEqual([
      { level: 'debug', message: 'tool "it" stopped because its call is over: "enough"' },
    ])
    expect(pair.strays).toEqual([])
    expect(pair.connection.inFlight).toBe(0)
  })
})

test('a handler is not run for a call that was cancelled while its arguments were checked', async () => {
  const checking = gate()
  const checked = gate()
  let ran = false
  const input = z.object({
    n: z.number().refine(async () => {
      checking.open()
      await checked.opened
      return true
    }),
  })
  const run = (): string => {
    ran = true
    return 'ran'
  }
  await using pair = await openPair(serverWith(run, { input }))
  const cancel = new AbortController()
  const call = pair.call('it', { n: 1 }, {}, { signal: cancel.signal })
  await checking.opened
  cancel.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
  await pair.barrier()
  checked.open()
  await microtasks()
  expect(ran).toBe(false)
})

describe('a handler that returns at once', () => {
  const schemas: [string, Tool][] = [
    ['without input', tool({ name: 'it', run: () => 'now' })],
    ['with a zod schema', tool({ name: 'it', input: z.object({}), output: z.string(), run: () => 'now' })],
  ]
  for (const [what, one] of schemas) {
    test(`is answered in the same tick, ${what}`, () => {
      const [, channel] = memoryChannelPair()
      const sent: unknown[] = []
      let receive: (message: unknown) => void = () => {
        throw new Error('nobody listens')
      }
      serveChannel(createServer({ name: 's', version: '1', tools: [one] }), {
        ...channel,
        open: ({ message }) => {
          receive = message
        },
        send: (message) => void sent.push(message),
      })
      receive({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'it', _meta: modernMeta() } })
      expect(sent).toMatchObject([{ id: 1, result: { content: [{ text: expect.stringContaining('now') }] } }])
    })
  }
})

eachEra((_era, open) => {
  describe('what only looks like content', () => {
    const rows = [{ type: 'bug', title: 'it hangs' }]

    test('is data: rows with a type of their own', async () => {
      await using pair = await open(serverWith(() => rows))
      expect(await pair.call('it')).toMatchObject({ content: [text(JSON.stringify(rows))] })
    })

    test('is data: an object whose content is none', async () => {
      await using pair = await open(serverWith(() => ({ content: rows })))
      expect(await pair.call('it')).toMatchObject({ structuredContent: { content: rows } })
    })

    test('a block needs the members of its kind', async () => {
      await using pair = await open(serverWith(({ blocks }: JsonObject) => blocks))
      const blocks = [{ type: 'text' }, { type: 'image', data: '' }, { type: 'resource' }, { type: 'resource_link' }]
      for (const block of blocks) {
        expect(textOf(await pair.call('it', { blocks: [block] }))).toBe(JSON.stringify([block]))
      }
    })

    test('what writes itself as something else is taken for that', async () => {
      await using pair = await open(serverWith(() => new Date(0)))
      const result = await pair.call('it')
      expect(textOf(result)).toBe('1970-01-01T00:00:00.000Z')
      expect(result.structuredContent).toBeUndefined()
    })
  })

  test('what another server answered is this tool’s own failure, and told to nobody', async () => {
    const [left, right] = memoryChannelPair()
    const upstream = createPeer(left, { request: () => ({}), notice() {} })
    createPeer(right, {
      request() {
        throw new RpcError(-32022, 'password is hunter2', { supported: [], requested: 'x' })
      },
      notice() {},
    })
    await using pair = await open(serverWith(() => upstream.request('tools/call')))
    const result = await pair.call('it')
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result)).not.toContain('hunter2')
    expect(JSON.stringify(pair.log.lines.map(({ cause }) => String(cause)))).toContain('hunter2')
  })

  test('arguments that are wrong in many places are told of in some', async () => {
    const input = { type: 'object', properties: { list: { type: 'array', items: { type: 'string' } } } }
    await using pair = await open(serverWith(() => 'ran', { input }))
    const words = textOf(await pair.call('it', { list: Array.from({ length: 100 }, () => 1) }))
    expect(words).toEndWith('; and 80 more')
    expect(words.length).toBeLessThan(2000)
  })
})
