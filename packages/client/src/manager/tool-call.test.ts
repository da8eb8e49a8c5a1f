import { expect, test } from 'bun:test'
import { settle } from '@bao-mcp/protocol/testing'
import { failure } from '../testing/failure.test.kit.ts'
import { helpful, managed } from './managed.test.kit.ts'
import type { Approve } from './tool-call.ts'

test('who gives up a call does not wait for an approval that never comes', async () => {
  const asked = Promise.withResolvers<void>()
  await using m = managed({
    approve() {
      asked.resolve()
      return new Promise(() => undefined)
    },
  })
  const server = helpful()
  await m.manager.add('one', server)
  const giveUp = new AbortController()
  const call = failure(m.manager.callTool('one', 'read', {}, { signal: giveUp.signal }))
  await asked.promise
  giveUp.abort('not wanted')
  expect(await call).toBe('not wanted')
  expect(m.manager.snapshot().servers[0]).toMatchObject({ inFlight: 0, queued: 0 })
  expect(server.methods).not.toContain('tools/call')
})

test('a call that was given up while it was approved is not sent, and no decision is told', async () => {
  const giveUp = new AbortController()
  await using m = managed({
    approve() {
      giveUp.abort('not wanted')
      return 'allow'
    },
  })
  const server = helpful()
  await m.manager.add('one', server)
  expect(await failure(m.manager.callTool('one', 'read', {}, { signal: giveUp.signal }))).toBe('not wanted')
  await settle()
  expect(m.events.some(({ kind }) => kind === 'decision')).toBe(false)
})

const NEITHER: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['true', true],
  ['another word', 'ALLOW'],
  ['an object without a reason', {}],
  ['a reason that is no text', { deny: true }],
]

test.each(NEITHER)('an approval that answers %s is a no', async (_what, answer) => {
  // proof: a hook without types may answer anything
  await using m = managed({ approve: (() => answer) as unknown as Approve })
  const server = helpful()
  await m.manager.add('one', server)
  const error = await failure(m.manager.callTool('one', 'read'))
  expect(error).toMatchObject({ code: 'denied', message: expect.stringContaining('it could not be decided') })
  expect(server.methods).not.toContain('tools/call')
})
