import { message, notice, params, result, type Sample } from './sample.ts'

const unknown = { 'x-unknown': { deep: [1, null, { a: 'b' }] } }
const text = {
  type: 'text',
  text: 'sunny',
  annotations: { audience: ['user', 'assistant'], priority: 0.5 },
  ...unknown,
}
const image = { type: 'image', data: 'aGk=', mimeType: 'image/png' }
const embeddedText = { type: 'resource', resource: { uri: 'file:///a.txt', mimeType: 'text/plain', text: 'a' } }
const embeddedBlob = { type: 'resource', resource: { uri: 'file:///a.bin', blob: 'AAE=', ...unknown }, annotations: {} }
const readme = { uri: 'file:///readme.md', name: 'readme', description: 'Read me', mimeType: 'text/markdown', size: 12 }

/** What the first revision says; everything here stays valid in the three after it. */
export const samples: readonly Sample[] = [
  params('initialize', {
    protocolVersion: '2024-11-05',
    capabilities: { roots: { listChanged: true }, sampling: { any: 1 }, experimental: { speed: { limit: 3 } } },
    clientInfo: { name: 'host', version: '1.0.0', ...unknown },
    _meta: { progressToken: 7, trace: 'x' },
    ...unknown,
  }),
  params('initialize', { protocolVersion: 'x', capabilities: {}, clientInfo: { name: '', version: '' } }),
  result('initialize', {
    protocolVersion: '2024-11-05',
    capabilities: {
      experimental: { odd: {} },
      logging: {},
      prompts: { listChanged: false },
      resources: { subscribe: true, listChanged: true },
      tools: { listChanged: true, ...unknown },
    },
    serverInfo: { name: 'weather', version: '2' },
    instructions: 'Ask about the weather.',
    _meta: { cost: 1.5 },
  }),
  params('ping'),
  params('ping', { _meta: { progressToken: 'p' }, ...unknown }),
  result('ping', {}),
  result('ping', { _meta: {}, ...unknown }),
  params('tools/list'),
  params('tools/list', { cursor: '' }),
  result('tools/list', {
    tools: [
      {
        name: 'get_weather',
        description: 'Tells the weather.',
        inputSchema: {
          type: 'object',
          properties: { city: { type: 'string', minLength: 1 } },
          required: ['city'],
          additionalProperties: false,
        },
        ...unknown,
      },
      { name: 'now', inputSchema: { type: 'object' } },
    ],
    nextCursor: 'page-2',
    _meta: { a: null },
  }),
  params('tools/call', { name: 'get_weather', arguments: { city: 'Oslo', days: [1, 2.5, null] }, ...unknown }),
  result('tools/call', { content: [text, image, embeddedText, embeddedBlob], isError: false, _meta: {}, ...unknown }),
  result('tools/call', { content: [] }),
  params('resources/list', { cursor: 'c' }),
  result('resources/list', {
    resources: [{ ...readme, annotations: { audience: [], priority: 1 }, ...unknown }],
    nextCursor: '',
  }),
  params('resources/templates/list', { cursor: 'c' }),
  result('resources/templates/list', {
    resourceTemplates: [
      {
        uriTemplate: 'file:///{path}',
        name: 'files',
        description: 'Any file',
        mimeType: 'text/plain',
        annotations: { priority: 0 },
      },
    ],
  }),
  params('resources/read', { uri: 'file:///readme.md' }),
  result('resources/read', {
    contents: [
      { uri: 'file:///readme.md', mimeType: 'text/markdown', text: '# hi' },
      { uri: 'file:///logo.png', mimeType: 'image/png', blob: 'AAE=', ...unknown },
    ],
  }),
  params('resources/subscribe', { uri: 'file:///readme.md', ...unknown }),
  result('resources/subscribe', {}),
  params('resources/unsubscribe', { uri: 'file:///readme.md' }),
  result('resources/unsubscribe', {}),
  params('prompts/list', { cursor: 'c' }),
  result('prompts/list', {
    prompts: [
      {
        name: 'review',
        description: 'Reviews code.',
        arguments: [{ name: 'code', description: 'The code', required: true, ...unknown }, { name: 'tone' }],
      },
    ],
    nextCursor: 'n',
  }),
  params('prompts/get', { name: 'review', arguments: { code: 'let a', tone: '' } }),
  result('prompts/get', {
    description: 'A review',
    messages: [
      { role: 'user', content: text, ...unknown },
      { role: 'assistant', content: image },
      { role: 'user', content: embeddedText },
    ],
  }),
  params('completion/complete', {
    ref: { type: 'ref/prompt', name: 'review', ...unknown },
    argument: { name: 'tone', value: 'fr', ...unknown },
  }),
  params('completion/complete', {
    ref: { type: 'ref/resource', uri: 'file:///{path}' },
    argument: { name: 'path', value: '' },
  }),
  result('completion/complete', { completion: { values: ['frank', 'friendly'], total: 12, hasMore: true } }),
  params('logging/setLevel', { level: 'warning' }),
  result('logging/setLevel', {}),
  params('sampling/createMessage', {
    messages: [
      { role: 'user', content: { type: 'text', text: 'hi', annotations: { priority: 1 } } },
      { role: 'assistant', content: image, ...unknown },
    ],
    modelPreferences: {
      hints: [{ name: 'small' }, {}],
      costPriority: 1,
      speedPriority: 0,
      intelligencePriority: 0.25,
    },
    systemPrompt: 'Be brief.',
    includeContext: 'thisServer',
    temperature: 0.7,
    maxTokens: 100,
    stopSequences: ['END'],
    metadata: { tier: 'gold', depth: { n: 1 } },
  }),
  result('sampling/createMessage', {
    role: 'assistant',
    content: { type: 'text', text: 'hello' },
    model: 'small-1',
    stopReason: 'endTurn',
    ...unknown,
  }),
  params('roots/list'),
  result('roots/list', { roots: [{ uri: 'file:///home/me', name: 'home', ...unknown }, { uri: 'file:///' }] }),
  notice('notifications/initialized'),
  notice('notifications/initialized', { _meta: {}, ...unknown }),
  notice('notifications/cancelled', { requestId: 3, reason: 'too slow', ...unknown }),
  notice('notifications/cancelled', { requestId: 'three' }),
  notice('notifications/progress', { progressToken: 'p', progress: 0.5, total: 1 }),
  notice('notifications/message', { level: 'debug', logger: 'db', data: { rows: 3 } }),
  notice('notifications/message', { level: 'emergency', data: null }),
  notice('notifications/tools/list_changed', { _meta: { a: 1 } }),
  notice('notifications/prompts/list_changed'),
  notice('notifications/resources/list_changed'),
  notice('notifications/resources/updated', { uri: 'file:///readme.md', ...unknown }),
  notice('notifications/roots/list_changed'),
  { place: 'client', name: 'ClientCapabilities', value: { roots: {}, sampling: {}, experimental: {}, ...unknown } },
  { place: 'server', name: 'ServerCapabilities', value: { logging: { a: 1 }, tools: {}, prompts: {}, ...unknown } },
  message({ jsonrpc: '2.0', id: 1, method: 'ping', ...unknown }),
  message({ jsonrpc: '2.0', id: 'a', method: 'x/y', params: { a: 1, _meta: { progressToken: 'p' } } }),
  message({ jsonrpc: '2.0', method: 'notifications/x', params: { _meta: {} } }),
  message({ jsonrpc: '2.0', id: 1, result: { a: 1, _meta: {} } }),
  message({ jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no such method', data: [1], ...unknown } }),
]
