import { expect, test } from 'bun:test'
import { httpOf } from './http.ts'
import { HANDSHAKE_VERSIONS } from './methods.ts'

test.each(HANDSHAKE_VERSIONS)('%s lets every request pass, whatever its headers', (version) => {
  const headers = { 'Mcp-Method': 'tools/list', 'Mcp-Name': '=?base64?!?=' }
  expect(() =>
    httpOf(version).checkHeaders({ method: 'tools/call', params: { name: 'a' } }, new Headers(headers)),
  ).not.toThrow()
})

test.each(HANDSHAKE_VERSIONS)('a client of %s sends no version with the handshake that agrees on it', (version) => {
  expect(httpOf(version).headersOf({ method: 'initialize' })).toEqual({})
})

test('no header repeats the method or a name', () => {
  expect(httpOf('2025-11-25').headersOf({ method: 'tools/call', params: { name: 'a' } })).toEqual({
    'MCP-Protocol-Version': '2025-11-25',
  })
})
