import { samples as before, form, icons, toolUse } from './2025-11-25.ts'
import { answer, definition, input, message, notice, params, result, type Sample } from './sample.ts'

const gone = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'sampling/createMessage',
  'elicitation/create',
  'roots/list',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
  'notifications/initialized',
  'notifications/roots/list_changed',
  'notifications/elicitation/complete',
  'notifications/tasks/status',
])
const cacheable = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const fullMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {
    experimental: { a: { b: 'c' } },
    roots: { any: 1 },
    sampling: { context: {}, tools: {} },
    elicitation: { form: {}, url: {} },
    extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
  },
  'io.modelcontextprotocol/clientInfo': { name: 'h', version: '1', title: 'H', icons },
  'io.modelcontextprotocol/logLevel': 'info',
  progressToken: 'p',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}
const served = { 'io.modelcontextprotocol/serverInfo': { name: 's', version: '1' }, more: 1 }

const laterOnly = (value: unknown): boolean => JSON.stringify(value)?.includes('"task"') === true
const namesNothing = (sample: Sample): boolean =>
  sample.name === 'notifications/cancelled' && !JSON.stringify(sample.value).includes('requestId')

/** A sample of an earlier revision with what 2026-07-28 demands of every message. */
function modern(sample: Sample): Sample {
  const members = typeof sample.value === 'object' ? { ...sample.value } : {}
  if (sample.place === 'params') return { ...sample, value: { ...members, _meta: meta } }
  if (sample.place === 'notice') return sample
  const hints = cacheable.has(sample.name) ? { ttlMs: 60000, cacheScope: 'private' } : {}
  return { ...sample, value: { ...members, resultType: 'complete', ...hints } }
}

const carried = before
  .filter(({ place, name }) => ['params', 'result', 'notice'].includes(place) && !gone.has(name))
  .filter((sample) => !laterOnly(sample.value) && !namesNothing(sample))
  .map(modern)

const inputRequests = {
  who: { method: 'elicitation/create', params: form, 'x-unknown': 1 },
  where: { method: 'elicitation/create', params: { mode: 'url', message: 'Sign in', url: 'https://example.com' } },
  what: { method: 'sampling/createMessage', params: { messages: toolUse, maxTokens: 5, metadata: { a: 'b' } } },
  roots: { method: 'roots/list' },
}
const inputResponses = {
  who: { action: 'accept', content: { name: 'Ann', many: ['a'] } },
  what: { role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'm' },
  roots: { roots: [{ uri: 'file:///', name: 'root' }] },
}
const asks = { resultType: 'input_required', inputRequests, requestState: 'sealed', _meta: served }

export const samples: readonly Sample[] = [
  ...carried,
  params('server/discover', { _meta: fullMeta, 'x-unknown': 1 }),
  result('server/discover', {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: {
      experimental: { a: {} },
      logging: {},
      completions: {},
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: false },
      tools: { listChanged: true },
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    },
    instructions: 'Ask.',
    ttlMs: 0,
    cacheScope: 'public',
    _meta: served,
  }),
  result('tools/list', {
    resultType: 'complete',
    tools: [
      {
        name: 'any',
        inputSchema: { type: 'object', properties: { a: true }, oneOf: [{ required: ['a'] }], $defs: { x: {} } },
        outputSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: ['array', 'null'] },
        icons,
      },
    ],
    ttlMs: 1,
    cacheScope: 'public',
    nextCursor: '',
  }),
  params('tools/call', { name: 'a', arguments: {}, inputResponses, requestState: 'sealed', _meta: fullMeta }),
  result('tools/call', { resultType: 'complete', content: [], structuredContent: [1, null], _meta: served }),
  result('tools/call', { resultType: 'complete', content: [], structuredContent: null }),
  result('tools/call', asks),
  result('tools/call', { resultType: 'input_required', requestState: '' }),
  params('prompts/get', { name: 'p', inputResponses, _meta: meta }),
  result('prompts/get', { resultType: 'input_required', inputRequests: {} }),
  params('resources/read', { uri: 'a://b', requestState: 's', _meta: meta }),
  result('resources/read', asks),
  params('subscriptions/listen', {
    notifications: {
      toolsListChanged: true,
      promptsListChanged: false,
      resourcesListChanged: true,
      resourceSubscriptions: ['file:///a'],
      'x-unknown': 1,
    },
    _meta: meta,
  }),
  result('subscriptions/listen', {
    resultType: 'complete',
    _meta: { 'io.modelcontextprotocol/subscriptionId': 4, ...served },
  }),
  notice('notifications/subscriptions/acknowledged', {
    notifications: { toolsListChanged: true },
    _meta: { 'io.modelcontextprotocol/subscriptionId': 'l' },
  }),
  notice('notifications/resources/updated', {
    uri: 'file:///a',
    _meta: { 'io.modelcontextprotocol/subscriptionId': 4 },
  }),
  input('sampling/createMessage', { messages: toolUse, maxTokens: 5, toolChoice: {}, tools: [] }),
  input('elicitation/create', form),
  input('elicitation/create', { mode: 'url', message: 'Sign in', url: 'https://example.com' }),
  input('roots/list'),
  input('roots/list', { _meta: { a: 1 } }),
  answer('sampling/createMessage', { role: 'assistant', content: [{ type: 'text', text: 'hi' }], model: 'm' }),
  answer('elicitation/create', { action: 'cancel' }),
  answer('elicitation/create', { action: 'accept', content: { a: 'b', n: 1, y: true, l: ['a'] } }),
  answer('roots/list', { roots: [{ uri: 'file:///', _meta: {} }] }),
  { place: 'client', name: 'ClientCapabilities', value: fullMeta['io.modelcontextprotocol/clientCapabilities'] },
  { place: 'server', name: 'ServerCapabilities', value: { tools: {}, extensions: { 'a/b': { c: 1 } }, logging: {} } },
  message({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }),
  message({ jsonrpc: '2.0', id: 1, result: { resultType: 'complete' } }),
  message({ jsonrpc: '2.0', error: { code: -32600, message: 'not a message' } }),
  definition('ParseError', { code: -32700, message: 'not JSON' }),
  definition('InvalidRequestError', { code: -32600, message: 'not a message' }),
  definition('MethodNotFoundError', { code: -32601, message: 'no such method', data: { method: 'x' } }),
  definition('InvalidParamsError', { code: -32602, message: 'no such tool' }),
  definition('InternalError', { code: -32603, message: 'failed', data: null }),
  definition('HeaderMismatchError', { jsonrpc: '2.0', id: 1, error: { code: -32020, message: 'Mcp-Name differs' } }),
  definition('MissingRequiredClientCapabilityError', {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32021, message: 'needs sampling', data: { requiredCapabilities: { sampling: {} } } },
  }),
  definition('UnsupportedProtocolVersionError', {
    jsonrpc: '2.0',
    id: 'a',
    error: { code: -32022, message: 'unsupported', data: { supported: ['2026-07-28'], requested: '1900-01-01' } },
  }),
]
