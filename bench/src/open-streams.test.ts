import { describe, expect, test } from 'bun:test'
import { openStreams, textOf } from './open-streams.ts'

const REQUEST = { method: 'GET', headers: { accept: 'text/event-stream' } } as const

describe('textOf', () => {
  test('names the host, and the length of a body in bytes', () => {
    expect(textOf(REQUEST, 80)).toBe('GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:80\r\naccept: text/event-stream\r\n\r\n')
    const posted = textOf({ method: 'POST', headers: {}, body: 'é' }, 80)
    expect(posted).toEndWith('\r\ncontent-length: 2\r\n\r\né')
  })
})

describe('openStreams', () => {
  test('opens one connection for each request, and lets go of all of them', async () => {
    const left = Promise.withResolvers<void>()
    let open = 0
    const stream = (): Response => {
      open++
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(':\n\n')),
        cancel() {
          if (--open === 0) left.resolve()
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }
    await using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: stream })
    const streams = await openStreams(server.port ?? 0, [REQUEST, REQUEST, REQUEST])
    expect(open).toBe(3)
    streams.mustBeOpen()
    streams.close()
    await left.promise
  })

  test('an answer that is no event stream is a failure', async () => {
    await using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('no', { status: 405 }) })
    await expect(openStreams(server.port ?? 0, [REQUEST])).rejects.toThrow('405')
  })

  test('a stream that has ended is noticed', async () => {
    const answer = (): Response => new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
    await using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
    const streams = await openStreams(server.port ?? 0, [REQUEST])
    await server.stop(true)
    await streams.anyEnded
    expect(() => streams.mustBeOpen()).toThrow('1 of 1')
  })

  test('an answer that does not come is not waited for', async () => {
    await using server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
    await expect(openStreams(server.port, [REQUEST], 1)).rejects.toThrow('not all streams opened within 1 ms')
  })
})
