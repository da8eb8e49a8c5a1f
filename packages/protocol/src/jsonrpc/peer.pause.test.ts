import { expect, test } from 'bun:test'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createManualChannel } from '../testing/manual-channel.ts'
import type { JsonObject } from './message.ts'
import { createPeer } from './peer.ts'

/** A side whose user is asked something while its own call waits. */
function openAsked(pausesWhileAsked: boolean) {
  const wire = createManualChannel()
  const clock = createFakeClock()
  const answer = Promise.withResolvers<JsonObject>()
  const responder = { request: () => answer.promise, notice() {} }
  const peer = createPeer(wire, responder, { clock, timeoutMs: 100, maxTotalTimeoutMs: 1000, pausesWhileAsked })
  const call = peer.request('a').catch((reason: unknown) => reason)
  wire.arrive({ jsonrpc: '2.0', id: 7, method: 'ask' })
  return { wire, clock, answer, call }
}

test('a call does not time out while this side answers a question', async () => {
  const { wire, clock, answer, call } = openAsked(true)
  await clock.advance(500)
  answer.resolve({})
  await clock.advance(50)
  wire.arrive({ jsonrpc: '2.0', id: 1, result: { done: true } })
  expect(await call).toEqual({ done: true })
})

test('it times out again when the question is answered', async () => {
  const { clock, answer, call } = openAsked(true)
  await clock.advance(500)
  answer.resolve({})
  await clock.advance(200)
  expect(await call).toMatchObject({ code: 'timeout' })
})

test('its total time goes on all the while', async () => {
  const { clock, call } = openAsked(true)
  await clock.advance(1000)
  expect(await call).toMatchObject({ code: 'total_timeout' })
})

test('a side that always answers something while it asks does not wait longer for it', async () => {
  const { clock, call } = openAsked(false)
  await clock.advance(100)
  expect(await call).toMatchObject({ code: 'timeout' })
})
