import { describe, expect, spyOn, test } from 'bun:test'
import { jsonSchemaChecker } from './json-schema.ts'

describe('jsonSchemaChecker', () => {
  test('lets through the very value it was given', () => {
    const value = { n: 1 }
    const verdict = jsonSchemaChecker({ type: 'object', properties: { n: { type: 'number' } } })(value)
    expect(verdict).toEqual({ ok: true, value })
    expect(verdict.ok && verdict.value).toBe(value)
  })

  test('names each place that is wrong, once, as a path', () => {
    const check = jsonSchemaChecker({
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', properties: { 'a/b~c': { type: 'string' } } } },
        n: { type: 'integer', minimum: 1 },
      },
      required: ['n'],
    })
    const verdict = check({ list: [{}, { 'a/b~c': 1 }], n: 0 })
    expect(verdict).toMatchObject({ ok: false })
    const issues = verdict.ok ? [] : verdict.issues
    expect(issues).toHaveLength(2)
    expect(issues[0]).toStartWith('list[1].a/b~c: ')
    expect(issues[1]).toStartWith('n: ')
    expect(check({})).toMatchObject({ ok: false, issues: [expect.stringContaining('"n"')] })
  })

  test('reads each dialect by its own rules [MCP-199]', () => {
    const tuples = { properties: { pair: { prefixItems: [{ type: 'string' }], items: false } } }
    const oldTuples = { properties: { pair: { items: [{ type: 'string' }], additionalItems: false } } }
    const value = { pair: ['a', 1] }
    expect(jsonSchemaChecker(tuples)(value).ok).toBe(false)
    expect(jsonSchemaChecker({ $schema: 'http://json-schema.org/draft-07/schema#', ...oldTuples })(value).ok).toBe(
      false,
    )
    const exclusive = { properties: { n: { minimum: 1, exclusiveMinimum: true } } }
    expect(jsonSchemaChecker({ $schema: 'http://json-schema.org/draft-04/schema#', ...exclusive })({ n: 1 }).ok).toBe(
      false,
    )
    const dependent = { $schema: 'https://json-schema.org/draft/2019-09/schema', dependentRequired: { a: ['b'] } }
    expect(jsonSchemaChecker(dependent)({ a: 1 }).ok).toBe(false)
  })

  test('follows references inside the schema and touches no network [MCP-200]', () => {
    const fetching = spyOn(globalThis, 'fetch')
    const check = jsonSchemaChecker({
      type: 'object',
      properties: { tree: { $ref: '#/$defs/tree' } },
      $defs: { tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' } }, required: ['v'] } },
    })
    expect(check({ tree: { v: 1, left: { v: 2 } } }).ok).toBe(true)
    expect(check({ tree: { v: 1, left: {} } }).ok).toBe(false)
    expect(() => jsonSchemaChecker({ $ref: 'https://example.com/a' })({})).toThrow()
    expect(fetching).not.toHaveBeenCalled()
    fetching.mockRestore()
  })
})

describe('hostile values', () => {
  test('the work for what is wrong grows with the errors and not with their square', () => {
    const check = jsonSchemaChecker({ properties: { list: { type: 'array', items: { type: 'string' } } } })
    const compared = spyOn(String.prototype, 'startsWith')
    const verdict = check({ list: Array.from({ length: 2000 }, () => 1) })
    const comparisons = compared.mock.calls.length
    compared.mockRestore()
    expect(verdict.ok ? [] : verdict.issues).toHaveLength(2000)
    expect(comparisons).toBeLessThan(10_000)
  })

  test('a name with half of a surrogate pair is the value’s fault', () => {
    const verdict = jsonSchemaChecker({ additionalProperties: false })({ '\ud800': 1 })
    expect(verdict).toEqual({ ok: false, issues: [expect.stringContaining('surrogate')] })
  })

  test('so is a value that is nested too deeply', () => {
    const check = jsonSchemaChecker({ properties: { next: { $ref: '#' } } })
    let value: object = {}
    for (let depth = 0; depth < 200_000; depth++) value = { next: value }
    expect(check(value)).toEqual({ ok: false, issues: [expect.stringContaining('nested too deeply')] })
  })
})
