import { expect, test } from 'bun:test'
import { hear, note, text } from './hear.test.kit.ts'
import { createManualChannel } from './manual-channel.ts'

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
