import { describe, expect, test } from 'bun:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { type Provider, RULES } from '../../../packages/client/src/manager/providers/rules.ts'
import { type ToolsForOptions, toolsFor } from '../../../packages/client/src/manager/providers/tools-for.ts'
import { samples, tame, wild } from './schemas.ts'
import { asJsonSchema, complaints, type Subset } from './subsets.ts'

const SUBSETS: readonly Subset[] = ['openai', 'strict', 'anthropic', 'gemini', 'ai-sdk']

function compiled(inputSchema: unknown, subset: Subset) {
  const provider: Provider = subset === 'strict' ? 'openai' : subset
  const options: ToolsForOptions = subset === 'strict' ? { strict: true } : {}
  // proof: what a server lists is only said to be a tool
  const listed = { server: 's', tool: { name: 't', inputSchema } as never }
  const { tools, reports, call } = toolsFor(provider, [listed], options)
  const written = Object.entries(tools[0] ?? {})
  const [, schema] = written.find(([key]) => ['parameters', 'input_schema', 'inputSchema'].includes(key)) ?? []
  const report = reports[0]
  if (report === undefined) throw new Error('there is no report')
  const held: Subset = subset === 'strict' && !report.strict ? 'openai' : subset
  return { schema, report, held, restore: (input: unknown) => call(report.name, input)?.arguments }
}

function fits(schema: unknown, held: Subset): void {
  const wrong = complaints(schema, held)
  if (wrong.length > 0) throw new Error(`${wrong.slice(0, 5).join('; ')} in ${JSON.stringify(schema).slice(0, 2000)}`)
}

describe('for generated schemas', () => {
  for (const subset of SUBSETS) {
    test(`the ${subset} schema is in the subset of its provider`, () => {
      fc.assert(
        fc.property(wild, (original) => {
          const { schema, held } = compiled(original, subset)
          if (schema !== undefined) fits(schema, held)
        }),
        { numRuns: 500 },
      )
    })

    test(`what fits a ${subset} schema that is no looser fits the original`, () => {
      const ajv = new Ajv2020({ strict: false, ownProperties: true, validateFormats: false, logger: false })
      // a schema that is none is refused by any validator: there is nothing to compare with
      const compile = (schema: object) => {
        try {
          return ajv.compile(schema)
        } catch {
          // some are generated on purpose
          return undefined
        }
      }
      let compared = 0
      fc.assert(
        fc.property(tame, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (original, dice) => {
          const { schema, report, restore } = compiled(original, subset)
          if (report.looser || schema === undefined) return
          const before = compile(original)
          if (before === undefined) return
          const after = ajv.compile(Object(asJsonSchema(schema)))
          for (const given of samples(asJsonSchema(schema), dice)) {
            if (!after(given)) continue
            compared += 1
            const back = restore(given)
            if (!before(back)) throw new Error(JSON.stringify({ given, back, errors: before.errors, schema }))
          }
        }),
        { numRuns: 2500 },
      )
      expect(compared).toBeGreaterThan(10)
    })
  }

  test('any JSON at all is lowered without a throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(
            fc.constantFrom(
              'type',
              '$ref',
              'allOf',
              'anyOf',
              'oneOf',
              'properties',
              'items',
              'enum',
              'required',
              'const',
              'prefixItems',
              'description',
            ),
            fc.jsonValue(),
          ),
        ),
        fc.constantFrom(...SUBSETS),
        (schema, subset) => {
          const { schema: lowered, held } = compiled(schema, subset)
          if (lowered !== undefined) fits(lowered, held)
        },
      ),
    )
  })
})

describe('a hostile schema costs bounded work', () => {
  const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
    let schema: unknown = { type: 'string' }
    for (let level = 0; level < depth; level += 1) schema = wrap(schema)
    return schema
  }
  const laughs = Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => [
      `l${level}`,
      {
        type: 'object',
        properties: Object.fromEntries(
          Array.from({ length: 10 }, (__, index) => [`p${index}`, { $ref: `#/$defs/l${level + 1}` }]),
        ),
      },
    ]),
  )
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index))
  const hostile: [string, unknown][] = [
    ['references that multiply', { type: 'object', properties: { a: { $ref: '#/$defs/l0' } }, $defs: laughs }],
    [
      'references in a ring',
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/a' } },
        $defs: { a: { $ref: '#/$defs/b' }, b: { allOf: [{ $ref: '#/$defs/a' }] } },
      },
    ],
    ['a reference to itself at the root', { $ref: '#' }],
    ['objects in objects', nested(5000, (inner) => ({ type: 'object', properties: { a: inner } }))],
    ['allOf in allOf', nested(5000, (inner) => ({ allOf: [inner] }))],
    ['anyOf in anyOf at the root', nested(5000, (inner) => ({ anyOf: [inner, inner] }))],
    [
      'unions that multiply',
      {
        type: 'object',
        properties: {
          a: {
            allOf: Array.from({ length: 30 }, () => ({
              anyOf: [{ minLength: 1 }, { maxLength: 2 }, { pattern: 'x' }],
            })),
          },
        },
      },
    ],
    [
      'unions in unions',
      {
        type: 'object',
        properties: {
          a: { oneOf: many(100, (i) => ({ oneOf: many(100, (j) => ({ type: 'string', pattern: `${i}x${j}` })) })) },
        },
      },
    ],
    [
      'long words told many times',
      {
        type: 'object',
        properties: Object.fromEntries(many(2000, (i) => [`p${i}`, { $ref: '#/$defs/a' }])),
        $defs: { a: { type: 'string', description: 'x'.repeat(1_000_000), title: 'x'.repeat(1_000_000) } },
      },
    ],
    [
      'long lists joined many times',
      {
        type: 'object',
        allOf: many(2000, () => ({ $ref: '#/$defs/a' })),
        $defs: { a: { required: many(50_000, String), enum: many(50_000, String) } },
      },
    ],
    ['a deep literal', { type: 'object', properties: { a: { const: nested(5000, (inner) => [inner]) } } }],
    [
      'a hundred thousand literals',
      { type: 'object', properties: { a: { enum: Array.from({ length: 100_000 }, (_, index) => `v${index}`) } } },
    ],
  ]
  for (const [what, schema] of hostile) {
    test(what, () => {
      for (const subset of SUBSETS) {
        const { schema: lowered, report, held } = compiled(schema, subset)
        expect(JSON.stringify(lowered ?? {}).length).toBeLessThan(3_000_000)
        expect(report.notes.length).toBeLessThan(210)
        if (lowered !== undefined) fits(lowered, held)
      }
    })
  }
})

test('every provider has its table', () => {
  expect(Object.keys(RULES).sort()).toEqual(['ai-sdk', 'anthropic', 'gemini', 'openai'])
})
