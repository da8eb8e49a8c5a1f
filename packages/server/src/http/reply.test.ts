import { describe, expect, test } from 'bun:test'
import { createDeadlines } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../test/ask-kit.ts'
import { type FakeClock, fakeClock } from '../../test/kit.ts'
import { createServing } from '../serving.ts'
import { createKeepAlive } from './keep-alive.ts'
import { httpLimits } from './options.ts'
import { Reply } from './reply.ts'

function open(accepts = { json: true, events: true }): {
  reply: Reply
  clock: FakeClock
  gone: string[]
  streams: () => number
} {
  const clock = fakeClock()
  const gone: string[] = []
  const limits = httpLimits({ streamAfterMs: 1000 })
  const keepAlive = createKeepAlive(clock, limits.keepAliveMs)
  const serving = createServing(serverWith(() => 'unused'))
  const core = { serving, limits, clock, deadlines: createDeadlines(clock), keepAlive }
  const reply = new Reply(core, accepts, { gone: (reason) => void gone.push(reason) })
  return { reply, clock, gone, streams: () => keepAlive.size }
}

const IN_NO_HEAP = -1

describe('a reply', () => {
  test('that is finished in time is what it was finished with, and waits for nothing more', async () => {
    const { reply, clock, streams } = open()
    const response = reply.response()
    expect(reply.heapIndex).not.toBe(IN_NO_HEAP)
    const whole = new Response('whole')
    reply.finish(whole)
    expect(reply.heapIndex).toBe(IN_NO_HEAP)
    clock.advance(60_000)
    expect(await response).toBe(whole)
    expect([reply.isStream, reply.open(), streams()]).toEqual([false, undefined, 0])
  })

  test('that is not becomes a stream, once', async () => {
    const { reply, clock, streams } = open()
    const response = reply.response()
    clock.advance(1000)
    expect([reply.isStream, reply.heapIndex, streams()]).toEqual([true, IN_NO_HEAP, 1])
    const stream = reply.open()
    expect(reply.open()).toBe(stream)
    void stream?.write('data: a\n\n')
    reply.end()
    expect(streams()).toBe(0)
    expect(await (await response).text()).toBe(':\n\ndata: a\n\n')
  })

  test('never becomes one for a client that takes none', async () => {
    const { reply, clock } = open({ json: true, events: false })
    const response = reply.response()
    expect(reply.heapIndex).toBe(IN_NO_HEAP)
    clock.advance(60_000)
    expect([reply.canStream, reply.open()]).toEqual([false, undefined])
    reply.finish(new Response('whole'))
    expect(await (await response).text()).toBe('whole')
  })

  test('must be one for a client that takes nothing else', () => {
    expect(open({ json: false, events: true }).reply.mustStream).toBe(true)
    expect(open().reply.mustStream).toBe(false)
  })

  test('nobody waits for is gone once, and not after it is over', async () => {
    const { reply, gone } = open()
    const response = reply.response()
    reply.gone('first')
    reply.gone('second')
    reply.finish(new Response('too late'))
    expect([(await response).status, reply.heapIndex, reply.isOver, gone]).toEqual([499, IN_NO_HEAP, true, ['first']])
    const finished = open()
    finished.reply.finish(new Response('whole'))
    finished.reply.gone('late')
    expect(finished.gone).toEqual([])
  })
})
