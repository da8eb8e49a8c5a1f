import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { isEventStream, type MessageHandlers, parsed, readMessages } from './read-messages.ts'

const limits = { maxMessageBytes: 1000, streamIdleTimeoutMs: 100, clock: createFakeClock() }

/** Reads a whole stream and tells what came, in order. */
async function told(text: string, more: Partial<MessageHandlers> = {}): Promise<unknown[]> {
  const log: unknown[] = []
  const handlers: MessageHandlers = {
    message: (value, length) => void log.push(['message', value, length]),
    unreadable: ({ kind, id, isResponse }) => void log.push(['unreadable', kind, id, isResponse]),
    eventId: (id) => void log.push(['id', id]),
    retry: (ms) => void log.push(['retry', ms]),
    ...more,
  }
  await readMessages(new Response(text), handlers, limits)
  return log
}

test('messages are told one by one, also those of an array', async () => {
  expect(await told('data: {"a":1}\n\ndata: [1,2]\n\n')).toEqual([
    ['message', { a: 1 }, 7],
    ['message', 1, 5],
    ['message', 2, 5],
  ])
})

test('an id is told with empty data and without any', async () => {
  expect(await told('id: a\ndata:\n\n')).toEqual([['id', 'a']])
  expect(await told('id: b\n\n')).toEqual([['id', 'b']])
})

test('what is no JSON is reported with the id it would have answered, and the next message is read', async () => {
  expect(await told('data: {"id":7,"result":{"x":[}\n\ndata: 1\n\n')).toEqual([
    ['unreadable', 'syntax', 7, true],
    ['message', 1, 1],
  ])
})

test('an event over the limit is reported, and its id still counts', async () => {
  const log = await told(`id: big\ndata: {"jsonrpc":"2.0","id":1,"result":"${'x'.repeat(1000)}"}\n\n`)
  expect(log).toEqual([
    ['unreadable', 'oversized', 1, true],
    ['id', 'big'],
  ])
})

test('events of other names are handed over where somebody wants them', async () => {
  expect(await told('event: ping\ndata: now\n\n')).toEqual([])
  const names: string[] = []
  await told('event: endpoint\ndata: /post\n\n', { other: ({ event, data }) => void names.push(`${event} ${data}`) })
  expect(names).toEqual(['endpoint /post'])
})

test('reading stops as soon as nothing more is wanted', async () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel() {
      cancelled = true
    },
  })
  let isDone = false
  const message = (): void => {
    isDone = true
  }
  await readMessages(new Response(body), { message, unreadable: () => undefined, isDone: () => isDone }, limits)
  await settle()
  expect(cancelled).toBe(true)
})

test('a silent stream is taken for dead only where it may not be silent', async () => {
  let isPatient = true
  const handlers = { message: () => undefined, unreadable: () => undefined, mayBeSilent: () => isPatient }
  const reading = readMessages(new Response(new ReadableStream()), handlers, limits)
  await limits.clock.advance(1000)
  expect(limits.clock.timers).toBe(1)
  isPatient = false
  const failed = reading.then(
    () => undefined,
    (error: unknown) => error,
  )
  await limits.clock.advance(100)
  expect(await failed).toMatchObject({ code: 'idle' })
  expect(limits.clock.timers).toBe(0)
})

test.each([
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['text/event-streams', false],
  ['application/json', false],
])('a body of %s is a stream of events: %p', (type, expected) => {
  expect(isEventStream(new Response('', { headers: { 'content-type': type } }))).toBe(expected)
})

test('a text that is no JSON is no value', () => {
  expect(parsed('{')).toBeUndefined()
  expect(parsed('null')).toBeNull()
})
