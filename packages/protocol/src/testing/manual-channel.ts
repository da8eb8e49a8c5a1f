import type { Channel, Receiver } from '../jsonrpc/channel.ts'
import type { CloseReason } from '../jsonrpc/errors.ts'
import { createNdjsonReader } from '../ndjson.ts'
import { encodeLine } from './memory.ts'

/** A channel whose other end is moved by hand: nothing happens on it by itself, and everything at once. */
export interface ManualChannel extends Channel {
  /** What was sent so far, read back from its JSON text, oldest first. */
  readonly sent: readonly unknown[]
  /** Whether this end was closed. */
  readonly closed: boolean
  /** Lets a line arrive, with or without its newline; it passes the real line reader and need not be JSON. */
  arriveText(line: string): void
  /** Lets a value arrive as the line of its JSON text. */
  arrive(value: unknown): void
  /** Ends what arrives; sending still works. */
  readEnd(reason?: CloseReason): void
  /** Ends the channel. */
  end(reason?: CloseReason): void
}

/** Who hears of what happens on a channel that is moved by hand, and how much it reads. */
export interface ManualChannelOptions {
  /** Told of each line that is sent. */
  onSend?: (text: string) => void
  onClose?: () => void
  /** Longest line that is read, in bytes. */
  maxMessageBytes?: number
}

const BY_HAND: CloseReason = { kind: 'remote', message: 'ended by the other side' }

/** A channel that is moved by hand; what happens before it is opened is kept until then. */
export function createManualChannel(options: ManualChannelOptions = {}): ManualChannel {
  const sent: unknown[] = []
  // what happens before the channel is opened is kept until then
  let waiting: (() => void)[] = []
  let receiver: Receiver | undefined
  let isClosed = false
  let isEnded = false

  const reader = createNdjsonReader({
    maxMessageBytes: options.maxMessageBytes,
    message: (value) => receiver?.message(value),
    unreadable: (fault) => receiver?.unreadable(fault),
  })

  function whenOpen(event: () => void): void {
    if (receiver === undefined) waiting.push(event)
    else event()
  }

  function end(reason: CloseReason): void {
    if (isEnded) return
    isEnded = true
    whenOpen(() => receiver?.end(reason))
  }

  function arriveText(line: string): void {
    if (isEnded) return
    whenOpen(() => reader.push(new TextEncoder().encode(line.endsWith('\n') ? line : `${line}\n`)))
  }

  return {
    sent,
    get closed() {
      return isClosed
    },
    arriveText,
    arrive: (value) => arriveText(JSON.stringify(value)),
    readEnd: (reason = BY_HAND) => whenOpen(() => receiver?.readEnd?.(reason)),
    end: (reason = BY_HAND) => end(reason),
    open(to) {
      receiver = to
      const events = waiting
      waiting = []
      for (const event of events) event()
    },
    send(message) {
      const text = encodeLine(message)
      if (isEnded) return
      sent.push(JSON.parse(text))
      options.onSend?.(text)
    },
    async close() {
      isClosed = true
      options.onClose?.()
      end({ kind: 'local', message: 'closed by this side' })
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}
