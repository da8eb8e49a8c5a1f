import { expect, test } from 'bun:test'
import type { Channel } from '../jsonrpc/channel.ts'
import type { CloseReason } from '../jsonrpc/errors.ts'
import type { JsonRpcMessage } from '../jsonrpc/message.ts'
import { createManualChannel } from './manual-channel.ts'

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
