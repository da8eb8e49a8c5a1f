import type { Channel } from '../jsonrpc/channel.ts'
import { encodeMessage, type JsonRpcMessage } from '../jsonrpc/message.ts'

export { memoryChannelPair } from '../jsonrpc/memory-channel.ts'

/** One line that passed a tap, as JSON text; of a line that could not be read, its start. */
export interface TappedLine {
  way: 'sent' | 'received'
  text: string
}

/** The same channel with a record of what passes it. */
export interface ChannelTap extends Required<Channel> {
  /** Everything so far, oldest first. */
  readonly lines: readonly TappedLine[]
}

/**
 * Sees the lines of a channel in both directions, in the order this end saw them, secrets included.
 * @param onLine is told each of them instead of keeping it
 */
export function channelTap(channel: Channel, onLine?: (line: TappedLine) => void): ChannelTap {
  const lines: TappedLine[] = []
  const see = onLine ?? ((line: TappedLine) => void lines.push(line))
  return {
    lines,
    open(receiver) {
      channel.open({
        message(value, length, way) {
          see({ way: 'received', text: JSON.stringify(value) })
          receiver.message(value, length, way)
        },
        unreadable(fault) {
          see({ way: 'received', text: fault.excerpt })
          receiver.unreadable(fault)
        },
        failed: (id, error) => receiver.failed?.(id, error),
        readEnd: (reason) => receiver.readEnd?.(reason),
        end: (reason) => receiver.end(reason),
      })
    },
    send(message, way) {
      see({ way: 'sent', text: encodeLine(message) })
      return channel.send(message, way)
    },
    unanswered: (way) => channel.unanswered?.(way),
    close: () => channel.close(),
    [Symbol.asyncDispose]: () => channel.close(),
  }
}

/** A message, or a batch of them, as the one line a pipe carries. @throws as {@link encodeMessage} does */
export function encodeLine(message: JsonRpcMessage | JsonRpcMessage[]): string {
  return Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
}
