import { describe, expect, test } from 'bun:test'
import { INTERNAL_ERROR, META, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../test/ask-kit.ts'
import {
  bodyOf,
  errorOf,
  events,
  initialize,
  legacySession,
  type ModernOptions,
  modern,
  modernCall,
  post,
  resultOf,
} from '../../test/http-kit.ts'
import { fakeClock, type Gate, gate, microtasks, recordingLog, textOf } from '../../test/kit.ts'
import type { Server } from '../server.ts'
import { httpHandler } from './handler.ts'

/** A tool whose calls run until the gate opens, whatever their signal says. */
function stubborn(): { server: Server; go: Gate; ran: unknown[]; reasons: unknown[] } {
  const go = gate()
  const ran: unknown[] = []
  const reasons: unknown[] = []
  const server = serverWith(async ({ n }, { signal, progress }) => {
    ran.push(n)
    signal.addEventListener('abort', () => reasons.push(signal.reason))
    progress(1)
    await go.opened
    return `done ${n}`
  })
  return { server, go, ran, reasons }
}

const call = (n: number, options: ModernOptions = {}): Request => modernCall('it', { n }, { id: n, ...options })
const WATCHING: ModernOptions = { meta: { [META.progressToken]: 'p' } }

describe('a server with more calls than it takes', () => {
  test('lets some wait, and refuses the others with when to come back', async () => {
    const { server, go, ran } = stubborn()
    await using handle = httpHandler(server, { maxConcurrentCalls: 2, maxQueuedCalls: 1 })
    const answers = [1, 2, 3].map((n) => handle(call(n)))
    await microtasks()
    expect(ran).toEqual([1, 2])
    const refused = await handle(call(4))
    const body = await bodyOf(refused)
    expect([refused.status, refused.headers.get('retry-after'), body.id]).toEqual([503, '1', 4])
    expect(errorOf(body)).toMatchObject({ code: SERVER_BUSY, data: { maxConcurrentCalls: 2, maxQueuedCalls: 1 } })
    // what needs no place is answered meanwhile
    expect((await handle(modern('tools/list'))).status).toBe(200)
    go.open()
    for (const answer of answers) expect((await answer).status).toBe(200)
    expect(ran).toEqual([1, 2, 3])
    expect((await handle(call(5))).status).toBe(200)
  })

  test('says so in sessions as well', async () => {
    const { server, go } = stubborn()
    await using handle = httpHandler(server, { maxConcurrentCalls: 1, maxQueuedCalls: 0 })
    const session = await legacySession(handle)
    const running = handle(call(1))
    await microtasks()
    const refused = await handle(session.request('tools/call', { name: 'it', arguments: { n: 2 } }))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(errorOf(await bodyOf(refused)).code).toBe(SERVER_BUSY)
    go.open()
    await running
  })
})

describe('a handler that drains', () => {
  test('answers what runs, and refuses what comes, with when to come back', async () => {
    const { server, go } = stubborn()
    const handle = httpHandler(server)
    const running = handle(call(1))
    const streaming = events(await handle(call(2, WATCHING)))
    const isDrained = handle.drain()
    for (const request of [call(3), modern('server/discover'), post(initialize())]) {
      const refused = await handle(request)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      expect(errorOf(await bodyOf(refused)).message).toBe('the server is shutting down')
    }
    expect(handle.inFlight).toBe(2)
    go.open()
    expect(textOf(resultOf(await bodyOf(await running)))).toBe('done 1')
    expect(textOf(resultOf((await streaming.messages()).at(-1) ?? {}))).toBe('done 2')
    await isDrained
    expect(handle.inFlight).toBe(0)
  })

  test('answers what still runs after its grace with an error, and has stopped it', async () => {
    const { server, go, ran, reasons } = stubborn()
    const clock = fakeClock()
    const log = recordingLog()
    const handle = httpHandler(server, { clock, log, maxConcurrentCalls: 2, streamAfterMs: 60_000 })
    const running = handle(call(1))
    const streaming = events(await handle(call(2, WATCHING)))
    const waiting = handle(call(3))
    await microtasks()
    const isDrained = handle.drain(5000)
    clock.advance(4999)
    await microtasks()
    expect(handle.inFlight).toBe(3)
    clock.advance(1)
    await isDrained
    expect(log.lines.filter(({ level }) => level === 'warning').map(({ message }) => message)).toEqual([
      '3 calls did not finish within 5000 ms',
    ])
    const told = { code: INTERNAL_ERROR, message: 'the server shut down before the call finished' }
    for (const answer of [running, waiting]) expect(errorOf(await bodyOf(await answer))).toEqual(told)
    const last = (await streaming.messages()).at(-1)
    expect([last?.id, errorOf(last ?? {})]).toEqual([2, told])
    expect(reasons).toHaveLength(2)
    go.open()
    await microtasks()
    expect(ran).toEqual([1, 2])
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('counts one call as one', async () => {
    const { server, go } = stubborn()
    const log = recordingLog()
    const handle = httpHandler(server, { log, streamAfterMs: 60_000 })
    const running = handle(call(1))
    await microtasks()
    await handle.close()
    expect(log.lines.map(({ message }) => message)).toContain('1 call did not finish within 0 ms')
    await running
    go.open()
  })

  test('with nothing running is done at once, and can be drained and closed again', async () => {
    const handle = httpHandler(stubborn().server, { clock: fakeClock() })
    expect((await handle(modern('tools/list'))).status).toBe(200)
    await Promise.all([handle.drain(), handle.drain(), handle.close()])
    await handle.close()
    await handle[Symbol.asyncDispose]()
    expect((await handle(modern('tools/list'))).status).toBe(503)
  })

  test('can be closed while it drains', async () => {
    const { server, go } = stubborn()
    const handle = httpHandler(server)
    const running = handle(call(1))
    await microtasks()
    const isDrained = handle.drain(600_000)
    await handle.close()
    await isDrained
    expect(errorOf(await bodyOf(await running)).code).toBe(INTERNAL_ERROR)
    go.open()
  })

  test('still tells browsers what they may send', async () => {
    const handle = httpHandler(stubborn().server)
    await handle.close()
    const headers = { origin: 'http://localhost:3000' }
    const asked = await handle(new Request(call(1).url, { method: 'OPTIONS', headers }))
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, headers.origin])
    const refused = await handle(call(1, { headers }))
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([503, headers.origin])
  })
})

test('several handlers over one definition do not know of each other', async () => {
  const { server, go } = stubborn()
  const [one, other] = [httpHandler(server), httpHandler(server)]
  const running = other(call(1))
  await microtasks()
  await one.close()
  expect([one.inFlight, other.inFlight]).toEqual([0, 1])
  go.open()
  expect((await running).status).toBe(200)
  await other.close()
})
