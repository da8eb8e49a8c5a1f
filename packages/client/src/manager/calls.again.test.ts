import { expect, test } from 'bun:test'
import { type CloseReason, ConnectionError } from '@bao-mcp/protocol/engine'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import type { Client } from '../client.ts'
import { connect } from '../connect.ts'
import { createVerdicts } from '../eras/verdicts.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { type Calls, createCalls } from './calls.ts'
import { helpful } from './managed.test.kit.ts'
import { createQueue } from './queue.ts'

const LOST = new ConnectionError('closed', 'the connection ended', { outcome: 'not_run' })

/** Calls over a connection that is lost before it says that it is over. */
async function lost(): Promise<{ calls: Calls; over: () => void; asked: () => number }> {
  const clock = createFakeClock()
  const closed = Promise.withResolvers<CloseReason>()
  const real = await connect(helpful(), { clock, verdicts: createVerdicts(clock) })
  const client: Client = { ...real, closed: closed.promise }
  let asked = 0
  const calls = createCalls({
    ...{ server: 'one', clock, breaker: { failures: 5, cooldownMs: 1 } },
    queue: createQueue('one', { maxInFlight: 1, maxQueued: 1, queueTimeoutMs: 1 }, clock),
    supervisor: {
      client,
      async connection() {
        asked++
        return client
      },
      impair() {},
      recover() {},
      refuse() {},
      async verify() {},
    },
  })
  return { calls, over: () => closed.resolve({ kind: 'remote', message: 'gone' }), asked: () => asked }
}

/** Fails the first time. */
function once(): () => Promise<string> {
  let times = 0
  return async () => {
    if (++times === 1) throw LOST
    return 'done'
  }
}

test('a call is sent again when the connection it was lost with is over, which may still be handed out until then', async () => {
  const { calls, over, asked } = await lost()
  const call = calls.run(once(), { signal: undefined, mayRepeat: () => true })
  await settle()
  expect(asked()).toBe(1)
  over()
  expect(await call).toBe('done')
})

test('who gives up does not wait for the end of a connection', async () => {
  const { calls } = await lost()
  const giveUp = new AbortController()
  const call = failure(calls.run(once(), { signal: giveUp.signal, mayRepeat: () => true }))
  await settle()
  giveUp.abort('not wanted')
  expect(await call).toBe('not wanted')
})
