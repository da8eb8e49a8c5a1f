import { expect, test } from 'bun:test'
import type { RevisionDate } from '@bao-mcp/protocol'
import { judge } from './judge.ts'

const MODERN = '2026-07-28'
const _meta = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  progressToken: 't',
}

/** What is wrong with what a server writes after one call. */
function problemsOf(answers: readonly object[], revision: RevisionDate = MODERN): string[] {
  const params = revision === MODERN ? { name: 'a', _meta } : { name: 'a', _meta: { progressToken: 't' } }
  const call = {
    from: 'client' as const,
    text: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  }
  const lines = answers.map((one) => ({ from: 'server' as const, text: JSON.stringify({ jsonrpc: '2.0', ...one }) }))
  return judge([call, ...lines], 'server', revision).problems.map((words) => words.split(':')[0] ?? '')
}

const done = { id: 1, result: { resultType: 'complete', content: [] } }
const progress = (at: number): object => ({
  method: 'notifications/progress',
  params: { progressToken: 't', progress: at },
})
const roots = { id: 1, result: { resultType: 'input_required', inputRequests: { a: { method: 'roots/list' } } } }
const page = { mode: 'url', message: 'm', url: 'https://example.com' }

const cases: readonly [what: string, problems: string[], answers: object[], revision?: RevisionDate][] = [
  ['nothing', [], [progress(1), progress(2), done]],
  ['a result without its kind', ['result of tools/call'], [{ id: 1, result: { content: [] } }]],
  [
    'structured content that is no object',
    ['result of tools/call'],
    [{ id: 1, result: { content: [], structuredContent: 1 } }],
    '2025-06-18',
  ],
  ['a second answer', ['an answer to nothing'], [done, done]],
  ['progress that falls', ['progress does not rise'], [progress(2), progress(1), done]],
  ['progress of a finished call', ['progress of a call that is over'], [done, progress(1)]],
  [
    'a request',
    ['a server of the newest revision sends no requests', '2026-07-28 has no params of ping'],
    [{ id: 9, method: 'ping', params: { _meta } }, done],
  ],
  ['a question nobody declared', ['roots/list was not declared'], [roots]],
  ['a reserved code', ['a code that must not be emitted'], [{ id: 1, error: { code: -32042, message: 'm' } }]],
  ['a fractional code', ['not a message'], [{ id: 1, error: { code: 1.5, message: 'm' } }]],
  [
    'a change outside a subscription',
    ['a change is told outside a subscription'],
    [{ method: 'notifications/tools/list_changed' }],
  ],
  [
    'a page without a name',
    ['params of elicitation/create'],
    [{ id: 9, method: 'elicitation/create', params: page }],
    '2025-11-25',
  ],
  [
    'a log without data',
    ['notice of notifications/message'],
    [{ method: 'notifications/message', params: { level: 'info' } }],
  ],
]

for (const [what, problems, answers, revision] of cases) {
  test(`the judge objects to ${what}`, () => {
    expect(problemsOf(answers, revision)).toEqual(problems)
  })
}
