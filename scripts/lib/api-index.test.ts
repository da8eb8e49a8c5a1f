import { expect, test } from 'bun:test'
import { indexPage } from './api-index.ts'

test('the index says of every page what it is imported by and for', () => {
  expect(indexPage(['@bao-mcp.server.http.md', '@bao-mcp.server.md'])).toBe(
    [
      '# Reference',
      '',
      '| import | to |',
      '| --- | --- |',
      '| [`@bao-mcp/server/http`](@bao-mcp.server.http.md) | serve it over HTTP: handlers, hosts, authorization |',
      '| [`@bao-mcp/server`](@bao-mcp.server.md) | define a server, and serve it over stdio or any channel |',
      '',
    ].join('\n'),
  )
})

test('an entry that is new has to be described', () => {
  expect(() => indexPage(['@bao-mcp.server.new.md'])).toThrow('does not say what @bao-mcp/server/new is for')
})
