import { describe, expect, test } from 'bun:test'
import type { JsonObject, SchemaResult, StandardSchema } from '@bao-mcp/protocol/engine'
import { z } from 'zod'
import { eachEra, namesOf, textOf } from '../../test/kit.ts'
import { createServer } from '../server.ts'
import { type ToolDefinition, tool } from './tool.ts'

const nothing = (): undefined => undefined

/** A schema of a library that knows nothing of JSON Schema. */
function unconvertible<T>(validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'homemade', validate } }
}

const anything = unconvertible((value) => ({ value }))

describe('tool()', () => {
  test('lists the JSON Schema of a zod schema, for what goes in and what comes out [MCP-197]', () => {
    const { listed } = tool({
      name: 'sum',
      input: z.object({ numbers: z.array(z.number()), round: z.boolean().default(false) }),
      output: z.object({ sum: z.number().default(0) }),
      run: () => ({}),
    })
    expect(listed.inputSchema).toMatchObject({ type: 'object', required: ['numbers'] })
    expect(listed.outputSchema).toMatchObject({ type: 'object', required: ['sum'] })
  })

  test('lists a plain JSON Schema as it is, unknown keywords included', () => {
    const input = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { type: 'string' } },
      'x-a': 1,
    }
    expect<unknown>(tool({ name: 'a', input, run: nothing }).listed.inputSchema).toEqual(input)
  })

  test('without input lists a schema for any object [MCP-197]', () => {
    const { listed } = tool({ name: 'now', run: nothing })
    expect(listed.inputSchema).toEqual({ type: 'object' })
    expect(listed).not.toHaveProperty('outputSchema')
  })

  test('lists what else is told of it, and leaves out what is not', () => {
    const more = {
      title: 'Now',
      description: 'The time.',
      annotations: { readOnlyHint: true },
      icons: [{ src: 'https://example.com/now.png' }],
      _meta: { 'com.example/x': 1 },
    }
    expect(tool({ name: 'now', ...more, run: nothing }).listed).toEqual({
      name: 'now',
      inputSchema: { type: 'object' },
      ...more,
    })
    expect(Object.keys(tool({ name: 'now', run: nothing }).listed)).toEqual(['name', 'inputSchema'])
  })

  test('asks for inputSchema when a schema does not convert', () => {
    const define = (): unknown => tool({ name: 'a', input: anything, run: nothing })
    expect(define).toThrow(
      'tool "a" input: this homemade schema cannot be converted to JSON Schema; pass inputSchema as well',
    )
  })

  test('asks for inputSchema when a part of a schema does not convert, and keeps why', () => {
    const define = (): unknown => tool({ name: 'a', input: z.object({ at: z.date() }), run: nothing })
    expect(define).toThrow(/^tool "a" input: .*pass inputSchema as well$/)
  })

  test('takes inputSchema and outputSchema where a schema does not convert', () => {
    const inputSchema = { type: 'object', properties: { n: { type: 'number' } } }
    const { listed } = tool({
      name: 'a',
      input: anything,
      inputSchema,
      output: anything,
      outputSchema: { type: 'string' },
      run: nothing,
    })
    expect(listed).toMatchObject({ inputSchema, outputSchema: { type: 'string' } })
  })

  test('takes inputSchema alone as the input', async () => {
    const one = tool({
      name: 'a',
      inputSchema: { type: 'object', required: ['n'] },
      outputSchema: { type: 'string' },
      run: () => 'x',
    })
    expect(one.listed).toMatchObject({ inputSchema: { required: ['n'] }, outputSchema: { type: 'string' } })
    expect(await one.input.check({})).toMatchObject({ ok: false })
    expect(await one.output?.check(1)).toMatchObject({ ok: false })
  })

  test('refuses an input that is not for an object [MCP-197]', () => {
    const inputs: [ToolDefinition<unknown>['input'], string][] = [
      [z.string(), 'got type "string"'],
      [{ type: 'array' }, 'got type "array"'],
      [{}, 'got type undefined'],
    ]
    for (const [input, why] of inputs) {
      expect(() => tool({ name: 'a', input, run: nothing })).toThrow(
        `tool "a" input: the schema must be for an object, ${why}`,
      )
    }
  })

  test('refuses what is no schema', () => {
    for (const input of [null, 1, 'string', [], () => ({})]) {
      expect(() => tool({ name: 'a', input, run: nothing })).toThrow(
        'must be a Standard Schema or a JSON Schema object',
      )
    }
  })

  test('refuses a dialect it does not know, by name, and says which it knows [MCP-199]', () => {
    const input = { $schema: 'https://json-schema.org/draft/2030-01/schema', type: 'object' }
    expect(() => tool({ name: 'a', input, run: nothing })).toThrow(
      /^tool "a" input: JSON Schema dialect "https:.*2030-01\/schema" is not supported; these are: .*2020-12/,
    )
    expect(() => tool({ name: 'a', input: { type: 'object' }, output: { $schema: 4 }, run: nothing })).toThrow(
      'tool "a" output: JSON Schema dialect 4 is not supported',
    )
  })

  test('refuses a schema that refers to another document, for nothing is fetched [MCP-201]', () => {
    const input = { type: 'object', properties: { a: { $ref: 'https://example.com/a.json' } } }
    expect(() => tool({ name: 'a', input, run: nothing })).toThrow(
      'tool "a" input: "https://example.com/a.json" is not part of the schema, and nothing is fetched',
    )
  })

  test('refuses what cannot be listed, before it can hide the other tools', () => {
    const define = (): unknown => tool({ name: 'a', _meta: { big: 1n }, run: () => 'x' })
    expect(define).toThrow(/^tool "a": what is listed of it cannot be written as JSON/)
  })

  test('knows which arguments are repeated in headers, of either kind of schema [MCP-138]', () => {
    const plain = {
      type: 'object',
      properties: { zone: { type: 'object', properties: { id: { type: 'integer', 'x-mcp-header': 'Zone' } } } },
    }
    expect(tool({ name: 'a', input: plain, run: nothing }).paramHeaders).toEqual([
      { name: 'Mcp-Param-Zone', path: ['zone', 'id'], type: ['integer'] },
    ])
    const typed = z.object({ region: z.string().optional().meta({ 'x-mcp-header': 'Region' }), text: z.string() })
    expect(tool({ name: 'a', input: typed, run: nothing }).paramHeaders).toEqual([
      { name: 'Mcp-Param-Region', path: ['region'], type: ['string'] },
    ])
    expect(tool({ name: 'a', run: nothing }).paramHeaders).toEqual([])
  })

  test('refuses a header annotation that breaks a rule, by tool, property and rule [MCP-138]', () => {
    const input = z.object({
      price: z.number().meta({ 'x-mcp-header': 'Price' }),
      place: z.object({ region: z.string().meta({ 'x-mcp-header': 'My Region' }) }),
    })
    expect(() => tool({ name: 'a', input, run: nothing })).toThrow(
      new TypeError(
        'tool "a" input: x-mcp-header "Price" of "price" must stand on a property of type string, integer or boolean; ' +
          'x-mcp-header "My Region" of "place.region" must be a token: ' +
          "letters, digits and !#$%&'*+-.^_`|~ without blanks",
      ),
    )
  })

  test('refuses what cannot be listed as such, though it never ends', () => {
    const input: JsonObject = { type: 'object' }
    input.properties = { a: { not: input } }
    expect(() => tool({ name: 'a', inputSchema: input, input: anything, run: nothing })).toThrow(
      /^tool "a": what is listed of it cannot be written as JSON/,
    )
  })

  test('tells who passes bare fields to wrap them', () => {
    const define = (): unknown => tool({ name: 'a', input: { text: z.string() }, run: () => 'x' })
    expect(define).toThrow('got type undefined; wrap the fields, as in z.object({ … })')
  })

  test('a server refuses what tool() did not make, and to be without a name or a version', () => {
    const run = (): string => 'x'
    // @ts-expect-error a definition is no tool yet
    expect(() => createServer({ name: 's', version: '1', tools: [{ name: 'bare', run }] })).toThrow(
      '"bare" was not made by tool()',
    )
    // @ts-expect-error the version is required
    expect(() => createServer({ name: 's' })).toThrow('a server needs a version, a string')
  })

  test('refuses a tool without a name or without a run function', () => {
    const needed = 'a tool needs a name, a string that is not empty, got'
    expect(() => tool({ name: '', run: nothing })).toThrow(new TypeError(`${needed} ""`))
    // @ts-expect-error the name is required
    expect(() => tool({ run: nothing })).toThrow(new TypeError(`${needed} undefined`))
    // @ts-expect-error the definition is required
    expect(() => tool()).toThrow(new TypeError('a tool needs a definition: a name and a run function, at least'))
    const incomplete: JsonObject = { name: 'a' }
    // proof: only the check under test looks at it
    expect(() => tool(incomplete as unknown as ToolDefinition)).toThrow('a tool needs a run function')
  })
})

describe('a Standard Schema', () => {
  test('that answers with a thenable of its own is waited for', async () => {
    // biome-ignore lint/suspicious/noThenProperty: the thenable is what is tested
    const later = <T>(result: T): Promise<T> => ({ then: (done: (value: T) => void) => done(result) }) as Promise<T>
    const refusing = unconvertible(() => later({ issues: [{ message: 'never', path: ['a', 0, { key: 'b' }] }] }))
    const one = tool({ name: 'a', input: refusing, inputSchema: { type: 'object' }, run: () => 'ran' })
    expect(await one.input.check({})).toEqual({ ok: false, issues: ['a[0].b: never'] })
  })
})

eachEra((_era, open) => {
  test('a tool with a plain schema, one with zod and one without input are listed and run alike', async () => {
    const server = createServer({
      name: 's',
      version: '1',
      tools: [
        tool({
          name: 'plain',
          input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
          run: ({ n }) => `plain ${n}`,
        }),
        tool({ name: 'zod', input: z.object({ n: z.int() }), run: ({ n }) => `zod ${n}` }),
        tool({ name: 'none', run: () => 'none' }),
      ],
    })
    await using pair = await open(server)
    expect(namesOf(await pair.request('tools/list'))).toEqual(['plain', 'zod', 'none'])
    expect(textOf(await pair.call('plain', { n: 1 }))).toBe('plain 1')
    expect(textOf(await pair.call('zod', { n: 2 }))).toBe('zod 2')
    expect(textOf(await pair.call('none'))).toBe('none')
    expect(textOf(await pair.call('none', { surplus: true }))).toBe('none')
    for (const name of ['plain', 'zod']) {
      const refused = await pair.call(name, { n: 1.5 })
      expect(refused.isError).toBe(true)
      expect(textOf(refused)).toMatch(new RegExp(`^invalid arguments for ${name}: n: .*int`, 'i'))
    }
  })

  test('a tool runs with what its schema gives out: defaults, transforms, asynchronous checks', async () => {
    const server = createServer({
      name: 's',
      version: '1',
      tools: [
        tool({
          name: 'user',
          input: z.object({
            name: z.string().refine(async (name) => name !== 'root', 'root is not a user'),
            shout: z.boolean().default(true),
          }),
          run: ({ name, shout }) => (shout ? name.toUpperCase() : name),
        }),
      ],
    })
    await using pair = await open(server)
    expect(textOf(await pair.call('user', { name: 'ada' }))).toBe('ADA')
    expect(textOf(await pair.call('user', { name: 'ada', shout: false }))).toBe('ada')
    const refused = await pair.call('user', { name: 'root' })
    expect(refused).toMatchObject({ isError: true })
    expect(textOf(refused)).toBe('invalid arguments for user: name: root is not a user')
  })
})

describe('a plain schema that could only fail later', () => {
  test('is refused for a reference that leads nowhere', () => {
    const input = { type: 'object', properties: { a: { $ref: '#/$defs/none' } } }
    expect(() => tool({ name: 'a', input, run: nothing })).toThrow('tool "a" input: "#/$defs/none" leads nowhere')
  })

  test('is refused for a pattern that is none', () => {
    const output = { type: 'object', properties: { a: { pattern: '[' } } }
    expect(() => tool({ name: 'a', output, run: () => ({}) })).toThrow('tool "a" output: "[" is no regular expression')
  })
})
