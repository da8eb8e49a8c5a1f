import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { z } from 'zod'
import type { JsonObject } from '../../jsonrpc/message.ts'
import { encodeOutputSchema, encodeStructured } from './output-schema.ts'

const wrapped = (schema: unknown): JsonObject => ({
  type: 'object',
  properties: { result: schema },
  required: ['result'],
})

describe('an output schema', () => {
  test('for objects stays as it is', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: {} } }
    expect(encodeOutputSchema(schema)).toBe(schema)
  })

  test.each<[JsonObject]>([
    [{ type: 'array', items: { type: 'string' } }],
    [{ type: 'string' }],
    [{ type: ['string', 'null'] }],
    [{ anyOf: [{ type: 'string' }, { type: 'array' }] }],
  ])('for no objects is wrapped: %j', (schema) => {
    expect(encodeOutputSchema(schema)).toEqual(wrapped(schema))
  })

  test.each<[JsonObject]>([
    [
      {
        anyOf: [
          { type: 'object', title: 'a' },
          { type: 'object', title: 'b' },
        ],
      },
    ],
    [{ oneOf: [{ type: 'object' }] }],
    [{ type: ['object'] }],
  ])('for objects only, though it does not say so at once, says so: %j', (schema) => {
    expect(encodeOutputSchema(schema)).toEqual({ ...schema, type: 'object' })
  })

  test.each<[JsonObject]>([[{}], [{ type: ['object', 'null'] }], [{ anyOf: [{ type: 'object' }, { type: 'null' }] }]])(
    'for objects among others takes both forms: %j',
    (schema) => {
      expect(encodeOutputSchema(schema)).toEqual({ type: 'object', anyOf: [schema, wrapped(schema)] })
    },
  )

  test('keeps its dialect at the root, and its pointers pointing', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'array',
      items: { $ref: '#/$defs/node' },
      default: [{ $ref: '#' }],
      $defs: {
        node: {
          type: 'object',
          properties: {
            next: { $ref: '#' },
            default: { $ref: '#/$defs/node' },
            items: { $ref: '#/items' },
            $ref: { const: '#' },
            other: { $ref: '#far' },
          },
        },
        far: { $anchor: 'far', enum: [{ $ref: '#' }] },
      },
    }
    expect(encodeOutputSchema(schema)).toEqual({
      $schema: schema.$schema,
      ...wrapped({ type: 'array', items: { $ref: '#/$defs/node' }, default: [{ $ref: '#' }] }),
      $defs: {
        node: {
          type: 'object',
          properties: {
            next: { $ref: '#/properties/result' },
            default: { $ref: '#/$defs/node' },
            items: { $ref: '#/properties/result/items' },
            $ref: { const: '#' },
            other: { $ref: '#far' },
          },
        },
        far: { $anchor: 'far', enum: [{ $ref: '#' }] },
      },
    })
  })

  test('keeps its definitions in one place where it takes both forms', () => {
    const schema = { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }], $defs: { a: { items: { $ref: '#' } } } }
    const inner = { anyOf: schema.anyOf }
    expect(encodeOutputSchema(schema)).toEqual({
      type: 'object',
      anyOf: [inner, wrapped(inner)],
      $defs: { a: { items: { $ref: '#/anyOf/0' } } },
    })
  })

  test('with an identifier keeps its pointers, which start there', () => {
    const schema = { $id: 'https://a.example/s', type: 'array', items: { $ref: '#/$defs/a' }, $defs: { a: {} } }
    expect(encodeOutputSchema(schema)).toEqual(wrapped(schema))
  })
})

test.each<[unknown, JsonObject]>([
  [{ a: 1 }, { a: 1 }],
  [[1], { result: [1] }],
  [null, { result: null }],
  ['x', { result: 'x' }],
  [0, { result: 0 }],
])('structured content %j becomes %j', (value, encoded) => {
  expect(encodeStructured(value)).toEqual(encoded)
})

test('what a list says and what a call answers agree, for every kind of schema', () => {
  const person = z.object({ name: z.string() })
  const pet = z.object({ legs: z.number() })
  const tree = z.object({
    get children() {
      return z.array(tree)
    },
  })
  const kinds = [
    person,
    z.array(person),
    z.union([person, pet]),
    z.union([person, z.string()]),
    z.nullable(person),
    z.string(),
    z.null(),
    z.array(tree),
    z.unknown(),
  ] as const
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      { name: 'a' },
      { legs: 4 },
      [{ name: 'a' }],
      'x',
      null,
      [{ children: [{ children: [] }] }],
      5,
    ),
    fc.jsonValue(),
  )
  let accepted = 0
  for (const kind of kinds) {
    const listed = encodeOutputSchema(z.toJSONSchema(kind) as JsonObject)
    expect(listed.type).toBe('object')
    const reader = z.fromJSONSchema(listed)
    fc.assert(
      fc.property(values, (value) => {
        const answered = kind.safeParse(value)
        if (!answered.success) return
        accepted++
        // a call answers with what the schema made of the value, and here that leaves unknown members out
        expect(reader.safeParse(encodeStructured(answered.data)).success).toBe(true)
      }),
      { numRuns: 200 },
    )
  }
  expect(accepted).toBeGreaterThan(100)
})
