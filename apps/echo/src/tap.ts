import type { Transport } from '@bao-mcp/client'
import type { Channel, JsonRpcMessage } from '@bao-mcp/protocol/engine'

/** Where a message was going. */
export type Direction = 'to server' | 'to client'

/** The same way to a server, with every message shown to `see` as it passes. */
export function tapped(transport: Transport, see: (direction: Direction, message: unknown) => void): Transport {
  return {
    ...transport,
    async open(options) {
      return tappedChannel(await transport.open(options), see)
    },
  }
}

function tappedChannel(channel: Channel, see: (direction: Direction, message: unknown) => void): Channel {
  return {
    open: (receiver) =>
      channel.open({
        message(value) {
          see('to client', value)
          receiver.message(value)
        },
        unreadable: (fault) => receiver.unreadable(fault),
        readEnd: (reason) => receiver.readEnd?.(reason),
        end: (reason) => receiver.end(reason),
      }),
    send(message: JsonRpcMessage | JsonRpcMessage[], belongsTo) {
      see('to server', message)
      return channel.send(message, belongsTo)
    },
    close: () => channel.close(),
    [Symbol.asyncDispose]: () => channel.close(),
  }
}
