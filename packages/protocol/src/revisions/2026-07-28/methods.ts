import type { MethodTable, NoticeTable } from '../revision.ts'

/** @see https://modelcontextprotocol.io/specification/2026-07-28/schema */
export const requests: MethodTable = new Map([
  ['server/discover', { direction: 'client', cacheable: true }],
  ['tools/list', { direction: 'client', cacheable: true }],
  ['tools/call', { direction: 'client', asksForInput: true }],
  ['resources/list', { direction: 'client', cacheable: true }],
  ['resources/templates/list', { direction: 'client', cacheable: true }],
  ['resources/read', { direction: 'client', cacheable: true, asksForInput: true }],
  ['prompts/list', { direction: 'client', cacheable: true }],
  ['prompts/get', { direction: 'client', asksForInput: true }],
  ['completion/complete', { direction: 'client' }],
  ['subscriptions/listen', { direction: 'client' }],
])

export const notices: NoticeTable = new Map([
  ['notifications/cancelled', 'both'],
  ['notifications/progress', 'server'],
  ['notifications/message', 'server'],
  ['notifications/tools/list_changed', 'server'],
  ['notifications/prompts/list_changed', 'server'],
  ['notifications/resources/list_changed', 'server'],
  ['notifications/resources/updated', 'server'],
  ['notifications/subscriptions/acknowledged', 'server'],
])

/** What `input_required` may ask for. @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr */
export const inputs: ReadonlySet<string> = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list'])
