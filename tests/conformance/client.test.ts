import { expect, test } from 'bun:test'
import { scenarioOf } from './client/scenarios.ts'
import { readSituation } from './client/situation.ts'
import { listScenarios } from './referee.ts'

const url = 'http://localhost:3000/mcp'
const env = { MCP_CONFORMANCE_SCENARIO: 'tools_call', MCP_CONFORMANCE_PROTOCOL_VERSION: '2026-07-28' }

test('the client has something to do in every scenario of the referee', async () => {
  for (const name of await listScenarios('client', 'all')) expect(scenarioOf(name)).toBeFunction()
})

test.each(['tools', 'toString', ''])('the client knows nothing to do in the scenario %j', (name) => {
  expect(() => scenarioOf(name)).toThrow(new Error(`there is no client for the scenario ${name}`))
})

test('reads what the referee hands over', () => {
  const calls = [{ name: 'add', arguments: { a: 1 } }]
  const handed = JSON.stringify({ name: 'tools_call', client_id: 'me', calls })
  const { context, ...rest } = readSituation([url], { ...env, MCP_CONFORMANCE_CONTEXT: handed })
  expect(rest).toEqual({ scenario: 'tools_call', url, version: '2026-07-28' })
  expect(context.text('client_id')).toBe('me')
  expect(context.optionalText('client_secret')).toBeUndefined()
  expect(context.calls('calls')).toEqual(calls)
})

test.each([
  [[], env, 'the first argument must be the URL of a server, got ""'],
  [[url], { MCP_CONFORMANCE_SCENARIO: 'tools_call' }, 'MCP_CONFORMANCE_PROTOCOL_VERSION must be set'],
  [[url], { ...env, MCP_CONFORMANCE_SCENARIO: '' }, 'MCP_CONFORMANCE_SCENARIO must be set'],
  [[url], { ...env, MCP_CONFORMANCE_CONTEXT: '[]' }, 'MCP_CONFORMANCE_CONTEXT must be an object'],
])('refuses the start %j %j', (argv, given, message) => {
  expect(() => readSituation(argv, given)).toThrow(new TypeError(message))
})

test('names what a context lacks', () => {
  const { context } = readSituation([url], {
    ...env,
    MCP_CONFORMANCE_CONTEXT: '{"client_id":7,"calls":[{"name":"add"}]}',
  })
  expect(() => context.text('client_secret')).toThrow(new TypeError('the context has no client_secret'))
  expect(() => context.text('client_id')).toThrow(new TypeError("the context's client_id must be a text"))
  expect(() => context.calls('calls')).toThrow(new TypeError("the context's calls must be a list of calls"))
})
