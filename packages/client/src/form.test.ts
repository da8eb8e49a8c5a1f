import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { fillForm } from './form.ts'

type Field = Record<string, unknown>

function issuesOf(field: Field, value: unknown): readonly string[] {
  return fillForm({ type: 'object', properties: { field } }, { field: value }).issues
}

const single = { type: 'string', enum: ['a', 'b'] }
const titled = { type: 'string', oneOf: [{ const: 'a', title: 'A' }] }
const several = { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 1, maxItems: 2 }
const titledSeveral = { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } }
const format = (name: string): Field => ({ type: 'string', format: name })

describe('a value', () => {
  test.each<[string, Field, unknown]>([
    ['text', { type: 'string' }, ''],
    ['text of the right length, counted in characters', { type: 'string', minLength: 2, maxLength: 2 }, '😀😀'],
    ['an email address', format('email'), 'a@b.example'],
    ['a uri', format('uri'), 'urn:isbn:1'],
    ['a leap day', format('date'), '2024-02-29'],
    ['a time with an offset', format('date-time'), '2024-02-29T12:00:00.5+01:00'],
    ['a time in small letters', format('date-time'), '2024-02-29t12:00:00z'],
    ['a format nobody knows', format('colour'), 'anything'],
    ['a number', { type: 'number', minimum: 0.5, maximum: 0.5 }, 0.5],
    ['a whole number', { type: 'integer' }, -3],
    ['no', { type: 'boolean' }, false],
    ['a choice', single, 'a'],
    ['a titled choice', titled, 'a'],
    ['a choice with names beside it', { ...single, enumNames: ['A', 'B'] }, 'b'],
    ['several choices', several, ['a', 'b']],
    ['several titled choices', titledSeveral, ['a']],
  ])('fits: %s', (_, field, value) => {
    expect(issuesOf(field, value)).toEqual([])
  })

  test.each<[string, Field, unknown, string]>([
    ['a number for text', { type: 'string' }, 1, 'a string'],
    ['text that is too short', { type: 'string', minLength: 2 }, '😀', 'at least 2 characters'],
    ['text that is too long', { type: 'string', maxLength: 1 }, 'ab', 'at most 1 characters'],
    ['no email address', format('email'), 'a.example', 'format email'],
    ['no uri', format('uri'), 'over there', 'format uri'],
    ['a day that does not exist', format('date'), '2023-02-29', 'format date'],
    ['a day as a time', format('date-time'), '2024-02-29', 'format date-time'],
    ['an hour that does not exist', format('date-time'), '2024-02-29T25:00:00Z', 'format date-time'],
    ['text for a number', { type: 'number' }, '1', 'a number'],
    ['infinity, which JSON cannot say', { type: 'number' }, Number.POSITIVE_INFINITY, 'a number'],
    ['a fraction for a whole number', { type: 'integer' }, 0.5, 'whole number'],
    ['a number below', { type: 'number', minimum: 1 }, 0, 'at least 1'],
    ['a number above', { type: 'integer', maximum: 1 }, 2, 'at most 1'],
    ['text for yes or no', { type: 'boolean' }, 'yes', 'true or false'],
    ['a stranger among choices', single, 'c', 'one of a, b'],
    ['the title of a choice', titled, 'A', 'one of a'],
    ['one value for several', several, 'a', 'a list'],
    ['a stranger among several', several, ['a', 'c'], 'only a, b'],
    ['too few of several', several, [], 'at least 1 choices'],
    ['too many of several', several, ['a', 'b', 'a'], 'at most 2 choices'],
    ['a stranger among several titled', titledSeveral, ['A'], 'only a'],
    ['a type no form has', { type: 'object' }, {}, 'the type "object"'],
  ])('does not fit: %s', (_, field, value, expected) => {
    expect(issuesOf(field, value)).toEqual([expect.stringMatching(new RegExp(`^field: .*${expected}`))])
  })
})

describe('a form', () => {
  test('gets the defaults of what was left out, and keeps what was filled in', () => {
    const properties = {
      a: { type: 'string', default: 'x' },
      b: { type: 'boolean', default: false },
      c: { type: 'array', items: { enum: ['k'] }, default: ['k'] },
      d: { type: 'string' },
    }
    const { content, issues } = fillForm({ properties, required: ['a'] }, { a: 'mine', d: undefined })
    expect(content).toEqual({ a: 'mine', b: false, c: ['k'] })
    expect(issues).toEqual([])
  })

  test('lists every fault, with its field', () => {
    const schema = {
      properties: { a: { type: 'string' }, b: { type: 'boolean', default: 'no' } },
      required: ['a', 'z'],
    }
    expect(fillForm(schema, {}).issues).toEqual([
      'b: expected true or false',
      'a: required and missing',
      'z: required and missing',
    ])
  })

  test('keeps fields it does not name, unless no form can hold them', () => {
    const { content, issues } = fillForm({ properties: {} }, { extra: ['x'], odd: { nested: true } })
    expect(content).toHaveProperty('extra', ['x'])
    expect(issues).toEqual(['odd: no form can hold this value'])
  })

  test('is no way to a prototype', () => {
    const schema = JSON.parse('{"properties":{"__proto__":{"type":"array","items":{},"default":["x"]}}}')
    const { content } = fillForm(schema, {})
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype)
    expect(Object.keys(content)).toEqual(['__proto__'])
  })

  test('never fails, whatever a server asks', () => {
    fc.assert(
      fc.property(fc.object(), fc.dictionary(fc.string(), fc.jsonValue()), (schema, content) => {
        fillForm(schema, content)
        fillForm({ properties: schema, required: Object.keys(schema) }, content)
      }),
    )
  })
})
