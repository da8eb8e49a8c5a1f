import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Channel } from '../jsonrpc/channel.ts'
import type { CloseReason } from '../jsonrpc/errors.ts'
import type { JsonRpcMessage } from '../jsonrpc/message.ts'
import { createFakeClock, settle } from './fake-clock.ts'
import { type Fault, plannedFaults, seededFaults, withFaults } from './faults.ts'
import { createManualChannel } from './manual-channel.ts'
import { channelTap, memoryChannelPair } from './memory.ts'
import { createRandom } from './seed.ts'

/** What a channel tells its owner, as readable words. */
function hear(channel: Channel): string[] {
  const heard: string[] = []
  channel.open({
    message: (value) => void heard.push(JSON.stringify(value)),
    unreadable: ({ kind, id, salvaged }) => void heard.push(`${kind} ${id} ${JSON.stringify(salvaged)}`),
    readEnd: ({ message }) => void heard.push(`read end: ${message}`),
    end: ({ kind, message }: CloseReason) => void heard.push(`end: ${kind} ${message}`),
  })
  return heard
}

const note = (n: number): JsonRpcMessage => ({ jsonrpc: '2.0', id: n, method: 'm' })
const text = (n: number): string => JSON.stringify(note(n))

/** What arrives of messages 0, 1 and 2 when a fault strikes message 1. */
async function strike(fault: Fault): Promise<{ heard: string[]; later: string[] }> {
  const clock = createFakeClock()
  const [near, far] = memoryChannelPair()
  const heard = hear(withFaults(far, plannedFaults({ 1: fault }), clock))
  for (const n of [0, 1, 2]) void near.send(note(n))
  await settle()
  const soon = [...heard]
  await clock.advance(100)
  await near.close()
  await settle()
  return { heard: soon, later: heard.slice(soon.length) }
}

const gone = 'end: remote closed by the other side'

test.each<[Fault, string[], string[]]>([
  [{ kind: 'drop' }, [text(0), text(2)], [gone]],
  [{ kind: 'delay', ms: 50 }, [text(0), text(2)], [text(1), gone]],
  [{ kind: 'delay', ms: 500 }, [text(0), text(2)], [gone]],
  [{ kind: 'duplicate' }, [text(0), text(1), text(1), text(2)], [gone]],
  [{ kind: 'reorder' }, [text(0), text(2), text(1)], [gone]],
  [{ kind: 'truncate', length: 24 }, [text(0), 'syntax 1 undefined', text(2)], [gone]],
  [{ kind: 'garble', text: 'oops' }, [text(0), 'syntax undefined undefined', text(2)], [gone]],
  [{ kind: 'garble', text: '' }, [text(0), text(2)], [gone]],
  [{ kind: 'prefix', text: 'log ' }, [text(0), `syntax 1 ${text(1)}`, text(2)], [gone]],
  [{ kind: 'change_id', id: null }, [text(0), '{"jsonrpc":"2.0","method":"m","id":null}', text(2)], [gone]],
  [{ kind: 'change_id', id: undefined }, [text(0), '{"jsonrpc":"2.0","method":"m"}', text(2)], [gone]],
  [{ kind: 'close' }, [text(0), 'end: failed a fault closed the channel'], []],
])('the fault %j strikes the message it was planned for', async (fault, heard, later) => {
  expect(await strike(fault)).toEqual({ heard, later })
})

test('a message held back for reordering arrives before the end', async () => {
  const [near, far] = memoryChannelPair()
  const heard = hear(withFaults(far, plannedFaults({ 0: { kind: 'reorder' } })))
  void near.send(note(0))
  await near.close()
  await settle()
  expect(heard).toEqual([text(0), gone])
})

test('the same seed strikes in the same way', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const run = (): unknown[] => {
        const plan = seededFaults(seed, { rate: 0.5 })
        return Array.from({ length: 20 }, (_, index) => plan(index, note(index)))
      }
      expect(run()).toEqual(run())
    }),
  )
  const never = seededFaults(1, { rate: 0 })
  expect([0, 1, 2].map((index) => never(index, note(index)))).toEqual([undefined, undefined, undefined])
})

test('random numbers stay in their range and repeat by seed', () => {
  const [one, two] = [createRandom(42), createRandom(42)]
  const drawn = Array.from({ length: 1000 }, () => one.below(10))
  expect(drawn).toEqual(Array.from({ length: 1000 }, () => two.below(10)))
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  expect(() => one.pick([])).toThrow(RangeError)
})

test('the fake clock runs timers by their times, those set on the way as well', async () => {
  const clock = createFakeClock(100)
  const ran: string[] = []
  const note = (name: string) => (): void => void ran.push(`${name} at ${clock.now()}`)
  clock.after(30, note('late'))
  clock.after(10, note('first'))
  clock.after(10, () => {
    note('second')()
    void Promise.resolve().then(() => clock.after(5, note('set on the way')))
  })
  const stop = clock.after(20, note('stopped'))
  stop()
  await clock.advance(30)
  expect(ran).toEqual(['first at 110', 'second at 110', 'set on the way at 115', 'late at 130'])
  expect([clock.now(), clock.timers]).toEqual([130, 0])
})

test('a timer that throws fails the advance', async () => {
  const clock = createFakeClock()
  clock.after(1, () => {
    throw new Error('boom')
  })
  await expect(clock.advance(1)).rejects.toThrow('boom')
})

test('settling waits for chains of microtasks of any length', async () => {
  let hops = 0
  void (async () => {
    while (hops < 10_000) hops = await Promise.resolve(hops + 1)
  })()
  await settle()
  expect(hops).toBe(10_000)
})

test('a tap records both directions and prints them as a transcript', async () => {
  const [near, far] = memoryChannelPair()
  const tap = channelTap(near)
  hear(tap)
  far.open({ message: () => void far.send({ jsonrpc: '2.0', id: 1, result: {} }), unreadable() {}, end() {} })
  void tap.send(note(1))
  await settle()
  expect(tap.transcript('client')).toBe(`> ${text(1)}\n< {"jsonrpc":"2.0","id":1,"result":{}}\n`)
  expect(tap.transcript('server')).toBe(`< ${text(1)}\n> {"jsonrpc":"2.0","id":1,"result":{}}\n`)
})

test('a manual channel keeps what happens before it is opened', () => {
  const channel = createManualChannel({ maxMessageBytes: 60 })
  channel.arrive(note(1))
  channel.arriveText('rubbish')
  channel.arrive({ id: 2, pad: 'x'.repeat(60) })
  channel.readEnd()
  channel.end()
  channel.arrive(note(2))
  const [first, ...rest] = hear(channel)
  expect(first).toBe(text(1))
  expect(rest).toEqual([
    'syntax undefined undefined',
    'oversized 2 undefined',
    'read end: ended by the other side',
    'end: remote ended by the other side',
  ])
  void channel.send(note(3))
  expect(channel.sent).toEqual([])
})

test('memory channels carry only what JSON carries', async () => {
  const [near, far] = memoryChannelPair()
  const heard = hear(far)
  const shared = { a: undefined, when: new Date(0) }
  void near.send({ jsonrpc: '2.0', method: 'm', params: { one: shared, two: shared } })
  const inside = '{"when":"1970-01-01T00:00:00.000Z"}'
  await settle()
  expect(heard).toEqual([`{"jsonrpc":"2.0","method":"m","params":{"one":${inside},"two":${inside}}}`])
  expect(() => near.send({ jsonrpc: '2.0', method: 'm', params: { n: 1n } })).toThrow(TypeError)
})

test('memory channels end on both sides, after what was sent', async () => {
  const [near, far] = memoryChannelPair()
  const [here, there] = [hear(near), hear(far)]
  void near.send(note(1))
  await near.close()
  await near.close()
  void far.send(note(2))
  void near.send(note(3))
  await settle()
  expect(there).toEqual([text(1), gone])
  expect(here).toEqual(['end: local closed by this side'])
})
