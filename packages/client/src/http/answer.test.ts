import { describe, expect, test } from 'bun:test'
import { AnsweredError, type JsonRpcRequest, type Unreadable } from '@bao-mcp/protocol/engine'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { type Ending, isAnswerTo, readAnswer, readRefusal, retryAfter } from './answer.ts'
import { lingering } from './linger.ts'

const request: JsonRpcRequest = { jsonrpc: '2.0', id: 7, method: 'tools/call' }
const result = { jsonrpc: '2.0', id: 7, result: { content: [] } }
const error = { code: -32602, message: 'no' }
const clock = createFakeClock()
const limits = { maxMessageBytes: 1_000, streamIdleTimeoutMs: Number.POSITIVE_INFINITY, clock }

interface Heard {
  ending: Ending
  messages: unknown[]
  faults: Unreadable[]
}

async function read(body: string | null, init: ResponseInit = {}): Promise<Heard> {
  const messages: unknown[] = []
  const faults: Unreadable[] = []
  const handlers = {
    message: (value: unknown) => void messages.push(value),
    unreadable: (fault: Unreadable) => void faults.push(fault),
  }
  const ending = await readAnswer(request, new Response(body, init), handlers, limits)
  return { ending, messages, faults }
}

const asJson = (value: unknown, init: ResponseInit = {}): Promise<Heard> =>
  read(JSON.stringify(value), { ...init, headers: { 'content-type': 'application/json', ...init.headers } })
const asEvents = (...values: readonly unknown[]): Promise<Heard> =>
  read(values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join(''), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  })

describe('a whole body', () => {
  test('answers with a result or an error, whatever content type it claims', async () => {
    expect(await asJson(result)).toMatchObject({ ending: { kind: 'answered' }, messages: [result] })
    const refused = { jsonrpc: '2.0', id: 7, error }
    expect(await asJson(refused)).toMatchObject({ ending: { kind: 'answered' }, messages: [refused] })
    expect((await read(JSON.stringify(result), { headers: { 'content-type': 'text/plain' } })).ending.kind).toBe(
      'answered',
    )
  })

  test('may be a list with the answer in it', async () => {
    const note = { jsonrpc: '2.0', method: 'notifications/message' }
    expect(await asJson([note, result])).toMatchObject({ ending: { kind: 'answered' }, messages: [note, result] })
  })

  test.each([{ id: null }, {}])('an error without an id is for this request: %j', async (id) => {
    const { ending, messages } = await asJson({ jsonrpc: '2.0', ...id, error })
    expect(ending).toEqual({ kind: 'answered' })
    expect(messages).toEqual([{ jsonrpc: '2.0', id: 7, error }])
  })

  test.each([
    ['another id', { ...result, id: 8 }],
    ['an id of another type', { ...result, id: '7' }],
    ['an error with another id', { jsonrpc: '2.0', id: 8, error }],
    ['a request', { jsonrpc: '2.0', id: 7, method: 'ping' }],
    ['null', null],
    ['an empty list', []],
    ['a text', 'done'],
  ])('with %s is no answer', async (_, value) => {
    const { ending } = await asJson(value)
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'unanswerable', method: 'tools/call', id: 7 } })
  })

  test('that means to answer and is malformed counts as the answer, and is judged by its reader', async () => {
    const odd = { jsonrpc: '2.0', id: 7 }
    expect(await asJson(odd)).toMatchObject({ ending: { kind: 'answered' }, messages: [odd] })
  })

  test.each([
    ['a page', '<!doctype html><p>hello</p>'],
    ['half of an answer', JSON.stringify(result).slice(0, -5)],
    ['two answers', JSON.stringify(result).repeat(2)],
  ])('of %s is no JSON, and its beginning is shown', async (_, text) => {
    const { ending } = await read(text, { headers: { 'content-type': 'text/html' } })
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'unanswerable' } })
    expect(ending.kind === 'failed' && ending.error.message).toContain('text/html')
    expect(ending.kind === 'failed' && ending.error.message).toContain(JSON.stringify(text.slice(0, 20)).slice(1, -1))
  })

  test('over the limit fails by the name of the limit', async () => {
    const { ending } = await asJson({ ...result, pad: 'x'.repeat(1_000) })
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'too_large' } })
  })

  test.each([
    [202, null],
    [200, ''],
    [204, null],
  ])('of %d with nothing in it is no answer', async (status, body) => {
    const { ending } = await read(body, { status })
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'unanswerable', status, outcome: 'unknown' } })
  })
})

describe('a stream of events', () => {
  test('ends with the answer, and what came before it is told', async () => {
    const note = { jsonrpc: '2.0', method: 'notifications/progress' }
    expect(await asEvents(note, result, note)).toMatchObject({
      ending: { kind: 'answered' },
      messages: [note, result, note],
    })
  })

  test('that ends before the answer leaves open whether it ran', async () => {
    expect((await asEvents({ ...result, id: 8 })).ending).toMatchObject({
      kind: 'dropped',
      error: { code: 'dropped', outcome: 'unknown' },
    })
  })

  test('with an error without an id fails this request', async () => {
    expect(await asEvents({ jsonrpc: '2.0', id: null, error })).toMatchObject({
      ending: { kind: 'answered' },
      messages: [{ id: 7, error }],
    })
  })

  test('goes on behind what is no message', async () => {
    const { ending, faults } = await asEvents('a line of a log', result)
    expect(ending).toEqual({ kind: 'answered' })
    expect(faults).toMatchObject([{ kind: 'syntax' }])
  })

  test('whose answer cannot be read fails this request', async () => {
    const { ending, faults } = await asEvents('{"jsonrpc":"2.0","id":7,"result":{')
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'unanswerable', id: 7 } })
    expect(faults).toEqual([])
  })

  test('whose answer is over the limit fails this request', async () => {
    const { ending } = await asEvents({ jsonrpc: '2.0', id: 7, result: { pad: 'x'.repeat(2_000) } })
    expect(ending).toMatchObject({ kind: 'failed', error: { code: 'too_large', id: 7 } })
  })

  test('of another name than message carries none', async () => {
    const text = `event: other\ndata: ${JSON.stringify(result)}\n\n`
    const { ending, messages } = await read(text, { headers: { 'content-type': 'text/event-stream' } })
    expect(ending.kind).toBe('dropped')
    expect(messages).toEqual([])
  })
})

describe('a refusal', () => {
  test('with an error in its body is that error, with its status', async () => {
    const { ending, messages } = await asJson(
      { jsonrpc: '2.0', id: null, error: { ...error, data: 1 } },
      { status: 400 },
    )
    expect(messages).toEqual([])
    expect(ending).toMatchObject({ kind: 'failed', error: { code: -32602, message: 'no', data: 1, status: 400 } })
    expect(ending.kind === 'failed' && ending.error).toBeInstanceOf(AnsweredError)
  })

  test.each([
    [400, 'not_run'],
    [404, 'not_run'],
    [429, 'not_run'],
    // who answers waited for somebody else, or was given up by this side: it may have begun
    [408, 'unknown'],
    [499, 'unknown'],
    [500, 'unknown'],
    [504, 'unknown'],
  ])('of %d says whether it may have run: %s', async (status, outcome) => {
    const { ending } = await read('<p>no</p>', { status, headers: { 'retry-after': '2' } })
    expect(ending).toMatchObject({
      kind: 'failed',
      error: {
        code: 'http_status',
        status,
        outcome,
        retryAfterMs: 2_000,
        message: expect.stringContaining('<p>no</p>'),
      },
    })
  })

  test('shows no more than the beginning of its body', async () => {
    const { ending } = await read('x'.repeat(900), { status: 500 })
    expect(ending.kind === 'failed' && ending.error.message.length).toBeLessThan(400)
  })

  test('as a stream of events is read like any other', async () => {
    const headers = { 'content-type': 'text/event-stream' }
    expect((await read('data: {}\n\n', { status: 500, headers })).ending).toMatchObject({ error: { status: 500 } })
  })

  test('whose body cannot be read is told by its status', async () => {
    const response = new Response('x'.repeat(2_000), { status: 503 })
    expect(await readRefusal({ method: 'ping' }, response, limits)).toMatchObject({ code: 'http_status', status: 503 })
  })
})

test.each([
  [null, undefined],
  ['7', 7_000],
  [' 0 ', 0],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['', undefined],
  ['soon', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['9999999999', undefined],
])('Retry-After %j means %p milliseconds', (header, ms) => {
  expect(retryAfter(header, 10_000)).toBe(ms)
})

test.each([
  [{ jsonrpc: '2.0', id: 7, result: {} }, true],
  [{ id: 7, error }, true],
  [{ jsonrpc: '2.0', id: 7 }, true],
  [{ jsonrpc: '2.0', id: 7, method: 'ping' }, false],
  [{ id: 7 }, false],
  [{ jsonrpc: '2.0', id: '7', result: {} }, false],
  [[], false],
])('%j means to answer the request 7: %p', (value, isAnswer) => {
  expect(isAnswerTo(7, value)).toBe(isAnswer)
})

test('a stream that has brought its answer may end by itself, so that its connection stays', async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let wasCancelled = false
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
    cancel() {
      wasCancelled = true
    },
  })
  controller?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(result)}\n\n`))
  const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  expect(await readAnswer(request, response, { message() {} }, limits)).toEqual({ kind: 'answered' })
  expect([wasCancelled, lingering()]).toEqual([false, 1])
  controller?.close()
  await settle()
  expect([wasCancelled, lingering()]).toEqual([false, 0])
})
