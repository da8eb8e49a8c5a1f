import { describe, expect, test } from 'bun:test'
import { MAX_SCOPES, parseScope, readScopeList, type ScopeSources, selectScopes } from './scopes.ts'

const nothing: ScopeSources = {
  challenged: undefined,
  configured: undefined,
  resource: undefined,
  server: undefined,
  offline: true,
  before: undefined,
}
const select = (sources: Partial<ScopeSources>): string[] => selectScopes({ ...nothing, ...sources })

describe('the scopes that are asked for', () => {
  test('are those of the challenge before all others [MCP-279]', () => {
    expect(select({ challenged: ['a'], configured: ['b'], resource: ['c'] })).toEqual(['a'])
    expect(select({ challenged: [], resource: ['c'] })).toEqual([])
  })

  test('are the configured ones, else all the resource lists, else none [MCP-279]', () => {
    expect(select({ configured: ['b'], resource: ['c'] })).toEqual(['b'])
    expect(select({ resource: ['c', 'd'] })).toEqual(['c', 'd'])
    expect(select({})).toEqual([])
  })

  test('come on top of what was asked for before [MCP-280]', () => {
    expect(select({ before: ['a', 'b'], challenged: ['b', 'c'] })).toEqual(['a', 'b', 'c'])
  })

  test('hold offline_access only where the authorization server lists it and it is wanted [MCP-287]', () => {
    expect(select({ challenged: ['a'], server: ['a', 'offline_access'] })).toEqual(['a', 'offline_access'])
    expect(select({ challenged: ['a'], server: ['a'] })).toEqual(['a'])
    expect(select({ challenged: ['a'], server: ['offline_access'], offline: false })).toEqual(['a'])
  })

  test('are limited by name', () => {
    const many = Array.from({ length: MAX_SCOPES + 1 }, (_, index) => `s${index}`)
    expect(select({ resource: many.slice(1) })).toHaveLength(MAX_SCOPES)
    expect(() => select({ resource: many })).toThrow('MAX_SCOPES')
  })
})

test('what is no scope is left out', () => {
  expect(parseScope(' a  b"c d\\e ä f ')).toEqual(['a', 'f'])
  expect(readScopeList(['a', 'a', 1, 'b c', null])).toEqual(['a'])
  expect(readScopeList('a')).toBeUndefined()
})
