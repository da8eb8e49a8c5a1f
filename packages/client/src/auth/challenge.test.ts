import { describe, expect, test } from 'bun:test'
import { readChallenge } from './challenge.ts'

const read = (text: string, schemes?: string[]) => readChallenge(new Headers({ 'www-authenticate': text }), schemes)

describe('a challenge', () => {
  test('names the metadata, the scopes and the error [MCP-259]', () => {
    expect(
      read('Bearer error="insufficient_scope", scope="a b  a", resource_metadata="https://x.example/m?a=b"'),
    ).toEqual({
      scheme: 'bearer',
      error: 'insufficient_scope',
      scopes: ['a', 'b'],
      resourceMetadata: 'https://x.example/m?a=b',
    })
  })

  test.each([
    ['bearer REALM="a, b", Scope=c', ['c']],
    ['Basic realm="Bearer scope=x", Bearer scope="c"', ['c']],
    ['Negotiate YWJj==, Bearer scope = "c"', ['c']],
    ['Bearer scope="a \\"b", Bearer scope="d"', ['a']],
    ['Bearer scope="c", scope="d"', ['c']],
    ['Bearer', undefined],
    ['Bearer scope', undefined],
    ['Bearer scope="unfinished', undefined],
    [', ,Bearer ,, scope="c"', ['c']],
  ])('%j is read as far as it can be', (text, scopes) => {
    expect(read(text)?.scopes).toEqual(scopes)
  })

  test.each(['', 'Basic realm="a"', 'Negotiate', '"Bearer"', '====', ','])('%j asks for no token', (text) => {
    expect(read(text)).toBeUndefined()
  })

  test('of the kind that is wanted most wins', () => {
    const text = 'DPoP error="use_dpop_nonce", Bearer error="invalid_token"'
    expect(read(text)?.error).toBe('invalid_token')
    expect(read(text, ['dpop', 'bearer'])?.error).toBe('use_dpop_nonce')
  })

  test('that is endless takes linear time', () => {
    const text = `Bearer ${'a='.repeat(50_000)}, ${'"\\'.repeat(50_000)}`
    expect(read(text)?.scheme).toBe('bearer')
  })
})
