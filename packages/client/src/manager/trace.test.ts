import { expect, test } from 'bun:test'
import { helpful, managed } from './managed.test.kit.ts'
import type { TapMessage } from './tap.ts'
import { traceLine } from './trace.ts'

const line = (message: unknown): string => traceLine({ server: 'one', direction: 'sent', message })

test('every message is one short line', () => {
  const params = { name: 'read', arguments: { path: 'a\nb' }, _meta: { 'a.b/c': 1 } }
  expect(line({ jsonrpc: '2.0', id: 3, method: 'tools/call', params })).toBe(
    '[bao] one -> tools/call #3 read {"path":"a\\nb"}',
  )
  expect(line({ jsonrpc: '2.0', id: 3, error: { code: -32601, message: 'no\u001b[31m\nsuch' } })).toBe(
    '[bao] one -> error #3 -32601 no [31m such',
  )
  expect(line({ id: 1, result: { text: 'x'.repeat(10_000) } }).length).toBeLessThan(220)
  expect(line([{}, {}])).toBe('[bao] one -> batch of 2')
})

test('what looks like a secret is not printed', () => {
  const args = { apiKey: 'hunter2', headers: { authorization: 'Bearer hunter2' }, note: 'with ghp_hunter2hunter2' }
  const text = line({ id: 1, method: 'tools/call', params: { name: 'x', arguments: args } })
  expect(text).not.toContain('hunter2')
  expect(text).toContain('"apiKey":"***"')
})

test('a tap sees every message of every server, and what it throws harms nobody', async () => {
  const seen: TapMessage[] = []
  await using m = managed({ tap: (message) => void seen.push(message) })
  await m.manager.add('one', helpful())
  await m.manager.callTool('one', 'read')
  const calls = seen.filter(({ message }) => JSON.stringify(message).includes('tools/call'))
  expect(calls).toMatchObject([{ server: 'one', direction: 'sent' }])
  expect(seen.at(-1)).toMatchObject({ direction: 'received', message: { result: {} } })
})
