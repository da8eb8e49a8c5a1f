import { describe, expect, test } from 'bun:test'
import { INTERNAL_ERROR, INVALID_PARAMS, type JsonObject, LOG_MESSAGE, META, PROGRESS } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../../test/ask-kit.ts'
import { bodyOf, errorOf, events, type ModernOptions, modern, modernCall, resultOf } from '../../../test/http-kit.ts'
import { type FakeClock, fakeClock, gate, microtasks, recordingLog, textOf } from '../../../test/kit.ts'
import { httpHandler } from '../../http/handler.ts'
import type { HttpOptions } from '../../http/options.ts'

const WATCHING: ModernOptions = { meta: { [META.progressToken]: 'p', [META.logLevel]: 'debug' } }
const JSON_ONLY = { accept: 'application/json' }
const EVENTS_ONLY = { accept: 'text/event-stream' }

const progressOf = (messages: readonly JsonObject[]): unknown[] =>
  messages.filter(({ method }) => method === PROGRESS).map(({ params }) => params)

function timed(options: HttpOptions = {}): { clock: FakeClock; options: HttpOptions } {
  const clock = fakeClock()
  return { clock, options: { clock, streamAfterMs: 1000, keepAliveMs: 8000, ...options } }
}

describe('an answer', () => {
  test('is one JSON body, in this tick or later, when nothing is told before it [MCP-114]', async () => {
    for (const run of [() => 'done', () => microtasks().then(() => 'done')]) {
      await using handle = httpHandler(serverWith(run))
      const response = await handle(modernCall('it', {}, { ...WATCHING, id: 'x' }))
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
      const body = await bodyOf(response)
      expect(body.id).toBe('x')
      expect(textOf(resultOf(body))).toBe('done')
    }
  })

  test('comes last on the stream that something was told on before it, in order, and ends it [MCP-114, MCP-116, MCP-117]', async () => {
    for (const isLater of [false, true]) {
      const server = serverWith(async (_args, { progress, log }) => {
        if (isLater) await microtasks()
        progress(1)
        log('info', 'between')
        progress(2)
        return 'done'
      })
      await using handle = httpHandler(server)
      const response = await handle(modernCall('it', {}, { ...WATCHING, id: 'x' }))
      const { headers, status } = response
      expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream'])
      expect([headers.get('cache-control'), headers.get('x-accel-buffering')]).toEqual(['no-cache, no-transform', 'no'])
      const read = events(response)
      const messages = await read.messages()
      expect(messages.map(({ method, id }) => method ?? id)).toEqual([PROGRESS, LOG_MESSAGE, PROGRESS, 'x'])
      expect(progressOf(messages)).toEqual([
        { progressToken: 'p', progress: 1 },
        { progressToken: 'p', progress: 2 },
      ])
      expect(textOf(resultOf(messages.at(-1) ?? {}))).toBe('done')
      // there is nothing to come back for
      expect(read.text).not.toMatch(/^(?:id|retry):/m)
    }
  })

  test('in this tick follows what was told before it on a stream as well', async () => {
    const server = serverWith((_args, { progress }) => {
      progress(1)
      return 'done'
    })
    await using handle = httpHandler(server)
    const messages = await events(await handle(modernCall('it', {}, WATCHING))).messages()
    expect(messages.map(({ method, id }) => method ?? id)).toEqual([PROGRESS, 1])
  })

  test('is one JSON body for a client that takes no stream, and what cannot be told is dropped [MCP-114]', async () => {
    const { clock, options } = timed()
    const { opened, open } = gate()
    const server = serverWith(async (_args, { progress, log }) => {
      progress(1)
      log('info', 'dropped')
      await opened
      progress(2)
      return 'done'
    })
    await using handle = httpHandler(server, options)
    const answer = handle(modernCall('it', {}, { ...WATCHING, headers: JSON_ONLY }))
    await microtasks()
    clock.advance(60_000)
    open()
    const response = await answer
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(textOf(resultOf(await bodyOf(response)))).toBe('done')
  })

  test('is a stream for a client that takes no JSON, refusals by status excepted', async () => {
    await using handle = httpHandler(serverWith(() => 'done'))
    const ask = async (request: Request): Promise<JsonObject[]> => events(await handle(request)).messages()
    const [result] = await ask(modernCall('it', {}, { headers: EVENTS_ONLY }))
    expect(textOf(resultOf(result ?? {}))).toBe('done')
    expect(await ask(modern('tools/list', {}, { headers: EVENTS_ONLY }))).toHaveLength(1)
    const [unknown] = await ask(modernCall('no such tool', {}, { headers: EVENTS_ONLY }))
    expect(errorOf(unknown ?? {}).code).toBe(INVALID_PARAMS)
    const refused = await handle(modern('no/such', {}, { headers: EVENTS_ONLY }))
    expect([refused.status, refused.headers.get('content-type')]).toEqual([404, 'application/json'])
  })
})

describe('an answer that takes long', () => {
  test('becomes a stream after streamAfterMs, and is kept alive until it comes', async () => {
    const { clock, options } = timed()
    const { opened, open } = gate()
    await using handle = httpHandler(
      serverWith(async () => {
        await opened
        return 'done'
      }),
      options,
    )
    const answer = handle(modernCall('it'))
    let isThere = false
    void answer.then(() => {
      isThere = true
    })
    await microtasks()
    clock.advance(999)
    await microtasks()
    expect(isThere).toBe(false)
    clock.advance(1)
    const read = events(await answer)
    await read.until((text) => text === ':\n\n')
    for (const comments of [2, 3, 4]) {
      clock.advance(8000)
      await read.until((text) => text === ':\n\n'.repeat(comments))
    }
    open()
    const messages = await read.messages()
    expect(messages.map(({ id }) => id)).toEqual([1])
  })

  test('is never silent for longer than keepAliveMs, whenever it last spoke', async () => {
    const { clock, options } = timed()
    const speak = Array.from({ length: 3 }, () => gate())
    const server = serverWith(async (_args, { progress }) => {
      for (const [i, { opened }] of speak.entries()) {
        progress(i)
        await opened
      }
      return 'done'
    })
    await using handle = httpHandler(server, options)
    const read = events(await handle(modernCall('it', {}, WATCHING)))
    await read.message()
    // spoken anywhere between two beats, the next sign of life is at most keepAliveMs away
    for (const [i, pause] of [1, 7999].entries()) {
      clock.advance(pause)
      speak[i]?.open()
      await read.message()
      const before = read.text
      clock.advance(8000)
      await read.until((text) => text.length > before.length)
    }
    speak[2]?.open()
    await read.messages()
  })

  test('leaves no timer behind when it has come', async () => {
    const { clock, options } = timed()
    let timers = 0
    const counting = {
      now: () => clock.now(),
      after(ms: number, fn: () => void): () => void {
        timers++
        let isOver = false
        const over = (): void => {
          if (!isOver) timers--
          isOver = true
        }
        const stop = clock.after(ms, () => {
          over()
          fn()
        })
        return () => {
          over()
          stop()
        }
      },
    }
    const { opened, open } = gate()
    await using handle = httpHandler(
      serverWith(() => opened.then(() => 'done')),
      { ...options, clock: counting },
    )
    const answers = Array.from({ length: 10 }, () => handle(modernCall('it')))
    await microtasks()
    clock.advance(1000)
    const reads = (await Promise.all(answers)).map(events)
    expect(timers).toBeGreaterThan(0)
    open()
    for (const read of reads) expect(await read.messages()).toHaveLength(1)
    clock.advance(60_000)
    expect(timers).toBe(0)
  })
})

describe('an error', () => {
  test('after the stream was opened is told on it, and ends it', async () => {
    const log = recordingLog()
    const server = serverWith(
      () => 'unused',
      {},
      {
        middleware: [
          async (_request, _next, exchange) => {
            exchange.notify(LOG_MESSAGE, { level: 'info', data: 'before' })
            throw new Error('the secret cause')
          },
        ],
      },
    )
    await using handle = httpHandler(server, { log })
    const response = await handle(modernCall('it', {}, { id: 'x' }))
    expect(response.status).toBe(200)
    const messages = await events(response).messages()
    expect(messages.map(({ method, id }) => method ?? id)).toEqual([LOG_MESSAGE, 'x'])
    expect(errorOf(messages[1] ?? {})).toEqual({ code: INTERNAL_ERROR, message: 'Internal error' })
    expect(log.lines).toEqual([{ level: 'error', message: 'tools/call failed', cause: new Error('the secret cause') }])
  })

  test('is told instead of a result that cannot be written as JSON, in one body and on a stream', async () => {
    const throwing = {
      toJSON(): never {
        throw new Error('the secret cause')
      },
    }
    const circular: JsonObject = {}
    circular.self = circular
    for (const value of [10n, throwing, circular]) {
      for (const isStream of [false, true]) {
        const log = recordingLog()
        const server = serverWith((_args, { progress }) => {
          if (isStream) progress(1)
          return { content: [], _meta: { value } }
        })
        await using handle = httpHandler(server, { log })
        const response = await handle(modernCall('it', {}, { ...WATCHING, id: 'x' }))
        const answer = isStream ? (await events(response).messages()).at(-1) : await bodyOf(response)
        expect(answer?.id).toBe('x')
        expect(errorOf(answer ?? {})).toEqual({
          code: INTERNAL_ERROR,
          message: 'the result of tools/call cannot be written as JSON',
        })
        expect(log.lines.map(({ level }) => level)).toEqual(['error'])
      }
    }
  })

  test('is told instead of what a middleware answers that is no result', async () => {
    // proof: what a middleware returns at runtime is what this is about
    const nothing = (() => undefined) as unknown as () => JsonObject
    await using handle = httpHandler(serverWith(() => 'unused', {}, { middleware: [nothing] }))
    expect(errorOf(await bodyOf(await handle(modernCall('it')))).code).toBe(INTERNAL_ERROR)
  })
})

describe('a middleware', () => {
  test('may answer itself, change what goes in, and change what comes out', async () => {
    const server = serverWith(
      (args) => JSON.stringify(args),
      {},
      {
        middleware: [
          (request, next) => {
            if (request.method === 'tools/list') return { tools: [], resultType: 'complete' }
            return next({ ...request, params: { ...request.params, arguments: { changed: true } } })
          },
        ],
      },
    )
    await using handle = httpHandler(server)
    expect(resultOf(await bodyOf(await handle(modern('tools/list'))))).toEqual({ tools: [], resultType: 'complete' })
    expect(textOf(resultOf(await bodyOf(await handle(modernCall('it')))))).toBe('{"changed":true}')
  })

  test('does not see what was refused before it, and what it breaks is refused behind it', async () => {
    const seen: string[] = []
    const server = serverWith(
      () => 'unused',
      {},
      {
        middleware: [
          (request, next) => {
            seen.push(request.method)
            return next({ ...request, params: {} })
          },
        ],
      },
    )
    await using handle = httpHandler(server)
    expect((await handle(modern('tools/list', {}, { headers: { 'mcp-method': 'x' } }))).status).toBe(400)
    expect((await handle(modern('no/such'))).status).toBe(404)
    expect(seen).toEqual([])
    expect(errorOf(await bodyOf(await handle(modern('tools/list')))).code).toBe(INVALID_PARAMS)
    expect(seen).toEqual(['tools/list'])
  })
})

test('requests with the same id do not get in each other’s way [MCP-103]', async () => {
  const { opened, open } = gate()
  await using handle = httpHandler(
    serverWith(async ({ text }) => {
      await opened
      return String(text)
    }),
  )
  const answers = Array.from({ length: 20 }, (_, i) => handle(modernCall('it', { text: `${i}` })))
  open()
  const texts = (await Promise.all(answers)).map(async (one) => textOf(resultOf(await bodyOf(one))))
  expect(await Promise.all(texts)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`))
})
