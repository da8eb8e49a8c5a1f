import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Channel } from '../jsonrpc/channel.ts'
import { createFakeClock, settle } from './fake-clock.ts'
import { type Fault, plannedFaults, seededFaults, withFaults } from './faults.ts'
import { hear, note, text } from './hear.test.kit.ts'
import { memoryChannelPair } from './memory.ts'

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

test('a channel without a fault tells and is told everything that it is otherwise', () => {
  const told: unknown[] = []
  const back = {}
  const channel: Channel = {
    open(receiver) {
      receiver.message({ n: 1 }, 7, back)
      receiver.failed?.(3, new Error('no answer'))
      receiver.readEnd?.({ kind: 'remote', message: 'half' })
      receiver.end({ kind: 'remote', message: 'over' })
    },
    send: (_message, way) => void told.push(['send', way]),
    unanswered: (way) => void told.push(['unanswered', way]),
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
  const faulty = withFaults(channel, () => undefined)
  faulty.open({
    message: (...arrived) => void told.push(arrived),
    unreadable() {},
    failed: (id, { message }) => void told.push([id, message]),
    readEnd: ({ message }) => void told.push(message),
    end: ({ message }) => void told.push(message),
  })
  void faulty.send({ jsonrpc: '2.0', method: 'm' }, back)
  faulty.unanswered?.(back)
  expect(told).toEqual([[{ n: 1 }, 7, back], [3, 'no answer'], 'half', 'over', ['send', back], ['unanswered', back]])
})
