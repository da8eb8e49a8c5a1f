import { expect, test } from 'bun:test'
import type { CloseReason } from '@bao-mcp/protocol/engine'
import { fakeClock } from './fake-clock.test.kit.ts'
import { createOutbox, type OutboxLimits } from './outbox.ts'

const limits: OutboxLimits = { highWaterBytes: 10, maxOutboundBytes: 20, stalledReaderMs: 100, closingStalledMs: 30 }
const turn = (): Promise<void> => Promise.resolve()

/** A reader that takes everything at once, unless it is told to block. */
function setUp(changes: Partial<OutboxLimits> = {}) {
  const written: string[] = []
  const broken: CloseReason[] = []
  const clock = fakeClock()
  let blocked: PromiseWithResolvers<void> | undefined
  let failure: Error | undefined
  let blocks = false
  const outbox = createOutbox({
    ...limits,
    ...changes,
    clock,
    onBroken: (reason) => broken.push(reason),
    sink: {
      write(text) {
        if (failure !== undefined) throw failure
        written.push(text)
        if (!blocks) return
        blocked = Promise.withResolvers()
        return blocked.promise
      },
    },
  })
  return {
    outbox,
    written,
    broken,
    clock,
    block: () => {
      blocks = true
    },
    take: async (thenBlocks = false) => {
      blocks = thenBlocks
      blocked?.resolve()
      await turn()
      await turn()
    },
    failWrites: (error: Error) => {
      failure = error
    },
    reject: async (error: Error) => {
      blocked?.reject(error)
      await turn()
      await turn()
    },
  }
}

test('writes what is pushed in one tick in one piece', async () => {
  const { outbox, written } = setUp()
  expect(outbox.push('a\n')).toBeUndefined()
  expect(outbox.push('b\n')).toBeUndefined()
  expect(written).toEqual([])
  await turn()
  expect(written).toEqual(['a\nb\n'])
})

test('gathers what is pushed while a write is blocked into the next one', async () => {
  const { outbox, written, block, take } = setUp()
  block()
  outbox.push('a\n')
  await turn()
  outbox.push('b\n')
  await turn()
  outbox.push('c\n')
  await turn()
  expect(written).toEqual(['a\n'])
  await take()
  expect(written).toEqual(['a\n', 'b\nc\n'])
})

test('asks senders to wait over the high water mark, until there is room again', async () => {
  const { outbox, block, take } = setUp()
  block()
  expect(outbox.push('12345\n')).toBeUndefined()
  const waiting = outbox.push('67890\n')
  expect(waiting).toBeInstanceOf(Promise)
  expect(outbox.push('x\n')).toBe(waiting)
  await turn()
  let resumed = false
  void Promise.resolve(waiting).then(() => {
    resumed = true
  })
  await turn()
  expect(resumed).toBe(false)
  await take()
  await waiting
  expect(outbox.push('y\n')).toBeUndefined()
})

test('cuts a long text into pieces, and never a character in two', async () => {
  const { outbox, written } = setUp({ maxOutboundBytes: 1e9 })
  const text = `${'x'.repeat(1024 * 1024 - 1)}😀${'y'.repeat(1024 * 1024)}\n`
  void outbox.push(text)
  await turn()
  expect(written.length).toBe(3)
  expect(written.every((piece) => piece.isWellFormed())).toBe(true)
  expect(written.join('')).toBe(text)
})

test('gives up a reader that takes nothing while too much waits', async () => {
  const { outbox, broken, clock, block } = setUp()
  block()
  outbox.push('1234567890\n')
  await turn()
  const waiting = outbox.push('1234567890\n')
  clock.advance(99)
  expect(broken).toEqual([])
  clock.advance(1)
  expect(broken.map(({ kind, message }) => [kind, message])).toEqual([
    ['failed', 'the reader of stdout took nothing for 100 ms while 22 bytes waited'],
  ])
  await waiting
  expect(outbox.push('late\n')).toBeUndefined()
  expect(clock.pending).toBe(0)
})

test('is patient with a reader that is slow but reads', async () => {
  const { outbox, broken, clock, block, take, written } = setUp()
  block()
  void outbox.push(`${'x'.repeat(30)}\n`)
  await turn()
  clock.advance(99)
  void outbox.push(`${'y'.repeat(30)}\n`)
  await take(true)
  clock.advance(99)
  expect(broken).toEqual([])
  await take()
  expect(written.length).toBe(2)
  expect(clock.pending).toBe(0)
})

test('never waits for a reader that stands still with little to read', async () => {
  const { outbox, broken, clock, block } = setUp()
  block()
  outbox.push('short\n')
  await turn()
  clock.advance(1_000_000)
  expect(broken).toEqual([])
})

test('bounds what is pushed beyond the limit, whatever the size of a single message', async () => {
  const { outbox, broken, block } = setUp()
  block()
  void outbox.push(`${'x'.repeat(500)}\n`)
  await turn()
  void outbox.push(`${'y'.repeat(79)}\n`)
  expect(broken.length).toBe(0)
  void outbox.push('z\n')
  expect(broken.map(({ kind, message }) => [kind, message])).toEqual([
    ['failed', 'the reader of stdout is too slow: 583 bytes wait (maxOutboundBytes 20)'],
  ])
})

test('forgets what was pushed beyond the limit once the reader has caught up', async () => {
  const { outbox, broken, block, take } = setUp()
  for (let round = 0; round < 5; round++) {
    block()
    void outbox.push(`${'x'.repeat(50)}\n`)
    await turn()
    void outbox.push(`${'y'.repeat(70)}\n`)
    await take()
  }
  expect(broken).toEqual([])
})

test('names a reader that is gone, at once or later', async () => {
  const gone = Object.assign(new Error('broken pipe'), { code: 'EPIPE' })
  const early = setUp()
  early.failWrites(gone)
  early.outbox.push('a\n')
  await turn()
  expect(early.broken).toEqual([{ kind: 'remote', message: 'the reader of stdout is gone (EPIPE)', error: gone }])

  const late = setUp()
  late.block()
  late.outbox.push('a\n')
  await turn()
  await late.reject(gone)
  expect(late.broken.map(({ kind }) => kind)).toEqual(['remote'])
})

test('tells any other failure to write as one', async () => {
  const { outbox, broken, failWrites } = setUp()
  failWrites(new Error('no space left'))
  outbox.push('a\n')
  await turn()
  expect(broken.map(({ kind, message }) => [kind, message])).toEqual([
    ['failed', 'stdout cannot be written: no space left'],
  ])
})

test('finishes when the last write has left, and takes nothing after that', async () => {
  const { outbox, written, block, take } = setUp()
  block()
  outbox.push('a\n')
  await turn()
  outbox.push('b\n')
  let finished = false
  const done = outbox.finish().then(() => {
    finished = true
  })
  outbox.push('too late\n')
  await turn()
  expect(finished).toBe(false)
  await take()
  await done
  expect(written).toEqual(['a\n', 'b\n'])
})

test('finishes although the reader takes nothing, after the shorter patience', async () => {
  const { outbox, broken, clock, block } = setUp()
  block()
  outbox.push('a\n')
  await turn()
  const done = outbox.finish()
  clock.advance(30)
  await done
  expect(broken.map(({ message }) => message)).toEqual([
    'the reader of stdout took nothing for 30 ms while 2 bytes waited',
  ])
})

test('finishes at once when nothing was ever sent', async () => {
  await setUp().outbox.finish()
})
