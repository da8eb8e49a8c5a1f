import type { Channel } from '../jsonrpc/channel.ts'
import { encodeMessage, type JsonRpcMessage } from '../jsonrpc/message.ts'

export { memoryChannelPair } from '../jsonrpc/memory-channel.ts'

/** One line that passed a tap, as JSON text; of a line that could not be read, its start. */
export interface TappedLine {
  way: 'sent' | 'received'
  text: string
}

/** The same channel with a record of what passes it. */
export interface ChannelTap extends Channel {
  /** Everything so far, oldest first. */
  readonly lines: readonly TappedLine[]
  /** The record in the format of {@link playTranscript}, for a tap on the client's or on the server's end. */
  transcript(end: 'client' | 'server'): string
}

/** Records the lines of a channel in both directions, in the order this end saw them. */
export function channelTap(channel: Channel): ChannelTap {
  const lines: TappedLine[] = []
  return {
    lines,
    transcript(end) {
      const toServer = end === 'client' ? 'sent' : 'received'
      return lines.map(({ way, text }) => `${way === toServer ? '>' : '<'} ${text}\n`).join('')
    },
    open(receiver) {
      channel.open({
        message(value, length) {
          lines.push({ way: 'received', text: JSON.stringify(value) })
          receiver.message(value, length)
        },
        unreadable(fault) {
          lines.push({ way: 'received', text: fault.excerpt })
          receiver.unreadable(fault)
        },
        readEnd: (reason) => receiver.readEnd?.(reason),
        end: (reason) => receiver.end(reason),
      })
    },
    send(message, way) {
      const text = encodeLine(message)
      lines.push({ way: 'sent', text })
      return channel.send(message, way)
    },
    close: () => channel.close(),
    [Symbol.asyncDispose]: () => channel.close(),
  }
}

/** A message, or a batch of them, as the one line a pipe carries. @throws as {@link encodeMessage} does */
export function encodeLine(message: JsonRpcMessage | JsonRpcMessage[]): string {
  return Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
}
