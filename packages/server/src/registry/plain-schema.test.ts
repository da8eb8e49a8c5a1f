import { describe, expect, test } from 'bun:test'
import { brokenPatterns, danglingReferences, dialectOf, foreignReferences } from './plain-schema.ts'

describe('dialectOf', () => {
  test('is 2020-12 where a schema names none [MCP-198]', () => {
    expect(dialectOf({ type: 'object' })).toBe('2020-12')
  })

  test('knows four dialects, with and without an empty fragment', () => {
    expect(dialectOf({ $schema: 'http://json-schema.org/draft-04/schema#' })).toBe('4')
    expect(dialectOf({ $schema: 'http://json-schema.org/draft-07/schema' })).toBe('7')
    expect(dialectOf({ $schema: 'http://json-schema.org/draft-07/schema#' })).toBe('7')
    expect(dialectOf({ $schema: 'https://json-schema.org/draft/2019-09/schema' })).toBe('2019-09')
    expect(dialectOf({ $schema: 'https://json-schema.org/draft/2020-12/schema' })).toBe('2020-12')
  })
})

describe('foreignReferences', () => {
  test('finds none in a schema that refers to its own parts only', () => {
    const schema = {
      $id: 'https://example.com/root',
      type: 'object',
      properties: {
        a: { $ref: '#/$defs/a' },
        b: { $ref: '#anchor' },
        c: { $ref: 'https://example.com/root#/$defs/a' },
        d: { $ref: 'part' },
        e: { $ref: '/part#/x' },
        // a property that is called like a keyword
        $ref: { type: 'string' },
        // data that looks like a schema
        f: { default: { $ref: 'https://example.com/elsewhere' }, enum: [{ $ref: 'https://example.com/elsewhere' }] },
      },
      $defs: { a: { type: 'string' }, part: { $id: 'part', type: 'number' } },
    }
    expect(foreignReferences(schema)).toEqual([])
  })

  test('finds them at any depth', () => {
    const schema = {
      type: 'object',
      allOf: [{ $ref: 'other.json' }, { not: { items: { $dynamicRef: 'https://example.com/x#y' } } }],
    }
    expect(foreignReferences(schema)).toEqual(['other.json', 'https://example.com/x#y'])
  })
})

describe('danglingReferences', () => {
  const dangling = (properties: object, more: object = {}): string[] =>
    danglingReferences({ type: 'object', properties, $defs: { 'a/b c': { type: 'string' } }, ...more })

  test('finds pointers that lead nowhere', () => {
    expect(dangling({ a: { $ref: '#/$defs/none' }, b: { items: { $ref: '#/$defs/a~1b%20c/x' } } })).toEqual([
      '#/$defs/none',
      '#/$defs/a~1b%20c/x',
    ])
  })

  test('follows escapes, the root and anchors', () => {
    expect(dangling({ a: { $ref: '#/$defs/a~1b%20c' }, b: { $ref: '#' }, c: { $ref: '#anchor' } })).toEqual([])
    expect(dangling({ a: { $ref: '#/$defs/a~1b c' } })).toEqual([])
  })

  test('leaves documents inside a document to the interpreter', () => {
    const inner = { $id: 'inner', $defs: { x: {} }, properties: { y: { $ref: '#/$defs/x' } } }
    expect(dangling({}, { $id: 'https://example.com/root', allOf: [inner] })).toEqual([])
    expect(dangling({ a: { $ref: '#/$defs/none' } }, { $id: 'https://example.com/root' })).toEqual(['#/$defs/none'])
  })
})

describe('brokenPatterns', () => {
  test('finds what is no regular expression', () => {
    const schema = { properties: { a: { pattern: '[' }, b: { patternProperties: { '(': {}, '^x': {} } } } }
    expect(brokenPatterns(schema)).toEqual(['[', '('])
  })

  test('a property may be called like the keyword', () => {
    expect(
      brokenPatterns({ properties: { pattern: { type: 'string', default: '[' } }, enum: [{ pattern: '[' }] }),
    ).toEqual([])
  })
})
