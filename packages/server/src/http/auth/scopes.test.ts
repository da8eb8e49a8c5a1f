import { describe, expect, test } from 'bun:test'
import { RpcError } from '@bao-mcp/protocol/engine'
import { checkedScopes, InsufficientScopeError, missingScopes } from './scopes.ts'

const ladder: Record<string, string[]> = { admin: ['files:write'], 'files:write': ['files:read'] }
const implies = (scope: string): string[] => ladder[scope] ?? []

describe('missing scopes', () => {
  test('what is granted word by word is not missing, and the order is that of the question', () => {
    expect(missingScopes(['a', 'b'], ['b', 'a'])).toEqual([])
    expect(missingScopes(['a'], ['c', 'a', 'b'])).toEqual(['c', 'b'])
    expect(missingScopes([], [])).toEqual([])
  })

  test('a scope stands for those it implies, over any number of steps, and never upwards [MCP-281]', () => {
    expect(missingScopes(['admin'], ['files:read', 'files:write'], implies)).toEqual([])
    expect(missingScopes(['files:write'], ['files:read', 'admin'], implies)).toEqual(['admin'])
    expect(missingScopes(['files:read'], ['files:write'], implies)).toEqual(['files:write'])
  })

  test('implications that go in circles or never end are not followed for ever', () => {
    expect(missingScopes(['a'], ['c'], (scope) => (scope === 'a' ? ['b'] : ['a']))).toEqual(['c'])
    let asked = 0
    const endless = (scope: string): string[] => {
      asked++
      return [`${scope}.`]
    }
    expect(missingScopes(['a'], ['c'], endless)).toEqual(['c'])
    expect(asked).toBeLessThan(2000)
  })

  test('implications are not asked for when everything is granted', () => {
    const refuse = (): never => {
      throw new Error('asked')
    }
    expect(missingScopes(['a'], ['a'], refuse)).toEqual([])
  })
})

test('scopes are checked by the grammar, so that none can break out of a challenge', () => {
  expect(checkedScopes(['files:read', 'https://x.example/a', 'files:read'], 'scopes')).toEqual([
    'files:read',
    'https://x.example/a',
  ])
  for (const bad of ['', 'a b', 'a"', 'a\\b', 'ä', 'a\r\nb']) {
    expect(() => checkedScopes([bad], 'auth.scopes')).toThrow(`auth.scopes: ${JSON.stringify(bad)} is no scope`)
  }
})

test('offline_access cannot be asked for by a resource [MCP-281]', () => {
  expect(() => checkedScopes(['offline_access'], 'auth.scopes')).toThrow('offline_access')
})

test('an operation without its scopes is an error with a code of its own and all scopes as data', () => {
  const error = new InsufficientScopeError(['a', 'b'])
  expect(error).toBeInstanceOf(RpcError)
  expect(error.toObject()).toEqual({
    code: -31998,
    message: 'this needs an access token with the scopes: a b',
    data: { scopes: ['a', 'b'] },
  })
})
