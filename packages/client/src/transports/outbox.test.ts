import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type FakeClock, fakeClock } from '../testing/fake-clock.test.kit.ts'
import { settled } from './fake-child.test.kit.ts'
import { createOutbox, type Outbox } from './outbox.ts'

const PIECE = 1024 * 1024

test('what is pushed in one tick is one write', async () => {
  const { outbox, writes } = start()
  void outbox.push('a')
  void outbox.push('b')
  await settled()
  void outbox.push('c')
  await settled()
  expect(writes).toEqual(['ab', 'c'])
})

test('while a write is under way the next ones join', async () => {
  const { outbox, writes, pipe } = start({ full: true })
  void outbox.push('a')
  await settled()
  void outbox.push('b')
  await settled()
  void outbox.push('c')
  expect(writes).toEqual(['a'])
  pipe.drain()
  await settled()
  expect(writes).toEqual(['a', 'bc'])
})

test('a sender waits above the high-water mark only, until the queue is below it', async () => {
  const { outbox, pipe } = start({ full: true })
  expect(outbox.push('x'.repeat(100))).toBeUndefined()
  const waiting = outbox.push('y')
  expect(waiting).toBeInstanceOf(Promise)
  let went = false
  void waiting?.then(() => {
    went = true
  })
  await settled()
  expect(went).toBe(false)
  pipe.drain()
  await settled()
  expect(went).toBe(true)
})

test('long text leaves in pieces that put no surrogate pair apart', async () => {
  const { outbox, writes } = start()
  const text = `${'x'.repeat(PIECE - 1)}🎉${'y'.repeat(PIECE)}`
  void outbox.push(text)
  await outbox.drained()
  expect(writes.map(({ length }) => length)).toEqual([PIECE - 1, PIECE, 2])
  expect(writes.join('')).toBe(text)
})

test('whatever is pushed and whenever it drains, everything leaves in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text: fc.string({ minLength: 1 }), drain: fc.boolean(), turn: fc.boolean() })),
      async (steps) => {
        const { outbox, writes, pipe } = start({ full: true })
        for (const { text, drain, turn } of steps) {
          void outbox.push(text)
          if (turn) await settled()
          if (drain) pipe.drain()
        }
        pipe.full = false
        pipe.drain()
        await outbox.drained()
        expect(writes.join('')).toBe(steps.map(({ text }) => text).join(''))
      },
    ),
  )
})

test('a broken pipe is told once, and lets every sender go', async () => {
  const { outbox, pipe, broken } = start({ full: true })
  const waiting = [outbox.push('x'.repeat(101)), outbox.push('y')]
  const drained = outbox.drained()
  await settled()
  const error = new Error('EPIPE')
  pipe.fail(error)
  await Promise.all([...waiting, drained])
  expect(broken).toEqual([error])
  expect(outbox.push('x'.repeat(200))).toBeUndefined()
})

test('a stop while a write is under way lets it end unheard', async () => {
  const { outbox, pipe, broken, writes } = start({ full: true })
  const waiting = outbox.push('x'.repeat(101))
  await settled()
  outbox.stop()
  await waiting
  pipe.fail(new Error('EPIPE'))
  await settled()
  expect(broken).toEqual([])
  expect(writes).toHaveLength(1)
})

test('a queue over the limit is stalled only when nothing leaves for the whole time', async () => {
  const { outbox, pipe, clock, stalls } = start({ full: true })
  void outbox.push('x'.repeat(3 * PIECE))
  await settled()
  for (let piece = 0; piece < 2; piece++) {
    clock.advance(29_000)
    pipe.drain()
    await settled()
  }
  expect(stalls).toEqual([])
  clock.advance(30_000)
  expect(stalls).toEqual([PIECE])
})

test('a queue that comes below the limit is not stalled', async () => {
  const { outbox, pipe, clock, stalls } = start({ full: true })
  void outbox.push('x'.repeat(2000))
  await settled()
  pipe.drain()
  await settled()
  expect(clock.pending).toBe(0)
  clock.advance(60_000)
  expect(stalls).toEqual([])
})

interface Pipe {
  full: boolean
  drain(): void
  fail(error: Error): void
}

interface Started {
  outbox: Outbox
  writes: string[]
  pipe: Pipe
  clock: FakeClock
  broken: unknown[]
  stalls: number[]
}

function start({ full = false } = {}): Started {
  let pending: PromiseWithResolvers<void> | undefined
  const pipe: Pipe = {
    full,
    drain() {
      pending?.resolve()
      pending = undefined
    },
    fail: (error) => pending?.reject(error),
  }
  const writes: string[] = []
  const broken: unknown[] = []
  const stalls: number[] = []
  const clock = fakeClock()
  const outbox = createOutbox({
    write(text) {
      writes.push(text)
      if (!pipe.full) return
      pending = Promise.withResolvers()
      return pending.promise
    },
    highWaterLength: 100,
    maxLength: 1000,
    stalledMs: 30_000,
    onBroken: (error) => broken.push(error),
    onStalled: (length) => stalls.push(length),
    timer: clock,
  })
  return { outbox, writes, pipe, clock, broken, stalls }
}
