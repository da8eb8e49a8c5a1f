import { afterEach, describe, expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { tellsEndUnread } from '#runtime/fetch'
import { endLingering, LINGER_MS, linger, lingering, MAX_LINGER_BYTES, MAX_LINGERING, UNREAD_MS } from './linger.ts'
import { takePlace } from './open-requests.ts'

/** A stream that a test writes to, and its reader. */
function stream() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
    cancel() {
      cancelled = true
    },
  })
  return {
    reader: body.getReader(),
    write: (bytes: number) => controller?.enqueue(new Uint8Array(bytes)),
    end: () => controller?.close(),
    break: () => controller?.error(new Error('the cable was cut')),
    get cancelled() {
      return cancelled
    },
  }
}

afterEach(() => expect(lingering()).toBe(0))

for (const isTold of [true, false]) {
  describe(`where the end of a stream is ${isTold ? 'told' : 'not told'} to who does not read`, () => {
    test('a stream that ends by itself is not let go of', async () => {
      const clock = createFakeClock()
      const one = stream()
      linger(one.reader, clock, isTold)
      await clock.advance(LINGER_MS - 1)
      one.end()
      await clock.advance(1)
      expect(one.cancelled).toBeFalse()
    })

    test('one that stays open is let go of in time, and not a millisecond earlier', async () => {
      const clock = createFakeClock()
      const one = stream()
      linger(one.reader, clock, isTold)
      await clock.advance(LINGER_MS - 1)
      expect(one.cancelled).toBeFalse()
      await clock.advance(1)
      expect(one.cancelled).toBeTrue()
    })

    test('one that goes on and on is let go of at the limit', async () => {
      const clock = createFakeClock()
      const one = stream()
      linger(one.reader, clock, isTold)
      await clock.advance(UNREAD_MS)
      one.write(MAX_LINGER_BYTES)
      await settle()
      expect(one.cancelled).toBeFalse()
      one.write(1)
      await settle()
      expect([one.cancelled, lingering()]).toEqual([true, 0])
    })

    test('one that breaks off is forgotten', async () => {
      const one = stream()
      linger(one.reader, createFakeClock(), isTold)
      one.break()
      await settle()
      expect([one.cancelled, lingering()]).toEqual([false, 0])
    })
  })
}

test('an end that is told is not waited for any longer, though nothing was read', async () => {
  const one = stream()
  linger(one.reader, createFakeClock(), true)
  one.end()
  await settle()
  expect(lingering()).toBe(0)
})

test('what comes behind an answer is read after a while, so that the end behind it is found', async () => {
  const clock = createFakeClock()
  const one = stream()
  linger(one.reader, clock, true)
  one.write(1)
  one.end()
  await clock.advance(UNREAD_MS - 1)
  expect(lingering()).toBe(1)
  await clock.advance(1)
  await settle()
  expect([one.cancelled, lingering()]).toEqual([false, 0])
})

test('this runtime tells the end of a body to who does not read on', async () => {
  const end = Promise.withResolvers<void>()
  const body = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array(1))
        await end.promise
        controller.close()
      },
    })
  await using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(body()) })
  const response = await fetch(server.url)
  const reader = response.body?.getReader()
  expect((await reader?.read())?.done).toBeFalse()
  end.resolve()
  await reader?.closed
  expect(tellsEndUnread).toBeTrue()
})

test('no more than the limit are waited for at once', () => {
  const clock = createFakeClock()
  const streams = Array.from({ length: MAX_LINGERING + 1 }, stream)
  for (const { reader } of streams) linger(reader, clock)
  expect(streams.filter(({ cancelled }) => cancelled)).toHaveLength(1)
  endLingering()
  expect(streams.every(({ cancelled }) => cancelled)).toBeTrue()
})

test('a request that finds no place but theirs has them let go of', () => {
  const one = stream()
  const clock = createFakeClock()
  linger(one.reader, clock)
  takePlace('a call', 2)()
  expect(one.cancelled).toBeFalse()
  takePlace('a call', 1)()
  expect(one.cancelled).toBeTrue()
})
