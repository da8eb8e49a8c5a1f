import { describe, expect, test } from 'bun:test'
import { type FakeClock, fakeClock, microtasks } from '../../test/kit.ts'
import { createSseStream, type SseStream, type SseStreamOptions } from './sse-stream.ts'

const LONG = 'x'.repeat(64 * 1024)

function open(more: Partial<SseStreamOptions> = {}): {
  stream: SseStream
  clock: FakeClock
  gone: [reason: string, givenUp: boolean][]
} {
  const clock = fakeClock()
  const gone: [string, boolean][] = []
  const stream = createSseStream({
    highWaterLength: 1000,
    maxOutboundLength: 10_000,
    stalledReaderMs: 30_000,
    clock,
    onGone: (reason, givenUp) => void gone.push([reason, givenUp]),
    ...more,
  })
  return { stream, clock, gone }
}

const textOf = (stream: SseStream): Promise<string> => new Response(stream.body).text()

describe('a stream', () => {
  test('carries everything that was written before its end, in order and in UTF-8', async () => {
    const { stream, gone } = open({ maxOutboundLength: 10_000_000 })
    const pieces = ['data: €\n\n', 'data: 😀\n\n', LONG, ':\n\n']
    for (const piece of pieces) void stream.write(piece)
    stream.end()
    void stream.write('too late')
    stream.keepAlive()
    expect(await textOf(stream)).toBe(pieces.join(''))
    expect(gone).toEqual([])
  })

  test('writes what one tick writes at once', async () => {
    const { stream } = open()
    for (const piece of ['a', 'b', 'c']) void stream.write(piece)
    const reader = stream.body.getReader()
    const { value } = await reader.read()
    expect(new TextDecoder().decode(value)).toBe('abc')
    await reader.cancel()
  })

  test('asks its writers to wait while its reader does not read, and lets them go on when it does', async () => {
    const { stream, gone } = open({ maxOutboundLength: 10_000_000 })
    void stream.write(LONG)
    await microtasks()
    let isFree = false
    const room = stream.write(LONG)
    void room?.then(() => {
      isFree = true
    })
    await microtasks()
    expect([room instanceof Promise, isFree]).toEqual([true, false])
    const reader = stream.body.getReader()
    await reader.read()
    await reader.read()
    await room
    expect(gone).toEqual([])
    await reader.cancel()
  })

  test('is gone once when its reader closes it, and takes nothing more', async () => {
    const { stream, gone } = open()
    void stream.write('a')
    await stream.body.cancel()
    void stream.write('b')
    stream.keepAlive()
    stream.end()
    await microtasks()
    expect(gone).toEqual([['the client has closed the stream', false]])
  })

  test('lets go of writers that wait when its reader closes it', async () => {
    const { stream } = open({ maxOutboundLength: 10_000_000 })
    void stream.write(LONG)
    await microtasks()
    const room = stream.write(LONG)
    await stream.body.cancel()
    await room
  })
})

describe('a reader that takes nothing', () => {
  test('is given up once more than maxOutboundLength has waited for stalledReaderMs', async () => {
    const { stream, clock, gone } = open()
    void stream.write(LONG)
    await microtasks()
    clock.advance(29_999)
    expect(gone).toEqual([])
    clock.advance(1)
    expect(gone).toEqual([[expect.stringContaining('(stalledReaderMs)'), true]])
    await expect(textOf(stream)).rejects.toThrow('the reader took nothing for 30000 ms')
  })

  test('is given up at once when writers pay no heed to that', async () => {
    const { stream, gone } = open()
    void stream.write(LONG)
    await microtasks()
    void stream.write(LONG)
    expect(gone).toEqual([[expect.stringContaining('(maxOutboundLength)'), true]])
    await microtasks()
    expect(gone).toHaveLength(1)
  })

  test('is not waited for longer than stalledReaderMs after the end, however little waits', async () => {
    const { stream, clock } = open({ maxOutboundLength: 10_000_000 })
    void stream.write(LONG)
    stream.end()
    await microtasks()
    clock.advance(30_000)
    await expect(textOf(stream)).rejects.toThrow('stalledReaderMs')
  })
})

describe('a sign of life', () => {
  test('is given when nothing was written since the last time it was due', async () => {
    const { stream } = open()
    stream.keepAlive()
    stream.keepAlive()
    stream.keepAlive()
    void stream.write('data: a\n\n')
    stream.keepAlive()
    stream.keepAlive()
    stream.end()
    expect(await textOf(stream)).toBe(':\n\n:\n\ndata: a\n\n:\n\n')
  })

  test('is not given to a reader that takes nothing', async () => {
    const { stream } = open({ maxOutboundLength: 10_000_000 })
    void stream.write(LONG)
    await microtasks()
    for (let i = 0; i < 4; i++) stream.keepAlive()
    stream.end()
    expect((await textOf(stream)).endsWith('x')).toBe(true)
  })
})
