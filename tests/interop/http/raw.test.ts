import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { hasNode22 } from '../launches.ts'
import { META } from '../raw-messages.ts'
import { MODERN } from './clients.ts'
import { type Runtime, type Served, serveBao } from './serve.ts'

setDefaultTimeout(30_000)

const runtimes: Runtime[] = hasNode22 ? ['bun', 'node 22'] : ['bun']
const CAPABLE = { ...META, 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } }
const ANSWER = { action: 'accept', content: { name: 'Ada' } }

/** Posts like a shell script: one JSON text, and nothing taken but JSON. */
function post(url: URL, message: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  })
}

function callAlone(url: URL, name: string, params: object = {}, meta: object = META): Promise<Response> {
  const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': name }
  return post(url, { id: 1, method: 'tools/call', params: { name, arguments: {}, ...params, _meta: meta } }, headers)
}

async function resultOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  const { result } = JSON.parse(await response.text())
  return result
}

describe.each(runtimes)('our server over HTTP under %s, to a client that takes only JSON', (runtime) => {
  let served: Served
  beforeAll(async () => {
    served = await serveBao(runtime)
  })
  afterAll(() => served?.[Symbol.asyncDispose]())

  test('answers a request that stands alone', async () => {
    const result = await resultOf(await callAlone(served.url, 'echo', { arguments: { text: 'hello' } }))
    expect(result).toMatchObject({ resultType: 'complete', content: [{ text: 'hello' }] })
  })

  test('leaves progress out, and answers [MCP-114]', async () => {
    const params = { arguments: { key: 'json', steps: 5, hold: false } }
    const result = await resultOf(await callAlone(served.url, 'slow', params, { ...META, progressToken: 1 }))
    expect(result).toMatchObject({ content: [{ text: 'done json' }] })
  })

  test('asks in rounds, which the client makes by hand', async () => {
    const asked = await resultOf(await callAlone(served.url, 'ask', {}, CAPABLE))
    expect(asked).toMatchObject({
      resultType: 'input_required',
      inputRequests: { who: { method: 'elicitation/create' } },
    })
    const { requestState } = asked
    const answers = { inputResponses: { who: ANSWER }, ...(requestState !== undefined && { requestState }) }
    expect(await resultOf(await callAlone(served.url, 'ask', answers, CAPABLE))).toMatchObject({
      resultType: 'complete',
      content: [{ text: 'hello Ada' }],
    })
  })

  test('refuses a subscription, which has no answer but a stream', async () => {
    const params = { notifications: { toolsListChanged: true }, _meta: META }
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'subscriptions/listen' }
    const response = await post(served.url, { id: 1, method: 'subscriptions/listen', params }, headers)
    expect(response.status).toBe(406)
  })

  test('speaks in a session, refuses to ask there, and ends it', async () => {
    const hello = {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'curl', version: '8' },
    }
    const opened = await post(served.url, { id: 1, method: 'initialize', params: hello })
    const session = {
      'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
      'mcp-protocol-version': '2025-11-25',
    }
    expect(await resultOf(opened)).toMatchObject({ protocolVersion: '2025-11-25' })
    expect((await post(served.url, { method: 'notifications/initialized' }, session)).status).toBe(202)
    const echo = { name: 'echo', arguments: { text: 'hello' } }
    expect(
      await resultOf(await post(served.url, { id: 2, method: 'tools/call', params: echo }, session)),
    ).toMatchObject({
      content: [{ text: 'hello' }],
    })
    const ask = await post(served.url, { id: 3, method: 'tools/call', params: { name: 'ask' } }, session)
    expect(await resultOf(ask)).toMatchObject({ isError: true })
    const ended = await fetch(served.url, { method: 'DELETE', headers: session })
    expect(ended.status).toBe(204)
    expect((await post(served.url, { id: 4, method: 'ping' }, session)).status).toBe(404)
  })

  test.each([
    ['a GET without a session', 'GET'],
    ['a DELETE without a session', 'DELETE'],
    ['a method that is none of it', 'PUT'],
  ] as const)('answers %s with 405 [MCP-132] [MCP-148]', async (_, method) => {
    const response = await fetch(served.url, { method, headers: { accept: 'text/event-stream' } })
    expect(response.status).toBe(405)
  })

  test('answers a page of another host with 403 [MCP-108] [MCP-109]', async () => {
    const response = await post(served.url, { id: 1, method: 'ping' }, { origin: 'https://evil.example' })
    expect(response.status).toBe(403)
  })

  test('names the path to those who miss it', async () => {
    const response = await fetch(new URL('/', served.url))
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('/mcp')
  })
})
