import { expect, test } from 'bun:test'
import { type CredentialFault, MAX_TOKEN_LENGTH, readToken } from './credentials.ts'

const ask = (authorization?: string, url: string = 'https://mcp.example.com/mcp'): string | CredentialFault =>
  readToken(new Request(url, { method: 'POST', headers: authorization === undefined ? {} : { authorization } }))

const kindOf = (read: string | CredentialFault): string => (typeof read === 'string' ? 'token' : read.kind)
const wordsOf = (read: string | CredentialFault): string => (typeof read === 'string' ? read : read.message)

test('the token is what follows the word Bearer, however that is written', () => {
  expect(ask('Bearer abc.DEF-_~+/==')).toBe('abc.DEF-_~+/==')
  expect(ask('bearer   abc')).toBe('abc')
})

test.each([
  [undefined, 'absent'],
  ['', 'absent'],
  ['Basic dXNlcjpwYXNz', 'absent'],
  ['Digest username="ada", realm="x"', 'absent'],
  ['Bearer', 'malformed'],
  ['Bearer a b', 'malformed'],
  ['Bearer a"b', 'malformed'],
  ['Bearer a=b', 'malformed'],
  ['abc.def.ghi', 'malformed'],
  ['Bearer a, Bearer b', 'malformed'],
  ['Basic dXNlcjpwYXNz, Bearer a', 'malformed'],
])('%p counts as %s', (header, kind) => {
  expect(kindOf(ask(header))).toBe(kind)
})

test('a token longer than the limit is not looked at', () => {
  expect(kindOf(ask(`Bearer ${'a'.repeat(MAX_TOKEN_LENGTH)}`))).toBe('token')
  expect(kindOf(ask(`Bearer ${'a'.repeat(MAX_TOKEN_LENGTH + 1)}`))).toBe('too_long')
})

test('two headers are two credentials', () => {
  const headers = new Headers({ authorization: 'Bearer a' })
  headers.append('authorization', 'Bearer b')
  const read = readToken(new Request('https://mcp.example.com/', { headers }))
  expect(kindOf(read)).toBe('malformed')
  expect(wordsOf(read)).toContain('several credentials')
})

test('a token in the query is refused with words, whatever the header holds, and is not repeated', () => {
  for (const query of ['access_token=sesame', 'a=1&access%5Ftoken=sesame']) {
    const read = ask('Bearer abc', `https://mcp.example.com/mcp?${query}`)
    expect(kindOf(read)).toBe('malformed')
    expect(wordsOf(read)).toContain('query string')
    expect(wordsOf(read)).not.toContain('sesame')
  }
  expect(ask('Bearer abc', 'https://mcp.example.com/mcp?other=1')).toBe('abc')
})
