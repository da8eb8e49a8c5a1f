import { expect, test } from 'bun:test'
import { conformanceViolations } from './conformance.ts'
import { report, sourceFile } from './source.ts'
import { tree } from './tree.ts'

const fixture = 'tests/conformance/fixtures/a.ts'
const client = 'tests/conformance/client/a.ts'
const caught = (text: string, path = fixture): boolean => conformanceViolations([sourceFile(path, text)]).length > 0

test.each([
  "import { Peer } from '@bao-mcp/protocol/engine'",
  "import { dispatch } from '../../../packages/server/src/dispatch.ts'",
  "import { dispatch } from '@bao-mcp/server/src/dispatch.ts'",
  "import { judge } from '../judge.ts'",
  "import { McpServer } from '@modelcontextprotocol/server'",
  "import { createServer } from 'node:http'",
  "const answer = { jsonrpc: '2.0', id: 1, result: {} }",
  'return new Response(text)',
  'Bun.serve({ fetch })',
  'createServer({ name, version, middleware: [answer] })',
])('catches %j', (text) => {
  expect(caught(text)).toBe(true)
})

test.each([
  "import { Peer } from '@bao-mcp/protocol/engine'",
  "import { createServer } from '@bao-mcp/server'",
  "import { judge } from '../judge.ts'",
  "import { SignJWT } from 'jose'",
  "import { createHash } from 'node:crypto'",
  "const ask = { jsonrpc: '2.0', id: 1, method: 'ping' }",
  'await fetch(url)',
  "await client.request('ping')",
  "await client.notify('notifications/initialized')",
  'http(url, { headers: { authorization } })',
])('catches %j in the client', (text) => {
  expect(caught(text, client)).toBe(true)
})

test.each([
  "import { connect, http } from '@bao-mcp/client'",
  "import { oauth } from '@bao-mcp/client/auth'",
  "import { talk } from './talk.ts'",
])('lets %j pass in the client', (text) => {
  expect(caught(text, client)).toBe(false)
})

test.each([
  "import { createServer, tool } from '@bao-mcp/server'",
  "import { tasks } from '@bao-mcp/server/tasks'",
  "import { setTimeout as pause } from 'node:timers/promises'",
  "import { PNG } from './media.ts'",
  '// nothing about jsonrpc\n',
])('lets %j pass', (text) => {
  expect(caught(text)).toBe(false)
})

test.each([
  ['tests/conformance/server.ts', true],
  ['tests/conformance/run.ts', false],
  ['tests/conformance/client-shim.ts', false],
  ['tests/interop/raw-server.ts', false],
])('%s is judged: %p', (path, judged) => {
  expect(caught('Bun.serve({ fetch })', path)).toBe(judged)
})

test('the opening of the login is the one request that the client makes by hand', () => {
  expect(caught('await fetch(url)', 'tests/conformance/client/browser.ts')).toBe(false)
  expect(caught("import { SignJWT } from 'jose'", 'tests/conformance/client/browser.ts')).toBe(true)
})

test('the judged server and client are made of what is published', async () => {
  expect(report(conformanceViolations(await tree()))).toEqual([])
})
