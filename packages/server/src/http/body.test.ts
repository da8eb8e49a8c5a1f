import { describe, expect, test } from 'bun:test'
import { createDeadlines, type Deadlines, INVALID_REQUEST } from '@bao-mcp/protocol/engine'
import { ENDPOINT } from '../../test/http-kit.ts'
import { fakeClock, microtasks } from '../../test/kit.ts'
import { readBody } from './body.ts'

const encoder = new TextEncoder()

/** A body that is sent piece by piece, and tells when nobody wants more of it. */
function upload(): {
  body: ReadableStream<Uint8Array>
  send(bytes: Uint8Array): void
  finish(): void
  fail(): void
  readonly cancelled: Promise<void>
} {
  const cancelled = Promise.withResolvers<void>()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
    cancel: () => cancelled.resolve(),
  })
  return {
    body,
    send: (bytes) => controller?.enqueue(bytes),
    finish: () => controller?.close(),
    fail: () => controller?.error(new Error('the connection broke')),
    cancelled: cancelled.promise,
  }
}

function read(
  body: BodyInit | null,
  { headers = {}, maxBodyBytes = 10 }: { headers?: Record<string, string>; maxBodyBytes?: number } = {},
): { text: Promise<string>; advance(ms: number): void } {
  const clock = fakeClock()
  const request = new Request(ENDPOINT, { method: 'POST', headers, body })
  const limits = { maxBodyBytes, bodyTimeoutMs: 1000 }
  return {
    // what it refuses at once it throws
    text: (async () => readBody(request, limits, createDeadlines(clock)))(),
    advance: (ms) => clock.advance(ms),
  }
}

const tooLong = {
  status: 413,
  code: INVALID_REQUEST,
  message: 'the body is over the limit of 10 bytes (maxBodyBytes)',
}

describe('a body', () => {
  test('is read up to its limit, in pieces and with characters that are cut', async () => {
    const { body, send, finish } = upload()
    const { text } = read(body, { maxBodyBytes: 10 })
    const bytes = encoder.encode('a€😀bc')
    for (let i = 0; i < bytes.length; i++) send(bytes.subarray(i, i + 1))
    finish()
    expect(bytes.length).toBe(10)
    expect(await text).toBe('a€😀bc')
  })

  test('may be empty or absent', async () => {
    expect(await read('').text).toBe('')
    expect(await read(null).text).toBe('')
    expect(await read(null, { headers: { 'content-length': '0' } }).text).toBe('')
  })

  test('may open with a byte order mark, which is no part of it', async () => {
    const bytes = encoder.encode('\u{feff}{}')
    expect(await read(bytes).text).toBe('{}')
    expect(await read(bytes, { headers: { 'content-length': String(bytes.length) } }).text).toBe('{}')
  })

  test('that is no UTF-8 is read with marks in its place, with and without a declared length', async () => {
    const bytes = Uint8Array.of(0x22, 0xff, 0x22)
    expect(await read(bytes).text).toBe('"\u{fffd}"')
    expect(await read(bytes, { headers: { 'content-length': '3' } }).text).toBe('"\u{fffd}"')
  })
})

describe('a body over the limit', () => {
  test('is refused by what it declares, without being read [MCP-145]', async () => {
    const { body, cancelled } = upload()
    const { text } = read(body, { headers: { 'content-length': '11' } })
    await expect(text).rejects.toMatchObject(tooLong)
    // nobody has touched it, so it can be cancelled by whoever owns it
    await body.cancel()
    await cancelled
  })

  test('is refused as soon as it has come, and the rest is not read [MCP-145]', async () => {
    const { body, send, cancelled } = upload()
    const { text } = read(body)
    send(encoder.encode('12345678901'))
    await expect(text).rejects.toMatchObject(tooLong)
    await cancelled
  })

  test('is counted when what it declares is no number', async () => {
    for (const length of ['NaN', '-1', '1e1', '0x1', '', '5, 5']) {
      const { body, send, cancelled } = upload()
      const { text } = read(body, { headers: { 'content-length': length } })
      send(encoder.encode('12345678901'))
      await expect(text).rejects.toMatchObject(tooLong)
      await cancelled
    }
  })

  test('is refused when it declared less', async () => {
    await expect(read('12345678901', { headers: { 'content-length': '5' } }).text).rejects.toMatchObject(tooLong)
  })
})

describe('a body that does not come', () => {
  test('is waited for no longer than bodyTimeoutMs, and what is left of it is not read', async () => {
    const { body, send, cancelled } = upload()
    const { text, advance } = read(body)
    send(encoder.encode('{'))
    let isOver = false
    text.catch(() => {
      isOver = true
    })
    advance(999)
    await microtasks()
    expect(isOver).toBe(false)
    advance(1)
    await expect(text).rejects.toMatchObject({
      status: 408,
      message: 'the body did not arrive within 1000 ms (bodyTimeoutMs)',
    })
    await cancelled
  })

  test('and has declared its length is waited for no longer', async () => {
    const { body } = upload()
    const { text, advance } = read(body, { headers: { 'content-length': '5' } })
    advance(1000)
    await expect(text).rejects.toMatchObject({ status: 408 })
  })

  test('whole is refused', async () => {
    for (const headers of [{}, { 'content-length': '5' }]) {
      const { body, send, fail } = upload()
      const { text } = read(body, { headers })
      send(encoder.encode('{'))
      fail()
      await expect(text).rejects.toMatchObject({ status: 400, message: 'the body ended early' })
    }
  })
})

test('a body that has come leaves no deadline behind', async () => {
  const clock = fakeClock()
  const deadlines = createDeadlines(clock)
  const limits = { maxBodyBytes: 10, bodyTimeoutMs: 1000 }
  let removed = 0
  const counting: Deadlines = {
    ...deadlines,
    remove(one) {
      removed++
      deadlines.remove(one)
    },
  }
  expect(await readBody(new Request(ENDPOINT, { method: 'POST', body: '{}' }), limits, counting)).toBe('{}')
  expect(removed).toBe(1)
})
