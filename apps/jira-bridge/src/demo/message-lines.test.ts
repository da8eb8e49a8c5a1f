import { expect, test } from 'bun:test'
import { createMessageLines } from './message-lines.ts'

test('a call and its result are told by what they hold, and not by their metadata', () => {
  const lines = createMessageLines()
  const params = { name: 'jira_get_issue', arguments: { key: 'DEMO-1' }, _meta: { progressToken: 1 } }
  expect(lines({ direction: 'sent', message: { id: 1, method: 'tools/call', params } })).toEqual([
    { arrow: '→', title: 'tools/call jira_get_issue', detail: '{"key":"DEMO-1"}' },
  ])
  const result = { structuredContent: { key: 'DEMO-1' }, content: [{ type: 'text', text: 'DEMO-1' }] }
  expect(lines({ direction: 'received', message: { id: 1, result } })).toEqual([
    { arrow: '←', title: 'result', detail: '{"key":"DEMO-1"}' },
  ])
})

test.each([
  [{ id: 9, result: { tools: [{}, {}] } }, 'result', '2 tools'],
  [{ id: 9, result: { protocolVersion: '2025-11-25' } }, 'result', 'speaks 2025-11-25'],
  [{ id: 9, result: { isError: true, content: 'no' } }, 'refusal', 'no'],
  [{ id: 9, error: { code: -32602, message: 'unknown tool' } }, 'error', 'unknown tool'],
  [
    { method: 'notifications/progress', params: { progress: 1, message: '3 issues' } },
    'notifications/progress',
    '3 issues',
  ],
  ['(no message) {', 'unreadable', ''],
])('%j is told as "%s %s"', (message, title, detail) => {
  expect(createMessageLines()({ direction: 'received', message })).toEqual([{ arrow: '←', title, detail }])
})

test('housekeeping is left out, with its answers, and a batch is told message by message', () => {
  const lines = createMessageLines()
  const listen = { id: 3, method: 'subscriptions/listen' }
  expect(lines({ direction: 'sent', message: [listen, { id: 4, method: 'tools/list' }] })).toHaveLength(1)
  expect(
    lines({
      direction: 'received',
      message: [
        { id: 3, result: {} },
        { id: 4, result: {} },
      ],
    }),
  ).toHaveLength(1)
})
