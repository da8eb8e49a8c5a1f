import type { Channel, Receiver } from './channel.ts'
import type { CloseReason } from './errors.ts'
import { encodeMessage } from './message.ts'

/**
 * Two channels joined in memory. Messages really become JSON text on the way, so that what would not survive a wire
 * (BigInt, Date, undefined members, shared references) does not survive here. Delivery is in order, a microtask later.
 */
export function memoryChannelPair(): [Channel, Channel] {
  const left = end()
  const right = end()
  left.other = right
  right.other = left
  return [left.channel, right.channel]
}

interface End {
  channel: Channel
  other: End | undefined
  deliver(text: string): void
  finish(reason: CloseReason): void
}

function end(): End {
  let receiver: Receiver | undefined
  let finished: CloseReason | undefined
  let queue: string[] = []
  let scheduled = false

  function schedule(): void {
    if (scheduled || receiver === undefined) return
    scheduled = true
    queueMicrotask(flush)
  }

  function flush(): void {
    scheduled = false
    const batch = queue
    queue = []
    for (const text of batch) receiver?.message(JSON.parse(text), text.length)
    if (finished !== undefined && queue.length === 0) {
      const last = receiver
      receiver = undefined
      last?.end(finished)
    }
  }

  const self: End = {
    other: undefined,
    deliver(text) {
      if (finished !== undefined) return
      queue.push(text)
      schedule()
    },
    finish(reason) {
      if (finished !== undefined) return
      finished = reason
      schedule()
    },
    channel: {
      open(to) {
        receiver = to
        schedule()
      },
      send(message) {
        const text = Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
        self.other?.deliver(text)
      },
      async close() {
        self.finish({ kind: 'local', message: 'closed by this side' })
        self.other?.finish({ kind: 'remote', message: 'closed by the other side' })
      },
      [Symbol.asyncDispose]() {
        return this.close()
      },
    },
  }
  return self
}
