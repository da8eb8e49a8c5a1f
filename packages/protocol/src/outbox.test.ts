import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createOutbox, type OutboxFailure, type OutboxOptions } from './outbox.ts'
import { createFakeClock, settle } from './testing/fake-clock.ts'

const PIECE = 1024 * 1024
const HIGH_WATER = 10
const LIMIT = 20
const STALLED_MS = 100

/** An outbox into a pipe that takes everything at once, unless it is told to be full. */
function setUp({ full = false, ...changes }: Partial<OutboxOptions> & { full?: boolean } = {}) {
  const written: string[] = []
  const failures: OutboxFailure[] = []
  const clock = createFakeClock()
  let pending: PromiseWithResolvers<void> | undefined
  const pipe = { full, error: undefined as Error | undefined }
  const outbox = createOutbox({
    write(text) {
      if (pipe.error !== undefined) throw pipe.error
      written.push(text)
      if (!pipe.full) return
      pending = Promise.withResolvers()
      return pending.promise
    },
    highWaterLength: HIGH_WATER,
    maxLength: LIMIT,
    stalledMs: STALLED_MS,
    clock,
    onFailed: (failure) => failures.push(failure),
    ...changes,
  })
  async function drain({ thenFull = false } = {}): Promise<void> {
    pipe.full = thenFull
    pending?.resolve()
    await settle()
  }
  async function reject(error: Error): Promise<void> {
    pending?.reject(error)
    await settle()
  }
  return { outbox, written, failures, clock, pipe, drain, reject }
}

test('what is pushed in one tick is one write', async () => {
  const { outbox, written } = setUp()
  expect(outbox.push('a\n')).toBeUndefined()
  expect(outbox.push('b\n')).toBeUndefined()
  expect(written).toEqual([])
  await settle()
  expect(outbox.push('c\n')).toBeUndefined()
  await settle()
  expect(written).toEqual(['a\nb\n', 'c\n'])
})

test('what is pushed while a write is under way joins the next one', async () => {
  const { outbox, written, drain } = setUp({ full: true })
  void outbox.push('a\n')
  await settle()
  void outbox.push('b\n')
  await settle()
  void outbox.push('c\n')
  expect(written).toEqual(['a\n'])
  await drain()
  expect(written).toEqual(['a\n', 'b\nc\n'])
})

test('a sender waits above the high-water mark only, until there is room again', async () => {
  const { outbox, drain } = setUp({ full: true })
  expect(outbox.push('x'.repeat(HIGH_WATER))).toBeUndefined()
  const waiting = outbox.push('y')
  expect(waiting).toBeInstanceOf(Promise)
  expect(outbox.push('z')).toBe(waiting)
  let resumed = false
  void Promise.resolve(waiting).then(() => {
    resumed = true
  })
  await settle()
  expect(resumed).toBe(false)
  await drain()
  expect(resumed).toBe(true)
  expect(outbox.push('more')).toBeUndefined()
})

test('a long text leaves in pieces that put no surrogate pair apart', async () => {
  const { outbox, written } = setUp()
  const text = `${'x'.repeat(PIECE - 1)}😀${'y'.repeat(PIECE)}`
  void outbox.push(text)
  await outbox.finish()
  expect(written.map(({ length }) => length)).toEqual([PIECE - 1, PIECE, 2])
  expect(written.join('')).toBe(text)
})

test('whatever is pushed and whenever it drains, everything leaves in order', async () => {
  const step = fc.record({ text: fc.string({ minLength: 1 }), drains: fc.boolean(), turns: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step), async (steps) => {
      const { outbox, written, drain } = setUp({ full: true, maxLength: Number.POSITIVE_INFINITY })
      for (const { text, drains, turns } of steps) {
        void outbox.push(text)
        if (turns) await settle()
        if (drains) await drain({ thenFull: true })
      }
      const finished = outbox.finish()
      await drain()
      await finished
      expect(written.join('')).toBe(steps.map(({ text }) => text).join(''))
    }),
  )
})

test('a reader that takes nothing while too much waits is given up', async () => {
  const { outbox, failures, clock } = setUp({ full: true })
  void outbox.push('1234567890\n')
  await settle()
  const waiting = outbox.push('1234567890\n')
  await clock.advance(STALLED_MS - 1)
  expect(failures).toEqual([])
  await clock.advance(1)
  expect(failures).toEqual([{ kind: 'stalled', length: 22, stalledMs: STALLED_MS }])
  await waiting
  expect(outbox.push('x'.repeat(LIMIT))).toBeUndefined()
  expect(clock.timers).toBe(0)
})

test('a reader that is slow but reads is not given up', async () => {
  const { outbox, failures, clock, drain, written } = setUp({ full: true })
  void outbox.push('x'.repeat(LIMIT + 1))
  await settle()
  await clock.advance(STALLED_MS - 1)
  void outbox.push('y'.repeat(LIMIT + 1))
  await drain({ thenFull: true })
  await clock.advance(STALLED_MS - 1)
  await drain()
  expect(failures).toEqual([])
  expect(written.length).toBe(2)
  expect(clock.timers).toBe(0)
})

test('a reader that stands still with little to read is waited for', async () => {
  const { outbox, failures, clock } = setUp({ full: true })
  void outbox.push('short\n')
  await clock.advance(1_000_000)
  expect(failures).toEqual([])
  expect(clock.timers).toBe(0)
})

test('what is pushed on top of a full queue is bounded, whatever the size of a single message', async () => {
  const { outbox, failures } = setUp({ full: true })
  void outbox.push('x'.repeat(500))
  await settle()
  void outbox.push('y'.repeat(4 * LIMIT))
  expect(failures).toEqual([])
  void outbox.push('z')
  expect(failures).toEqual([{ kind: 'overrun', length: 581 }])
})

test('what was pushed on top is forgotten once the reader has caught up', async () => {
  const { outbox, failures, pipe, drain } = setUp()
  for (let round = 0; round < 5; round++) {
    pipe.full = true
    void outbox.push('x'.repeat(2 * LIMIT))
    await settle()
    void outbox.push('y'.repeat(3 * LIMIT))
    await drain()
  }
  expect(failures).toEqual([])
})

test('a broken pipe is told once, at once or later, and lets every sender go', async () => {
  const gone = Object.assign(new Error('broken pipe'), { code: 'EPIPE' })
  const early = setUp()
  early.pipe.error = gone
  void early.outbox.push('a')
  await settle()
  expect(early.failures).toEqual([{ kind: 'broken', error: gone }])

  const late = setUp({ full: true })
  const waiting = [late.outbox.push('x'.repeat(HIGH_WATER + 1)), late.outbox.push('y')]
  const finished = late.outbox.finish()
  await settle()
  await late.reject(gone)
  await Promise.all([...waiting, finished])
  expect(late.failures).toEqual([{ kind: 'broken', error: gone }])
})

test('finishes when the last write has left, and takes nothing after that', async () => {
  const { outbox, written, drain } = setUp({ full: true })
  void outbox.push('a')
  await settle()
  void outbox.push('b')
  let finished = false
  const done = outbox.finish().then(() => {
    finished = true
  })
  void outbox.push('too late')
  await settle()
  expect(finished).toBe(false)
  await drain()
  await done
  expect(written).toEqual(['a', 'b'])
})

test('finishing with patience ends although the reader takes nothing, however little waits', async () => {
  const { outbox, failures, clock } = setUp({ full: true })
  void outbox.push('a')
  await settle()
  const done = outbox.finish(30)
  await clock.advance(30)
  await done
  expect(failures).toEqual([{ kind: 'stalled', length: 1, stalledMs: 30 }])
})

test('finishes at once when nothing was ever sent', async () => {
  await setUp().outbox.finish()
})

test('a stop while a write is under way lets every sender go and the write end unheard', async () => {
  const { outbox, written, failures, reject } = setUp({ full: true })
  const waiting = outbox.push('x'.repeat(HIGH_WATER + 1))
  await settle()
  outbox.stop()
  await waiting
  await reject(new Error('EPIPE'))
  expect(failures).toEqual([])
  expect(written).toHaveLength(1)
})
