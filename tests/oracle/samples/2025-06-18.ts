import { samples as before } from './2025-03-26.ts'
import { params, result, type Sample } from './sample.ts'

const link = {
  type: 'resource_link',
  uri: 'file:///a.txt',
  name: 'a',
  title: 'A',
  description: 'the letter',
  mimeType: 'text/plain',
  size: 3,
  annotations: { lastModified: '2025-01-12T15:00:58Z', audience: ['assistant'] },
  _meta: { a: 1 },
}
const embedded = { type: 'resource', resource: { uri: 'a://b', text: '', _meta: {} }, _meta: { a: [] } }

const elicitation: readonly Sample[] = [
  params('elicitation/create', {
    message: 'Who are you?',
    requestedSchema: {
      type: 'object',
      properties: {
        name: { type: 'string', title: 'Name', description: 'In full', minLength: 1, maxLength: 80 },
        email: { type: 'string', format: 'email' },
        age: { type: 'integer', minimum: 0, maximum: 150.5 },
        height: { type: 'number', title: 'Height', description: 'in metres' },
        member: { type: 'boolean', default: true, title: 'Member', description: 'of the club' },
        tone: { type: 'string', enum: ['dry', 'warm'], enumNames: ['Dry', 'Warm'] },
      },
      required: ['name'],
    },
  }),
  result('elicitation/create', { action: 'accept', content: { name: 'Ann', age: 3, member: false }, _meta: {} }),
  result('elicitation/create', { action: 'decline' }),
]

export const samples: readonly Sample[] = [
  ...before,
  ...elicitation,
  params('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'host', title: 'Host', version: '1' },
  }),
  params('ping', { _meta: { progressToken: 1 } }),
  result('tools/list', {
    tools: [
      {
        name: 'add',
        title: 'Add',
        inputSchema: { type: 'object' },
        outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
        _meta: { group: 'maths' },
      },
    ],
  }),
  result('tools/call', {
    content: [link, embedded, { type: 'text', text: '3', _meta: {} }],
    structuredContent: { sum: 3 },
  }),
  result('resources/list', { resources: [{ uri: 'a://b', name: 'b', title: 'B', _meta: {} }] }),
  result('resources/templates/list', {
    resourceTemplates: [{ uriTemplate: 'a://{b}', name: 'b', title: 'B', _meta: { a: 1 } }],
  }),
  result('prompts/list', {
    prompts: [{ name: 'p', title: 'P', arguments: [{ name: 'a', title: 'A' }], _meta: {} }],
  }),
  result('prompts/get', { messages: [{ role: 'user', content: link }] }),
  params('completion/complete', {
    ref: { type: 'ref/prompt', name: 'review', title: 'Review' },
    argument: { name: 'tone', value: 'fr' },
    context: { arguments: { code: 'let a' } },
  }),
  result('roots/list', { roots: [{ uri: 'file:///', _meta: { a: 1 } }] }),
]
