import { samples as before } from './2025-06-18.ts'
import { definition, message, notice, params, result, type Sample } from './sample.ts'

export const icons = [
  { src: 'https://example.com/i.png', mimeType: 'image/png', sizes: ['48x48', 'any'], theme: 'dark' },
]

/** A form with every kind of field. */
export const form = {
  mode: 'form',
  message: 'Choose',
  requestedSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      name: { type: 'string', format: 'uri', default: 'a', minLength: 0, maxLength: 9 },
      age: { type: 'integer', default: 1.5, minimum: 0 },
      one: { type: 'string', enum: ['a', 'b'], default: 'a' },
      titled: { type: 'string', oneOf: [{ const: 'a', title: 'A' }], default: 'a' },
      many: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 1, maxItems: 2, default: ['a'] },
      titledMany: { type: 'array', title: 'T', items: { anyOf: [{ const: 'a', title: 'A' }] }, default: [] },
      old: { type: 'string', enum: ['a'], enumNames: ['A'] },
    },
    required: ['name'],
  },
}

/** A conversation in which a model used a tool. */
export const toolUse = [
  { role: 'user', content: [{ type: 'text', text: 'Weather?' }], _meta: { a: 1 } },
  { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Oslo' }, _meta: {} }] },
  {
    role: 'user',
    content: {
      type: 'tool_result',
      toolUseId: 't1',
      content: [{ type: 'text', text: 'sunny' }],
      structuredContent: { sky: 'clear' },
      isError: false,
      _meta: {},
    },
  },
]

const task = {
  taskId: '786512e2',
  status: 'working',
  statusMessage: 'on it',
  createdAt: '2025-11-25T10:30:00Z',
  lastUpdatedAt: '2025-11-25T10:40:00Z',
  ttl: 60000,
  pollInterval: 5000,
}
const failed = { taskId: 'f', status: 'failed', createdAt: '', lastUpdatedAt: '', ttl: null }
const url = { mode: 'url', message: 'Sign in', url: 'https://example.com/in', elicitationId: 'e1' }

const tasks: readonly Sample[] = [
  params('tools/call', { name: 'slow', task: { ttl: 1000 } }),
  result('tools/call', { task, _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'x' } } }),
  params('sampling/createMessage', { messages: [], maxTokens: 1, task: {} }),
  result('sampling/createMessage', { task: failed }),
  result('elicitation/create', { task }),
  params('tasks/get', { taskId: 'a', _meta: { progressToken: 1 } }),
  result('tasks/get', { ...task, _meta: {} }),
  params('tasks/result', { taskId: 'a' }),
  result('tasks/result', { content: [], _meta: {} }),
  params('tasks/list', { cursor: 'c' }),
  result('tasks/list', { tasks: [task, failed], nextCursor: 'c' }),
  params('tasks/cancel', { taskId: 'a' }),
  result('tasks/cancel', { ...failed, status: 'cancelled' }),
  notice('notifications/tasks/status', { ...task, status: 'input_required', _meta: {} }),
]

export const samples: readonly Sample[] = [
  ...before,
  ...tasks,
  params('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {
      sampling: { context: {}, tools: {} },
      elicitation: { form: {}, url: {} },
      tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
    },
    clientInfo: { name: 'h', version: '1', description: 'A host', websiteUrl: 'https://example.com', icons },
  }),
  result('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    serverInfo: { name: 's', version: '1', icons },
  }),
  result('tools/list', {
    tools: [
      {
        name: 'slow',
        inputSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
        outputSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
        execution: { taskSupport: 'optional' },
        icons,
      },
    ],
  }),
  result('resources/list', { resources: [{ uri: 'a://b', name: 'b', icons }] }),
  result('prompts/list', { prompts: [{ name: 'p', icons }] }),
  params('sampling/createMessage', {
    messages: toolUse,
    maxTokens: 10,
    tools: [{ name: 'weather', inputSchema: { type: 'object' } }],
    toolChoice: { mode: 'required' },
  }),
  result('sampling/createMessage', {
    role: 'assistant',
    content: toolUse[1]?.content,
    model: 'm',
    stopReason: 'toolUse',
  }),
  params('elicitation/create', form),
  params('elicitation/create', url),
  result('elicitation/create', { action: 'accept', content: { many: ['a', 'b'], one: 'a', age: 3 } }),
  notice('notifications/elicitation/complete', { elicitationId: 'e1' }),
  notice('notifications/cancelled', { reason: 'the task goes on' }),
  message({ jsonrpc: '2.0', error: { code: -32700, message: 'not JSON' } }),
  definition('URLElicitationRequiredError', {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32042, message: 'sign in first', data: { elicitations: [url] } },
  }),
]
