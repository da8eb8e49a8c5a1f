import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { describeIssue, isStandardSchema, type SchemaIssue, type StandardSchema, toJsonSchema } from './schema.ts'

function schemaOf(jsonSchema?: StandardSchema['~standard']['jsonSchema']): StandardSchema {
  return { '~standard': { version: 1, vendor: 'tiny', validate: (value) => ({ value }), jsonSchema } }
}

test.each<[string, unknown, boolean]>([
  ['a schema of zod', z.object({}), true],
  ['an object with the interface', schemaOf(), true],
  ['a function with the interface', Object.assign(() => 1, schemaOf()), true],
  ['a JSON Schema', { type: 'object' }, false],
  ['an interface without validate', { '~standard': { version: 1 } }, false],
  ['an interface that is null', { '~standard': null }, false],
  ['null', null, false],
  ['text', 'x', false],
])('tells by its interface whether %s is a schema', (_, value, expected) => {
  expect(isStandardSchema(value)).toBe(expected)
})

describe('toJsonSchema', () => {
  test('converts what goes in and what comes out', () => {
    const schema = z.object({ n: z.string().default('x') })
    expect(toJsonSchema(schema, 'input', 'tool "a"')).toMatchObject({
      type: 'object',
      properties: { n: { type: 'string' } },
    })
    expect(toJsonSchema(schema, 'input', 'tool "a"')).not.toHaveProperty('required')
    expect(toJsonSchema(schema, 'output', 'tool "a"')).toMatchObject({ required: ['n'] })
  })

  test("asks for the 2020-12 dialect and leaves out what is the library's own", () => {
    const targets: unknown[] = []
    const convert = ({ target }: { target: string }): Record<string, unknown> => {
      targets.push(target)
      return { type: 'object', '~standard': { vendor: 'tiny' } }
    }
    expect(toJsonSchema(schemaOf({ input: convert, output: convert }), 'output', 'x')).toEqual({ type: 'object' })
    expect(targets).toEqual(['draft-2020-12'])
  })

  test('says which schema cannot be converted, and why', () => {
    expect(() => toJsonSchema(schemaOf(), 'input', 'tool "a"')).toThrow(
      new TypeError('tool "a": this tiny schema cannot be converted to JSON Schema; pass inputSchema as well'),
    )
    const cause = new Error('dates have no JSON Schema')
    const fails = (): never => {
      throw cause
    }
    const convert = (): unknown => toJsonSchema(schemaOf({ input: fails, output: fails }), 'input', 'tool "a"')
    expect(convert).toThrow(
      'tool "a": the schema cannot be converted to JSON Schema (dates have no JSON Schema); pass inputSchema as well',
    )
    expect(convert).toThrow(expect.objectContaining({ cause }))
    expect(() => toJsonSchema(schemaOf(), 'output', 'tool "a"')).toThrow(/pass outputSchema as well$/)
    expect(() => toJsonSchema(z.object({ when: z.date() }), 'input', 'tool "b"')).toThrow(
      /^tool "b": .*pass inputSchema/,
    )
  })
})

test.each<[SchemaIssue, string]>([
  [{ message: 'required' }, 'required'],
  [{ message: 'required', path: [] }, 'required'],
  [{ message: 'required', path: ['a', 'b'] }, 'a.b: required'],
  [{ message: 'required', path: ['list', 0, 'name'] }, 'list[0].name: required'],
  [{ message: 'required', path: [0, 1] }, '[0][1]: required'],
  [{ message: 'required', path: [{ key: 'a' }, { key: 2 }] }, 'a[2]: required'],
  [{ message: 'required', path: [Symbol('s')] }, 'Symbol(s): required'],
])('describes an issue as %j -> %s', (issue, words) => {
  expect(describeIssue(issue)).toBe(words)
})

test('describes what zod finds wrong', () => {
  const parsed = z.object({ list: z.array(z.object({ n: z.number() })) }).safeParse({ list: [{ n: 'x' }] })
  expect(parsed.error?.issues.map(describeIssue)).toEqual([expect.stringMatching(/^list\[0\]\.n: /)])
})
