import { samples as before } from './2024-11-05.ts'
import { message, notice, params, result, type Sample } from './sample.ts'

const audio = { type: 'audio', data: 'AAE=', mimeType: 'audio/wav', annotations: { audience: ['user'] } }

export const samples: readonly Sample[] = [
  ...before,
  result('initialize', {
    protocolVersion: '2025-03-26',
    capabilities: { completions: {} },
    serverInfo: { name: 'a', version: '1' },
  }),
  result('tools/list', {
    tools: [
      {
        name: 'wipe',
        inputSchema: { type: 'object' },
        annotations: {
          title: 'Wipe',
          readOnlyHint: false,
          destructiveHint: true,
          idempotentHint: true,
          openWorldHint: false,
          'x-unknown': 1,
        },
      },
    ],
  }),
  result('tools/call', { content: [audio], isError: true }),
  result('prompts/get', { messages: [{ role: 'assistant', content: audio }] }),
  params('sampling/createMessage', { messages: [{ role: 'user', content: audio }], maxTokens: 1 }),
  result('sampling/createMessage', { role: 'user', content: audio, model: 'm' }),
  notice('notifications/progress', { progressToken: 4, progress: 2, total: 3, message: 'nearly' }),
]

/** What only this revision allows: several messages in one array. */
export const batches: readonly Sample[] = [
  message([
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    { jsonrpc: '2.0', method: 'notifications/x' },
  ]),
  message([
    { jsonrpc: '2.0', id: 1, result: {} },
    { jsonrpc: '2.0', id: 2, error: { code: 1, message: 'no' } },
  ]),
]
