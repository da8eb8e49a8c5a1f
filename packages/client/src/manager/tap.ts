import type { Channel, JsonRpcMessage } from '@bao-mcp/protocol/engine'
import type { Transport } from '../transports/transport.ts'

/** One message on its way, as it is; a batch is an array. */
export interface TapMessage {
  readonly server: string
  readonly direction: 'sent' | 'received'
  /** Belongs to the conversation: it must not be changed. May hold secrets in arguments and results; never headers. */
  readonly message: unknown
}

export type See = (direction: TapMessage['direction'], message: unknown) => void

/** The same way to a server, with every message shown as it passes. */
export function tapped(transport: Transport, see: See): Transport {
  return {
    name: transport.name,
    identity: transport.identity,
    silenceIsEvidence: transport.silenceIsEvidence,
    ...(transport.openings !== undefined && { openings: transport.openings }),
    // it may change with the login
    get principal() {
      return transport.principal
    },
    identify: transport.identify,
    async open(options) {
      return tappedChannel(await transport.open(options), see)
    },
  }
}

function tappedChannel(channel: Channel, see: See): Channel {
  const close = (): Promise<void> => channel.close()
  return {
    open(receiver) {
      const { failed, readEnd } = receiver
      channel.open({
        message(value, length, way) {
          see('received', value)
          receiver.message(value, length, way)
        },
        unreadable(fault) {
          see('received', `(no message) ${fault.excerpt}`)
          receiver.unreadable(fault)
        },
        ...(failed !== undefined && {
          failed: (id: string | number, error: Error) => failed.call(receiver, id, error),
        }),
        ...(readEnd !== undefined && { readEnd: (reason) => readEnd.call(receiver, reason) }),
        end: (reason) => receiver.end(reason),
      })
    },
    send(message: JsonRpcMessage | JsonRpcMessage[], way) {
      see('sent', message)
      return channel.send(message, way)
    },
    ...(channel.unanswered !== undefined && { unanswered: (way: object) => channel.unanswered?.(way) }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
