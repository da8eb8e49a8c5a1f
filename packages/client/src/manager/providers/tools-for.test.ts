import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Provider } from './rules.ts'
import { type CompiledTools, type ToolsForOptions, toolsFor } from './tools-for.ts'

/** One tool with these properties, for one provider. */
function compiled<P extends Provider>(
  provider: P,
  schema: JsonObject,
  options: ToolsForOptions = {},
): CompiledTools<P> {
  return toolsFor(provider, [{ server: 's', tool: { name: 't', inputSchema: { type: 'object', ...schema } } }], options)
}

/** What a property becomes. */
function property(provider: Provider, schema: JsonObject, options: ToolsForOptions = {}): unknown {
  const [written] = compiled(provider, { properties: { a: schema }, required: ['a'] }, options).tools
  const found = Object.values(written ?? {}).find((value) => typeof value === 'object')
  return found?.properties?.a
}

describe('a list of tools', () => {
  const tools = [
    {
      server: 'wiki',
      tool: {
        name: 'read',
        description: 'Read a page.',
        inputSchema: { type: 'object' as const, properties: { page: { type: 'string' } }, required: ['page'] },
      },
    },
  ]
  const schema = { type: 'object', properties: { page: { type: 'string' } }, required: ['page'] }
  const named = { name: 'wiki__read', description: 'Read a page.' }

  test('has the format of its provider', () => {
    expect(toolsFor('openai', tools).tools).toEqual([{ type: 'function', ...named, parameters: schema, strict: false }])
    expect(toolsFor('openai', tools, { api: 'chat' }).tools).toEqual([
      { type: 'function', function: { ...named, parameters: schema, strict: false } },
    ])
    expect(toolsFor('anthropic', tools).tools).toEqual([{ ...named, input_schema: schema }])
    expect(toolsFor('ai-sdk', tools).tools).toEqual([{ ...named, inputSchema: schema }])
    expect(toolsFor('gemini', tools).tools).toEqual([
      { ...named, parameters: { type: 'OBJECT', properties: { page: { type: 'STRING' } }, required: ['page'] } },
    ])
  })

  test('leads a call back to its server and tool', () => {
    const { call } = toolsFor('openai', tools)
    expect(call('wiki__read', '{"page":"bao"}')).toEqual({ server: 'wiki', tool: 'read', arguments: { page: 'bao' } })
    expect(call('wiki__read', '')).toEqual({ server: 'wiki', tool: 'read', arguments: {} })
    expect(call('wiki__write', {})).toBeUndefined()
    expect(() => call('wiki__read', '{')).toThrow('the arguments of wiki__read are no JSON')
    expect(() => call('wiki__read', [1])).toThrow('expected an object')
  })

  test('reports nothing where nothing was changed, and shortens a description that is too long', () => {
    expect(toolsFor('anthropic', tools).reports).toEqual([
      { server: 'wiki', tool: 'read', name: 'wiki__read', notes: [], looser: false, narrower: false, strict: false },
    ])
    const {
      tools: [first],
      reports,
    } = toolsFor('anthropic', tools, { maxDescriptionLength: 6 })
    expect(first?.description).toBe('Read …')
    expect(reports[0]?.notes).toMatchObject([{ keyword: 'description', effect: 'same' }])
  })

  test('is declared to Gemini without parameters where there are none', () => {
    expect(compiled('gemini', {}).tools).toEqual([{ name: 's__t', description: 's__t' }])
  })
})

describe('a schema', () => {
  test('has what it refers to in place of the reference, and is left open where it holds itself', () => {
    const $defs = { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } }
    const {
      tools: [tool],
      reports,
    } = compiled('anthropic', { properties: { a: { $ref: '#/$defs/node' } }, $defs })
    const inner = { type: 'object', properties: { next: {} } }
    expect(tool?.input_schema).toEqual({
      type: 'object',
      properties: { a: { type: 'object', properties: { next: inner } } },
    })
    expect(reports[0]).toMatchObject({
      looser: true,
      notes: [{ at: '/properties/a/properties/next/properties/next', keyword: '$ref' }],
    })
  })

  test('has allOf joined, the tighter of two bounds standing', () => {
    const allOf = [
      { type: 'object', properties: { n: { minimum: 1 } } },
      { properties: { n: { type: 'integer', minimum: 3 } }, required: ['n'] },
    ]
    expect(property('openai', { allOf })).toEqual({
      type: 'object',
      properties: { n: { minimum: 3, type: 'integer' } },
      required: ['n'],
    })
  })

  test('has the literals of a union as one enum', () => {
    const oneOf = [{ const: 'a', title: 'A' }, { const: 'b' }].map((branch) => ({ type: 'string', ...branch }))
    expect(property('gemini', { oneOf, description: 'which' })).toEqual({
      type: 'STRING',
      enum: ['a', 'b'],
      description: 'which',
    })
  })

  test('says null to Gemini by a keyword, and several types by a union alone', () => {
    expect(property('gemini', { type: ['string', 'null'], minLength: 1 })).toEqual({
      type: 'STRING',
      minLength: 1,
      nullable: true,
    })
    expect(property('gemini', { type: ['object', 'null'], properties: { x: { type: 'string' } } })).toEqual({
      type: 'OBJECT',
      properties: { x: { type: 'STRING' } },
      nullable: true,
    })
    expect(property('gemini', { type: ['string', 'integer', 'null'], minimum: 1, description: 'd' })).toEqual({
      anyOf: [
        { type: 'STRING', description: 'd', nullable: true },
        { type: 'INTEGER', minimum: 1, description: 'd', nullable: true },
      ],
    })
  })

  test('puts into words what Gemini does not take', () => {
    expect(property('gemini', { type: 'string', format: 'uri', description: 'where' })).toEqual({
      type: 'STRING',
      description: 'where (format uri)',
    })
    expect(property('gemini', { type: 'integer', enum: [1, 2] })).toEqual({
      type: 'INTEGER',
      description: '(one of 1, 2)',
    })
    expect(property('gemini', { type: 'integer', exclusiveMinimum: 0 })).toEqual({ type: 'INTEGER', minimum: 1 })
  })

  test('that is a union at the root is one object with the properties of all branches', () => {
    const anyOf = [
      { properties: { id: { type: 'string' }, deep: { type: 'boolean' } }, required: ['id', 'deep'] },
      { properties: { id: { type: 'integer' } }, required: ['id'] },
    ]
    const {
      tools: [tool],
      reports,
    } = compiled('openai', { anyOf })
    expect(tool).toMatchObject({
      parameters: {
        properties: { id: { anyOf: [{ type: 'string' }, { type: 'integer' }] }, deep: { type: 'boolean' } },
        required: ['id'],
      },
    })
    expect(reports[0]?.looser).toBeTrue()
  })

  test('loses nothing where the branches of oneOf exclude each other, and says so where they may not', () => {
    const looser = (...oneOf: JsonObject[]) => compiled('openai', { properties: { a: { oneOf } } }).reports[0]?.looser
    const kind = (value: string) => ({ type: 'object', properties: { kind: { const: value } }, required: ['kind'] })
    expect(looser({ type: 'string' }, { type: 'number' })).toBeFalse()
    expect(looser({ enum: ['a', 'b'] }, { const: 'c' })).toBeFalse()
    expect(looser(kind('a'), kind('b'))).toBeFalse()
    expect(looser(kind('a'), kind('a'))).toBeTrue()
    expect(looser({ type: 'integer' }, { type: 'number' })).toBeTrue()
    expect(looser({ type: 'string', minLength: 2 }, { type: 'string', maxLength: 3 })).toBeTrue()
  })

  test('keeps a tuple for Anthropic, and elsewhere says what it holds', () => {
    const tuple = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false }
    expect(property('anthropic', tuple)).toEqual(tuple)
    expect(property('openai', tuple)).toEqual({
      type: 'array',
      maxItems: 2,
      items: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    })
  })

  test('has the names of arguments Anthropic refuses renamed, and back in a call', () => {
    const {
      tools: [tool],
      call,
    } = compiled('anthropic', {
      properties: { 'filter[id]': { type: 'string' }, filter_id_: { type: 'string' }, ['long'.repeat(20)]: {} },
      required: ['filter[id]'],
    })
    const names = Object.keys(tool?.input_schema.properties ?? {})
    expect(names.every((name) => /^[a-zA-Z0-9_.-]{1,64}$/.test(name))).toBeTrue()
    expect(new Set(names).size).toBe(3)
    const input = Object.fromEntries(names.map((name, index) => [name, String(index)]))
    expect(call('s__t', input)?.arguments).toEqual({ 'filter[id]': '0', filter_id_: '1', ['long'.repeat(20)]: '2' })
  })
})

describe('strict mode', () => {
  const strict = { strict: true }

  test('requires everything, and leaves out of a call what null stands for', () => {
    const schema = {
      properties: {
        a: { type: 'string' },
        b: {
          type: 'object',
          properties: { c: { enum: ['x'] }, d: { type: ['string', 'null'] } },
          additionalProperties: false,
        },
      },
      required: ['a'],
    }
    const {
      tools: [tool],
      reports,
      call,
    } = compiled('openai', schema, strict)
    expect(tool).toEqual({
      type: 'function',
      name: 's__t',
      strict: true,
      parameters: {
        type: 'object',
        additionalProperties: false,
        required: ['a', 'b'],
        properties: {
          a: { type: 'string' },
          b: {
            type: ['object', 'null'],
            additionalProperties: false,
            required: ['c', 'd'],
            properties: { c: { type: ['string', 'null'], enum: ['x', null] }, d: { type: ['string', 'null'] } },
          },
        },
      },
    })
    expect(reports[0]).toMatchObject({ strict: true, looser: false })
    expect(call('s__t', { a: 'x', b: null })?.arguments).toEqual({ a: 'x' })
    expect(call('s__t', { a: 'x', b: { c: null, d: null } })?.arguments).toEqual({ a: 'x', b: { d: null } })
  })

  test('is off, with the reason, for a tool whose schema it cannot say', () => {
    const map = { properties: { a: { type: 'object', additionalProperties: { type: 'string' } } } }
    const {
      tools: [tool],
      reports,
    } = compiled('openai', map, strict)
    expect(tool).toMatchObject({ strict: false, parameters: map })
    expect(reports[0]?.notes).toEqual([
      {
        at: '',
        keyword: 'strict',
        effect: 'same',
        why: 'not strict, for /properties/a is an object of undeclared properties',
      },
    ])
  })
})
