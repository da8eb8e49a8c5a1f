import { describe, expect, test } from 'bun:test'
import {
  createPeer,
  INTERNAL_ERROR,
  isJsonObject,
  type JsonObject,
  META,
  memoryChannelPair,
} from '@bao-mcp/protocol/engine'
import { createServer, serveChannel, type Tool, tool } from '@bao-mcp/server'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

const _meta = { [META.protocolVersion]: '2026-07-28', [META.clientCapabilities]: {} }

/** One server with one tool, and a raw client on it. */
function serve(one: Tool): { call(args: JsonObject): Promise<JsonObject>; listed(): Promise<JsonObject> } {
  const [left, right] = memoryChannelPair()
  serveChannel(createServer({ name: 's', version: '1', tools: [one] }), right)
  const peer = createPeer(left, { request: () => ({}), notice: () => undefined })
  return {
    call: (args) => peer.request('tools/call', { name: one.name, arguments: args, _meta }),
    async listed() {
      const { tools } = await peer.request('tools/list', { _meta })
      const [first]: unknown[] = Array.isArray(tools) ? tools : []
      if (!isJsonObject(first)) throw new TypeError('no tool is listed')
      return first
    },
  }
}

const valibotInput = v.object({ city: v.string(), days: v.optional(v.pipe(v.number(), v.maxValue(7)), 1) })

/** The same tool in each library: a city and perhaps days in, a city and degrees out. */
const libraries: readonly [name: string, forecast: (degrees: unknown) => Tool][] = [
  [
    'zod',
    (degrees) =>
      tool({
        name: 'forecast',
        input: z.object({ city: z.string(), days: z.number().max(7).default(1) }),
        output: z.object({ city: z.string(), degrees: z.number() }),
        // proof: what the test passes in may break the promise, which is its point
        run: ({ city, days }) => ({ city: `${city} ${days}`, degrees: degrees as number }),
      }),
  ],
  [
    'arktype',
    (degrees) =>
      tool({
        name: 'forecast',
        input: type({ city: 'string', days: 'number <= 7 = 1' }),
        output: type({ city: 'string', degrees: 'number' }),
        // proof: as above
        run: ({ city, days }) => ({ city: `${city} ${days}`, degrees: degrees as number }),
      }),
  ],
  [
    'valibot',
    (degrees) =>
      tool({
        name: 'forecast',
        input: toStandardJsonSchema(valibotInput),
        output: toStandardJsonSchema(v.object({ city: v.string(), degrees: v.number() })),
        // proof: as above
        run: ({ city, days }) => ({ city: `${city} ${days}`, degrees: degrees as number }),
      }),
  ],
  [
    'valibot with schemas of its own',
    (degrees) =>
      tool({
        name: 'forecast',
        input: valibotInput,
        inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        output: v.object({ city: v.string(), degrees: v.number() }),
        outputSchema: { type: 'object', required: ['city', 'degrees'] },
        // proof: as above
        run: ({ city, days }) => ({ city: `${city} ${days}`, degrees: degrees as number }),
      }),
  ],
]

for (const [library, forecast] of libraries) {
  describe(library, () => {
    test('is listed as JSON Schema for objects', async () => {
      const { inputSchema, outputSchema } = await serve(forecast(1)).listed()
      expect(inputSchema).toMatchObject({ type: 'object', required: ['city'] })
      expect(outputSchema).toMatchObject({ type: 'object', required: ['city', 'degrees'] })
    })

    test('fills in what it says is the default', async () => {
      const { call } = serve(forecast(21))
      expect(await call({ city: 'Oslo' })).toMatchObject({ structuredContent: { city: 'Oslo 1', degrees: 21 } })
      expect(await call({ city: 'Oslo', days: 2 })).toMatchObject({
        structuredContent: { city: 'Oslo 2', degrees: 21 },
      })
    })

    test('names the member that is wrong', async () => {
      const { call } = serve(forecast(21))
      for (const [args, member] of [
        [{ city: 7 }, 'city'],
        [{ city: 'Oslo', days: 8 }, 'days'],
      ] as const) {
        const result = await call(args)
        expect(result.isError).toBe(true)
        expect(JSON.stringify(result.content)).toMatch(new RegExp(`invalid arguments for forecast: ${member}`))
      }
    })

    test('refuses a value that is not what it promised', async () => {
      await expect(serve(forecast('warm')).call({ city: 'Oslo' })).rejects.toMatchObject({ code: INTERNAL_ERROR })
    })
  })
}

test('a valibot schema alone asks for inputSchema, because it does not convert by itself', () => {
  expect(() => tool({ name: 'forecast', input: valibotInput, run: () => 'x' })).toThrow(
    'tool "forecast" input: this valibot schema cannot be converted to JSON Schema; pass inputSchema as well',
  )
})

test('an asynchronous schema is waited for in every library that has one', async () => {
  const taken = async (name: string): Promise<boolean> => name !== 'root'
  const tools = [
    tool({ name: 'a', input: z.object({ user: z.string().refine(taken) }), run: ({ user }) => user }),
    tool({
      name: 'a',
      input: v.objectAsync({ user: v.pipeAsync(v.string(), v.checkAsync(taken, 'taken')) }),
      inputSchema: { type: 'object' },
      run: ({ user }) => user,
    }),
  ]
  for (const one of tools) {
    const { call } = serve(one)
    expect(await call({ user: 'ada' })).toMatchObject({ content: [{ text: 'ada' }] })
    expect(await call({ user: 'root' })).toMatchObject({ isError: true })
  }
})
