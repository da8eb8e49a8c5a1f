import type { Receiver } from '@bao-mcp/protocol/engine'
import type { Transport } from '../transports/transport.ts'

/** Has requests of a method fail on this side, as a channel does whose way to the server is closed to them. */
export function failOn(transport: Transport, method: string, errorOf: () => Error): void {
  const open = transport.open.bind(transport)
  transport.open = async (options) => {
    const channel = await open(options)
    let receiver: Receiver | undefined
    return {
      open(opened) {
        receiver = opened
        channel.open(opened)
      },
      send(message, way) {
        if (Array.isArray(message) || !('method' in message) || message.method !== method || !('id' in message)) {
          return channel.send(message, way)
        }
        const { id } = message
        queueMicrotask(() => receiver?.failed?.(id, errorOf()))
      },
      close: () => channel.close(),
      [Symbol.asyncDispose]: () => channel.close(),
    }
  }
}
