import { describe, expect, test } from 'bun:test'
import { META } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../../test/ask-kit.ts'
import { bodyOf, events, type ModernOptions, modern, modernCall } from '../../../test/http-kit.ts'
import { fakeClock, type Gate, gate, microtasks, recordingLog } from '../../../test/kit.ts'
import type { CallContext } from '../../context.ts'
import { type HttpHandler, httpHandler } from '../../http/handler.ts'
import type { HttpOptions } from '../../http/options.ts'

const WATCHING: ModernOptions = { meta: { [META.progressToken]: 'p' } }

/** A tool that tells progress, runs until its gate opens, and tells how its signal ended. */
function running({ speaks = false, heeds = true }: { speaks?: boolean; heeds?: boolean } = {}): {
  server: ReturnType<typeof serverWith>
  begun: Gate
  aborted: Gate
  let: Gate
  settled: Gate
  reasons: unknown[]
} {
  const [begun, aborted, go, settled] = [gate(), gate(), gate(), gate()]
  const reasons: unknown[] = []
  async function run(_args: unknown, { signal, progress }: CallContext): Promise<string> {
    if (speaks) progress(1)
    signal.addEventListener('abort', () => {
      reasons.push(signal.reason)
      aborted.open()
    })
    begun.open()
    await (heeds ? Promise.race([go.opened, aborted.opened]) : go.opened)
    if (heeds) signal.throwIfAborted()
    progress(2)
    settled.open()
    return 'done'
  }
  return { server: serverWith(run), begun, aborted, let: go, settled, reasons }
}

async function idle(handle: HttpHandler): Promise<void> {
  await microtasks()
  expect(handle.inFlight).toBe(0)
}

describe('a client that goes away', () => {
  test('before its answer has cancelled the call [MCP-119]', async () => {
    const { server, begun, aborted, reasons } = running()
    const log = recordingLog()
    await using handle = httpHandler(server, { log })
    const client = new AbortController()
    const answer = handle(modernCall('it', {}, { signal: client.signal }))
    await begun.opened
    expect(handle.inFlight).toBe(1)
    client.abort()
    await aborted.opened
    expect(reasons).toEqual([expect.objectContaining({ name: 'AbortError', message: 'the client is gone' })])
    const response = await answer
    expect([response.status, await response.text()]).toEqual([499, ''])
    await idle(handle)
    expect(log.lines.filter(({ level }) => level !== 'debug')).toEqual([])
  })

  test('while it takes no stream has cancelled the call as well [MCP-119]', async () => {
    const { server, begun, aborted } = running({ speaks: true })
    await using handle = httpHandler(server)
    const client = new AbortController()
    const headers = { accept: 'application/json' }
    const answer = handle(modernCall('it', {}, { ...WATCHING, signal: client.signal, headers }))
    await begun.opened
    client.abort()
    await aborted.opened
    expect((await answer).status).toBe(499)
    await idle(handle)
  })

  test('by closing the stream has cancelled the call, and is sent nothing more [MCP-119]', async () => {
    const { server, aborted } = running({ speaks: true })
    await using handle = httpHandler(server)
    const read = events(await handle(modernCall('it', {}, WATCHING)))
    await read.message()
    const { text } = read
    await read.cancel()
    await aborted.opened
    await idle(handle)
    expect(read.text).toBe(text)
  })

  test('whose request is aborted while its stream is open has cancelled the call [MCP-119]', async () => {
    const { server, aborted } = running({ speaks: true })
    await using handle = httpHandler(server)
    const client = new AbortController()
    const read = events(await handle(modernCall('it', {}, { ...WATCHING, signal: client.signal })))
    await read.message()
    client.abort()
    await aborted.opened
    await idle(handle)
    expect(await read.messages()).toEqual([])
  })

  test('does not stop a handler that pays no heed, and its answer goes nowhere', async () => {
    const { server, begun, aborted, let: go, settled } = running({ heeds: false, speaks: true })
    const log = recordingLog()
    await using handle = httpHandler(server, { log })
    const read = events(await handle(modernCall('it', {}, WATCHING)))
    await begun.opened
    await read.message()
    const { text } = read
    await read.cancel()
    await aborted.opened
    // it still runs, so its place is not free
    expect(handle.inFlight).toBe(1)
    go.open()
    await settled.opened
    await idle(handle)
    expect([read.text, log.lines]).toEqual([text, []])
  })

  test('is gone already when its request comes', async () => {
    const { server, let: go } = running({ heeds: false })
    await using handle = httpHandler(server)
    const client = new AbortController()
    const answer = handle(modernCall('it', {}, { signal: client.signal }))
    // before its body was read
    client.abort()
    expect((await answer).status).toBe(499)
    go.open()
    await idle(handle)
  })

  test('frees the place of a call that waited for one, which then never runs', async () => {
    const ran: unknown[] = []
    const { opened, open } = gate()
    const server = serverWith(async ({ n }) => {
      ran.push(n)
      await opened
      return 'done'
    })
    await using handle = httpHandler(server, { maxConcurrentCalls: 1, maxQueuedCalls: 1 })
    const client = new AbortController()
    const first = handle(modernCall('it', { n: 1 }))
    await microtasks()
    const second = handle(modernCall('it', { n: 2 }, { signal: client.signal }))
    await microtasks()
    client.abort()
    expect((await second).status).toBe(499)
    const third = handle(modernCall('it', { n: 3 }))
    await microtasks()
    open()
    expect([(await first).status, (await third).status]).toEqual([200, 200])
    expect(ran).toEqual([1, 3])
    await idle(handle)
  })

  test('after its answer changes nothing', async () => {
    const { server, let: go, reasons } = running({ speaks: true })
    await using handle = httpHandler(server)
    const client = new AbortController()
    const read = events(await handle(modernCall('it', {}, { ...WATCHING, signal: client.signal })))
    go.open()
    await read.messages()
    client.abort()
    await read.cancel()
    await idle(handle)
    expect(reasons).toEqual([])
  })

  test('before its subscription was acknowledged, or after, has ended it', async () => {
    const server = serverWith(() => 'unused')
    await using handle = httpHandler(server, { maxSubscriptions: 1 })
    const listen = (): Request => modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
    for (let i = 0; i < 3; i++) {
      const read = events(await handle(listen()))
      expect((await read.message()).method).toBe('notifications/subscriptions/acknowledged')
      await read.cancel()
      await idle(handle)
    }
  })
})

test('nothing keeps listening to a request that was answered', async () => {
  const { opened, open } = gate()
  await using handle = httpHandler(serverWith(() => opened.then(() => 'done')))
  const listeners = new Map<string, number>()
  const requests = Array.from({ length: 10 }, () => {
    const request = modernCall('it')
    const { signal } = request
    const count = (by: number): void => void listeners.set('abort', (listeners.get('abort') ?? 0) + by)
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.defineProperty(request, 'signal', {
      value: Object.assign(Object.create(signal), {
        addEventListener: (...args: Parameters<typeof add>) => {
          count(1)
          add(...args)
        },
        removeEventListener: (...args: Parameters<typeof remove>) => {
          count(-1)
          remove(...args)
        },
      }),
    })
    Object.defineProperty(request.signal, 'aborted', { get: () => signal.aborted })
    return request
  })
  const answers = requests.map((request) => handle(request))
  await microtasks()
  expect(listeners.get('abort')).toBe(10)
  open()
  for (const answer of answers) expect(await bodyOf(await answer)).toHaveProperty('result')
  expect(listeners.get('abort')).toBe(0)
})

describe('a reader that stalls', () => {
  /** A call that tells more than anybody reads. */
  function chatty(): { server: ReturnType<typeof serverWith>; aborted: Gate } {
    const aborted = gate()
    const server = serverWith(async ({ lines }, { log, signal }) => {
      for (let i = 0; i < Number(lines); i++) log('info', 'x'.repeat(1000))
      signal.addEventListener('abort', aborted.open)
      await aborted.opened
      return 'done'
    })
    return { server, aborted }
  }
  const LOUD: ModernOptions = { meta: { [META.logLevel]: 'debug' } }
  const options: HttpOptions = { highWaterLength: 1000, maxOutboundLength: 4000, stalledReaderMs: 30_000 }

  test('costs no more than its limits, and what it did not hear is counted', async () => {
    const clock = fakeClock()
    const { server } = chatty()
    await using handle = httpHandler(server, { ...options, clock, maxOutboundLength: 1_000_000 })
    const response = await handle(modernCall('it', { lines: 10_000 }, LOUD))
    await microtasks()
    const read = events(response)
    await read.until((text) => text.includes('log messages were dropped'))
    expect(read.text.length).toBeLessThan(50_000)
    await read.cancel()
  })

  test('is given up, the call with it, and the log says why; others are not', async () => {
    const clock = fakeClock()
    const log = recordingLog()
    const aborted = gate()
    const server = serverWith(
      async (_args, { signal }) => {
        signal.addEventListener('abort', aborted.open)
        await aborted.opened
        return 'done'
      },
      {},
      {
        middleware: [
          (request, next, exchange) => {
            // pays no heed to whether there is room
            const isLoud = request.params?.loud === true
            for (let i = 0; isLoud && i < 100; i++)
              void exchange.notify('notifications/message', { level: 'info', data: 'x'.repeat(1000) })
            return next(request)
          },
        ],
      },
    )
    await using handle = httpHandler(server, { ...options, clock, log, maxOutboundLength: 40_000 })
    const stalled = await handle(modern('tools/call', { name: 'it', loud: true }))
    const other = handle(modern('tools/call', { name: 'it' }))
    await microtasks()
    clock.advance(29_999)
    await microtasks()
    expect(log.lines).toEqual([])
    clock.advance(1)
    await aborted.opened
    const [line, ...more] = log.lines
    expect([line?.level, more]).toEqual(['warning', []])
    expect(line?.message).toContain('(stalledReaderMs)')
    expect((await other).status).toBe(200)
    await expect(stalled.text()).rejects.toThrow('stalledReaderMs')
  })
})
