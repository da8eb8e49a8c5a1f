import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { mcpConventions } from './conventions.ts'

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'
const { callOf, cancelNotice, cancelReason, cancelledCall, mark } = mcpConventions

test('a cancel notice names the call and the reason, and is understood by the other side [MCP-034]', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.string()), fc.string(), (id, reason) => {
      const notice = cancelNotice(id, reason)
      expect(notice).toEqual({ method: 'notifications/cancelled', params: { requestId: id, reason } })
      expect(cancelledCall(notice)).toBe(id)
      expect(cancelReason(notice)).toBe(reason)
    }),
  )
})

test.each([
  [{ method: 'notifications/cancelled' }],
  [{ method: 'notifications/cancelled', params: {} }],
  [{ method: 'notifications/cancelled', params: { requestId: null } }],
  [{ method: 'notifications/cancelled', params: { requestId: 1.5 } }],
  [{ method: 'notifications/progress', params: { requestId: 1 } }],
])('%j cancels nothing', (notice) => {
  expect(cancelledCall(notice)).toBeUndefined()
})

test('a reason that is no text is replaced', () => {
  for (const params of [undefined, {}, { reason: 1 }]) {
    const notice = { method: 'notifications/cancelled', ...(params && { params }) }
    expect(cancelReason(notice)).toBe('cancelled by the other side')
  }
})

describe('marking', () => {
  test.each(['tools/call', 'prompts/get', 'resources/read', 'sampling/createMessage', 'elicitation/create'])(
    'gives %s its id as progress token and changes nothing that was given [MCP-062]',
    (method) => {
      const params = Object.freeze({ name: 'a', _meta: Object.freeze({ x: 1, progressToken: 'mine' }) })
      expect(mark(method, params, 5)).toEqual({ name: 'a', _meta: { x: 1, progressToken: 5 } })
      expect(mark(method, undefined, 5)).toEqual({ _meta: { progressToken: 5 } })
      expect(mark(method, { _meta: 'odd' }, 5)).toEqual({ _meta: { progressToken: 5 } })
    },
  )

  test.each(['tools/list', 'initialize', 'ping', 'constructor'])('leaves %s as it is', (method) => {
    const params = { a: 1 }
    expect(mark(method, params, 5)).toBe(params)
    expect(mark(method, undefined, 5)).toBeUndefined()
  })
})

test.each([
  ['progress by its token', { method: 'notifications/progress', params: { progressToken: 'a', progress: 1 } }, 'a'],
  ['progress without a token', { method: 'notifications/progress', params: {} }, undefined],
  ['progress under a fraction', { method: 'notifications/progress', params: { progressToken: 1.5 } }, undefined],
  ['a subscription by its id', { method: 'notifications/x', params: { _meta: { [SUBSCRIPTION]: 7 } } }, 7],
  ['a subscription without one', { method: 'notifications/x', params: { _meta: { [SUBSCRIPTION]: null } } }, undefined],
  ['anything else', { method: 'notifications/message', params: { level: 'info' } }, undefined],
  ['nothing at all', { method: 'notifications/message' }, undefined],
])('a notice belongs to a call: %s [MCP-037]', (_, notice, call) => {
  expect(callOf(notice)).toBe(call)
})
