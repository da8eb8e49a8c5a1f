import { type Channel, memoryChannelPair } from '@bao-mcp/protocol/engine'
import type { Transport } from './transport.ts'

let made = 0

/**
 * A way to a server in this process. What crosses it really becomes JSON text.
 * @param serve is given the server's end of every connection that is opened
 */
export function memory(serve: (channel: Channel) => void, name = 'memory'): Transport {
  return {
    name,
    // what was learned of one server in this process says nothing of another
    identity: `memory ${++made}`,
    silenceIsEvidence: true,
    async open({ signal } = {}) {
      signal?.throwIfAborted()
      const [ours, theirs] = memoryChannelPair()
      serve(theirs)
      return ours
    },
  }
}
