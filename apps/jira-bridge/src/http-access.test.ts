import { expect, test } from 'bun:test'
import { createServer } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { httpAccess } from './http-access.ts'
import { SettingsError } from './server/credentials.ts'

const TOKEN = 'a-token-of-24-characters'
const LIST = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
}

/** The status of a call of a server with this access. */
async function statusOf(
  access: ReturnType<typeof httpAccess>,
  { host, origin, token }: { host: string; origin?: string; token?: string },
): Promise<number> {
  const handler = httpHandler(createServer({ name: 'x', version: '1', tools: [] }), access)
  const headers = {
    host,
    ...(origin !== undefined && { origin }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/list',
  }
  const request = new Request('http://localhost/mcp', { method: 'POST', headers, body: JSON.stringify(LIST) })
  const { status } = await handler(request)
  await handler.close()
  return status
}

test('an address of this machine lets its own name in, and nobody under a foreign one', async () => {
  const access = httpAccess({ host: '127.0.0.2', allowedHosts: [] }, {})
  expect(await statusOf(access, { host: '127.0.0.2:3000' })).toBe(200)
  expect(await statusOf(access, { host: 'localhost:3000' })).toBe(200)
  expect(await statusOf(access, { host: 'evil.example:3000' })).toBe(403)
})

test('no page but those of its own origin may call, on another port of this machine neither', async () => {
  const access = httpAccess({ host: '127.0.0.1', allowedHosts: [] }, {})
  expect(await statusOf(access, { host: 'localhost:3000', origin: 'http://localhost:5173' })).toBe(403)
  expect(await statusOf(access, { host: 'localhost:3000', origin: 'http://localhost:3000' })).toBe(200)
})

test('where others reach it, nobody is let in without the token, whatever host they name', async () => {
  const access = httpAccess(
    { host: '0.0.0.0', allowedHosts: ['jira.example.com'] },
    { JIRA_BRIDGE_TOKEN: ` ${TOKEN}\n` },
  )
  const host = 'jira.example.com'
  expect(await statusOf(access, { host })).toBe(401)
  expect(await statusOf(access, { host: 'localhost' })).toBe(401)
  expect(await statusOf(access, { host, token: `${TOKEN}x` })).toBe(401)
  expect(await statusOf(access, { host, token: TOKEN })).toBe(200)
  expect(await statusOf(access, { host: 'other.example.com', token: TOKEN })).toBe(403)
})

test('an address of its own is a name it is reached under', async () => {
  const access = httpAccess({ host: 'fd00::1', allowedHosts: [] }, { JIRA_BRIDGE_TOKEN: TOKEN })
  expect(await statusOf(access, { host: '[fd00::1]:3000', token: TOKEN })).toBe(200)
})

test('a token is asked for on this machine as well, once there is one', async () => {
  const access = httpAccess({ host: '127.0.0.1', allowedHosts: [] }, { JIRA_BRIDGE_TOKEN: TOKEN })
  expect(await statusOf(access, { host: 'localhost:3000' })).toBe(401)
  expect(await statusOf(access, { host: 'localhost:3000', token: TOKEN })).toBe(200)
})

test.each([
  ['0.0.0.0', ['jira.example.com'], '', /--host 0\.0\.0\.0 lets others .* set JIRA_BRIDGE_TOKEN/],
  ['::', ['jira.example.com'], '', /set JIRA_BRIDGE_TOKEN/],
  ['192.168.1.5', [], ' ', /set JIRA_BRIDGE_TOKEN/],
  ['0.0.0.0', [], TOKEN, /--allowed-host/],
  ['127.0.0.1', ['*.example.com'], TOKEN, /got "\*\.example\.com"/],
  ['127.0.0.1', [], 'too-short-secret', undefined],
  ['127.0.0.1', [], 'short-secret', /JIRA_BRIDGE_TOKEN must have 16 characters/],
  ['127.0.0.1', [], 'a secret with white space', /JIRA_BRIDGE_TOKEN must have/],
])(
  '--host %s, --allowed-host %j and a token %j are judged before anything starts',
  (host, allowedHosts, token, says) => {
    const judging = () => httpAccess({ host, allowedHosts }, { JIRA_BRIDGE_TOKEN: token })
    if (says === undefined) return void expect(judging).not.toThrow()
    expect(judging).toThrow(SettingsError)
    expect(judging).toThrow(says)
    expect(judging).not.toThrow(/secret/)
  },
)
