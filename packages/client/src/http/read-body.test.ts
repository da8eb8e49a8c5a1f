import { describe, expect, test } from 'bun:test'
import type { SseEvent } from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import { LINGER_MS, lingering } from './linger.ts'
import { BodyError, type EventHandlers, readEvents, readText } from './read-body.ts'

const IDLE_MS = 1_000

/** A body that a test writes to. */
function writable(headers: Record<string, string> = {}) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let cancelled = false
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
    cancel() {
      cancelled = true
    },
  })
  return {
    response: new Response(stream, { headers }),
    write: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    bytes: (...bytes: number[]) => controller?.enqueue(Uint8Array.from(bytes)),
    end: () => controller?.close(),
    break: () => controller?.error(new Error('the cable was cut')),
    get cancelled() {
      return cancelled
    },
  }
}

function limited({ maxMessageBytes = 100, streamIdleTimeoutMs = IDLE_MS } = {}) {
  const clock = createFakeClock()
  return { maxMessageBytes, streamIdleTimeoutMs, clock }
}

/** The one timer of all deadlines may still be set, but it finds none and is not set again. */
async function expectNothingLeft(clock: FakeClock): Promise<void> {
  expect(clock.timers).toBeLessThanOrEqual(1)
  await clock.advance(IDLE_MS)
  expect(clock.timers).toBe(0)
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

describe('a body as text', () => {
  test('is put together whatever pieces its characters come in', async () => {
    const body = writable()
    const limits = limited()
    const text = readText(body.response, limits)
    body.bytes(0xef, 0xbb)
    body.bytes(0xbf, 0xe2, 0x82)
    body.bytes(0xac)
    body.end()
    expect(await text).toBe('€')
    await expectNothingLeft(limits.clock)
  })

  test('no body at all is no text', async () => {
    expect(await readText(new Response(null), limited())).toBe('')
  })

  test('one that says it is over the limit is not read', async () => {
    const body = writable({ 'content-length': '101' })
    expect(await failureOf(readText(body.response, limited()))).toMatchObject({ code: 'too_large' })
    expect(body.cancelled).toBeTrue()
  })

  test('one that goes over the limit is let go of at that place', async () => {
    const body = writable()
    const read = failureOf(readText(body.response, limited()))
    body.write('x'.repeat(100))
    await settle()
    expect(body.cancelled).toBeFalse()
    body.write('x')
    expect(await read).toMatchObject({ code: 'too_large', message: expect.stringContaining('maxMessageBytes') })
    expect(body.cancelled).toBeTrue()
  })

  test('one that breaks off says why', async () => {
    const body = writable()
    const read = failureOf(readText(body.response, limited()))
    body.write('x')
    body.break()
    expect(await read).toBeInstanceOf(BodyError)
    expect(await read).toMatchObject({ code: 'broken', message: 'the cable was cut' })
  })

  test('one that falls silent is let go of, and not a millisecond earlier', async () => {
    const body = writable()
    const limits = limited()
    const read = failureOf(readText(body.response, limits))
    await limits.clock.advance(IDLE_MS - 1)
    body.write('x')
    await limits.clock.advance(IDLE_MS - 1)
    expect(body.cancelled).toBeFalse()
    await limits.clock.advance(1)
    expect(await read).toMatchObject({ code: 'idle', message: expect.stringContaining('streamIdleTimeoutMs') })
    expect(body.cancelled).toBeTrue()
    expect(limits.clock.timers).toBe(0)
  })

  test('where no silence is too long no timer is set', async () => {
    const limits = limited({ streamIdleTimeoutMs: Number.POSITIVE_INFINITY })
    const body = writable()
    const text = readText(body.response, limits)
    await settle()
    expect(limits.clock.timers).toBe(0)
    body.write('x')
    body.end()
    expect(await text).toBe('x')
  })
})

describe('a short body whose length is told', () => {
  const told = { 'content-length': '5' }

  test('is put together whatever pieces its characters come in', async () => {
    const body = writable({ 'content-length': '6' })
    const limits = limited()
    const text = readText(body.response, limits)
    body.bytes(0xef, 0xbb, 0xbf, 0xe2)
    body.bytes(0x82, 0xac)
    body.end()
    expect(await text).toBe('€')
    await expectNothingLeft(limits.clock)
  })

  test('says why it breaks off', async () => {
    const body = writable(told)
    const limits = limited()
    const read = failureOf(readText(body.response, limits))
    body.write('x')
    body.break()
    expect(await read).toBeInstanceOf(BodyError)
    expect(await read).toMatchObject({ code: 'broken', message: 'the cable was cut' })
    await expectNothingLeft(limits.clock)
  })

  test('is given up when it does not come whole, and not a millisecond earlier', async () => {
    const body = writable(told)
    const limits = limited()
    let isOver = false
    const read = failureOf(readText(body.response, limits)).finally(() => {
      isOver = true
    })
    body.write('x')
    await limits.clock.advance(IDLE_MS - 1)
    expect(isOver).toBeFalse()
    await limits.clock.advance(1)
    expect(await read).toMatchObject({ code: 'idle', message: expect.stringContaining('streamIdleTimeoutMs') })
    expect(limits.clock.timers).toBe(0)
  })

  test('is refused when it is over the limit after all', async () => {
    const body = writable(told)
    const read = failureOf(readText(body.response, limited()))
    body.write('x'.repeat(101))
    body.end()
    expect(await read).toMatchObject({ code: 'too_large' })
  })

  for (const framing of ['content-encoding', 'transfer-encoding']) {
    test(`is let go of at the limit where its ${framing} makes the length worth nothing`, async () => {
      const body = writable({ ...told, [framing]: 'gzip, chunked' })
      const read = failureOf(readText(body.response, limited()))
      body.write('x'.repeat(101))
      expect(await read).toMatchObject({ code: 'too_large' })
      expect(body.cancelled).toBeTrue()
    })
  }
})

describe('a stream of events', () => {
  function reading(more: Partial<EventHandlers> = {}) {
    const heard: string[] = []
    const handlers: EventHandlers = {
      event: ({ data }: SseEvent) => void heard.push(data),
      eventId: (id) => void heard.push(`id ${id}`),
      retry: (ms) => void heard.push(`retry ${ms}`),
      tooLong: ({ kind }) => void heard.push(kind),
      ...more,
    }
    return { heard, handlers }
  }

  test('tells events, ids and pauses as they come, and an event without its end not at all', async () => {
    const body = writable()
    const { heard, handlers } = reading()
    const read = readEvents(body.response, handlers, limited())
    body.write('retry: 5\nid: 1\nda')
    body.write('ta: a\n\n: note\n\ndata: b\n\nid: 2\n\ndata: c')
    body.end()
    await read
    expect(heard).toEqual(['retry 5', 'a', 'b', 'id 2'])
  })

  test('tells the id of each piece that has changed it', async () => {
    const body = writable()
    const { heard, handlers } = reading()
    const read = readEvents(body.response, handlers, limited())
    body.write('id: 1\ndata: a\n\n')
    await settle()
    body.write('data: b\n\n')
    await settle()
    body.write('id: 2\ndata: c\n\n')
    body.end()
    await read
    expect(heard).toEqual(['a', 'id 1', 'b', 'c', 'id 2'])
  })

  test('is let go of when nothing more is wanted', async () => {
    const body = writable()
    const { heard, handlers } = reading({ isDone: () => heard.length > 0 })
    const read = readEvents(body.response, handlers, limited())
    body.write('data: a\n\n')
    await read
    expect(body.cancelled).toBeTrue()
  })

  test('whose server ends it behind what was wanted is read to its end, so that its connection stays', async () => {
    const body = writable()
    const { heard, handlers } = reading({ isDone: () => heard.length > 0, endsThen: true })
    const limits = limited()
    const read = readEvents(body.response, handlers, limits)
    body.write('data: a\n\n')
    await read
    expect(lingering()).toBe(1)
    body.write('data: b\n\n')
    body.end()
    await limits.clock.advance(LINGER_MS)
    expect([body.cancelled, lingering(), heard]).toEqual([false, 0, ['a']])
    expect(limits.clock.timers).toBe(0)
  })

  test('goes on behind an event over the limit', async () => {
    const body = writable()
    const { heard, handlers } = reading()
    const read = readEvents(body.response, handlers, limited())
    body.write(`data: ${'x'.repeat(200)}\n\n`)
    body.write('data: b\n\n')
    body.end()
    await read
    expect(heard).toEqual(['oversized', 'b'])
  })

  test('may be silent where that is allowed', async () => {
    const body = writable()
    let maySilent = true
    const limits = limited()
    const { handlers } = reading({ mayBeSilent: () => maySilent })
    const read = failureOf(readEvents(body.response, handlers, limits))
    await limits.clock.advance(5 * IDLE_MS)
    expect(body.cancelled).toBeFalse()
    maySilent = false
    await limits.clock.advance(IDLE_MS)
    expect(await read).toMatchObject({ code: 'idle' })
  })

  test('is kept alive by comments', async () => {
    const body = writable()
    const limits = limited()
    const { handlers } = reading()
    const read = readEvents(body.response, handlers, limits)
    for (let n = 0; n < 5; n++) {
      await limits.clock.advance(IDLE_MS - 1)
      body.write(':\n\n')
      await settle()
    }
    body.end()
    await read
    await expectNothingLeft(limits.clock)
    expect(body.cancelled).toBeFalse()
  })

  test('is let go of when its reader throws', async () => {
    const body = writable()
    const { handlers } = reading({
      event() {
        throw new Error('boom')
      },
    })
    const read = failureOf(readEvents(body.response, handlers, limited()))
    body.write('data: a\n\n')
    expect(String(await read)).toContain('boom')
    expect(body.cancelled).toBeTrue()
  })
})
