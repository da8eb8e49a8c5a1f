import { describe, expect, test } from 'bun:test'
import { type Exchange, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { eachEra, gate, microtasks, textOf } from '../test/kit.ts'
import { createLimiter } from './limiter.ts'
import { tool } from './registry/tool.ts'
import { createServer } from './server.ts'
import { createServing } from './serving.ts'

interface Call {
  exchange: Exchange & { cancelled: boolean }
  cancel(): void
}

function call(length = 0): Call {
  const controller = new AbortController()
  const exchange = { id: 1, length, signal: controller.signal, cancelled: false, notify: () => undefined }
  return {
    exchange,
    cancel() {
      exchange.cancelled = true
      controller.abort(new Error('cancelled'))
    },
  }
}

describe('the limiter', () => {
  test('runs so many at once, the others in the order they came [MCP-212]', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 2, maxQueuedCalls: 10 })
    const gates = Array.from({ length: 5 }, () => gate())
    const started: number[] = []
    const calls = gates.map((one, i) =>
      run(call().exchange, async () => {
        started.push(i)
        await one.opened
        return i
      }),
    )
    expect(started).toEqual([0, 1])
    gates[1]?.open()
    await calls[1]
    expect(started).toEqual([0, 1, 2])
    for (const one of gates) one.open()
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4])
    expect(started).toEqual([0, 1, 2, 3, 4])
  })

  test('refuses more text than may be held, running and waiting together, and takes it again when there is room', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxHeldLength: 10 })
    const held = gate()
    const first = run(call(6).exchange, () => held.opened)
    const second = run(call(4).exchange, async () => 'second')
    expect(() => run(call(1).exchange, async () => 'third')).toThrow('10 characters of requests are held')
    held.open()
    await Promise.all([first, second])
    expect(await run(call(10).exchange, async () => 'fourth')).toBe('fourth')
  })

  test('runs a request that is longer than may be held when it is alone', async () => {
    const { run } = createLimiter({ maxHeldLength: 10 })
    expect(await run(call(11).exchange, async () => 'done')).toBe('done')
  })

  test('gives the text of a waiting call free when it is cancelled', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxHeldLength: 10 })
    const held = gate()
    const first = run(call(5).exchange, () => held.opened)
    const waiting = call(5)
    const second = Promise.resolve(run(waiting.exchange, async () => 'never')).catch(() => 'given up')
    waiting.cancel()
    const third = run(call(5).exchange, async () => 'third')
    held.open()
    expect(await Promise.all([first, second, third])).toMatchObject([undefined, 'given up', 'third'])
  })

  test('never counts a call that finishes at once', () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxQueuedCalls: 0 })
    for (let i = 0; i < 10; i++) expect(run(call().exchange, () => i)).toBe(i)
  })

  test('refuses what neither finds a place nor may wait, saying how many do', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxQueuedCalls: 1 })
    const held = gate()
    const first = run(call().exchange, () => held.opened)
    const second = run(call().exchange, async () => 'second')
    const refused = (): unknown => run(call().exchange, async () => 'third')
    expect(refused).toThrow(
      new RpcError(SERVER_BUSY, 'the server is busy: 1 calls run and 1 wait', {
        maxConcurrentCalls: 1,
        maxQueuedCalls: 1,
        maxHeldLength: 256 * 1024 * 1024,
      }),
    )
    held.open()
    await first
    expect(await second).toBe('second')
    expect(await run(call().exchange, async () => 'fourth')).toBe('fourth')
  })

  test('gives a place back when a call fails, at once or later', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxQueuedCalls: 10 })
    const failing = run(call().exchange, () => Promise.reject(new Error('later')))
    const throwing = run(call().exchange, () => {
      throw new Error('at once')
    })
    const last = run(call().exchange, async () => 'ran')
    await expect(failing).rejects.toThrow('later')
    await expect(throwing).rejects.toThrow('at once')
    expect(await last).toBe('ran')
  })

  test('never runs a waiting call that was cancelled, and settles it', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxQueuedCalls: 10 })
    const held = gate()
    const first = run(call().exchange, () => held.opened)
    const cancelled = call()
    let ran = false
    const second = run(cancelled.exchange, async () => {
      ran = true
    })
    const third = run(call().exchange, async () => 'third')
    cancelled.cancel()
    held.open()
    await first
    await expect(second).rejects.toThrow('cancelled')
    expect(await third).toBe('third')
    expect(ran).toBe(false)
  })

  test('gives the place of a cancelled call in the queue to the next', async () => {
    const { run } = createLimiter({ maxConcurrentCalls: 1, maxQueuedCalls: 1 })
    const held = gate()
    const first = run(call().exchange, () => held.opened)
    const cancelled = call()
    const second = run(cancelled.exchange, async () => 'second')
    cancelled.cancel()
    const third = run(call().exchange, async () => 'third')
    await expect(second).rejects.toThrow('cancelled')
    held.open()
    await first
    expect(await third).toBe('third')
  })

  test('refuses limits under which nothing could ever run', () => {
    for (const limit of [0, -1, Number.NaN]) {
      expect(() => createLimiter({ maxConcurrentCalls: limit })).toThrow(
        `maxConcurrentCalls must be at least 1, got ${limit}`,
      )
    }
    expect(() => createLimiter({ maxQueuedCalls: -1 })).toThrow('maxQueuedCalls must be at least 0, got -1')
    const server = createServer({ name: 's', version: '1' })
    expect(() => createServing(server, { maxConcurrentCalls: 0 })).toThrow('maxConcurrentCalls')
    expect(() => createServing(server, { askTimeoutMs: 0 })).toThrow('askTimeoutMs must be at least 1, got 0')
  })
})

eachEra((_era, open) => {
  test('calls past both limits are told that the server is busy; lists and quick calls are not', async () => {
    const held = gate()
    const slow = tool({
      name: 'slow',
      run: async () => {
        await held.opened
        return 'slow'
      },
    })
    const server = createServer({ name: 's', version: '1', tools: [slow] })
    await using pair = await open(server, { maxConcurrentCalls: 1, maxQueuedCalls: 1 })
    const running = pair.call('slow')
    const waiting = pair.call('slow')
    await expect(pair.call('slow')).rejects.toMatchObject({
      code: SERVER_BUSY,
      data: { maxConcurrentCalls: 1, maxQueuedCalls: 1 },
    })
    await pair.barrier()
    await expect(pair.call('unknown')).rejects.toThrow('unknown tool')
    held.open()
    expect(textOf(await running)).toBe('slow')
    expect(textOf(await waiting)).toBe('slow')
    expect(textOf(await pair.call('slow'))).toBe('slow')
  })

  test('a cancelled call frees its place in the queue', async () => {
    const held = gate()
    let runs = 0
    const slow = tool({
      name: 'slow',
      async run() {
        runs++
        await held.opened
        return 'slow'
      },
    })
    await using pair = await open(createServer({ name: 's', version: '1', tools: [slow] }), {
      maxConcurrentCalls: 1,
      maxQueuedCalls: 1,
    })
    const running = pair.call('slow')
    const cancel = new AbortController()
    const cancelled = pair.call('slow', {}, {}, { signal: cancel.signal })
    await microtasks()
    cancel.abort(new Error('enough'))
    await expect(cancelled).rejects.toThrow('enough')
    const next = pair.call('slow')
    await microtasks()
    held.open()
    await Promise.all([running, next])
    expect(runs).toBe(2)
    expect(pair.connection.inFlight).toBe(0)
  })
})
