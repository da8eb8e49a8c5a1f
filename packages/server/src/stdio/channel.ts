import {
  type Channel,
  type Clock,
  type CloseReason,
  createNdjsonReader,
  encodeMessage,
  type Receiver,
  systemClock,
} from '@bao-mcp/protocol/engine'
import type { ByteSink, StdinHandlers } from '../runtime/port.ts'
import { createOutbox, type OutboxLimits } from './outbox.ts'

export const DEFAULT_HIGH_WATER_BYTES: number = 1024 * 1024
export const DEFAULT_MAX_OUTBOUND_BYTES: number = 64 * 1024 * 1024
export const DEFAULT_STALLED_READER_MS = 30_000
const DEFAULT_CLOSING_STALLED_MS = 5000

export interface StdioChannelOptions extends Partial<OutboxLimits> {
  read: (handlers: StdinHandlers) => () => void
  sink: ByteSink
  /** Longest message that is read, in bytes. Default 64 MiB. */
  maxMessageBytes?: number | undefined
  /** Told after the receiver that nothing more will arrive. */
  onInputEnd?: (reason: CloseReason) => void
  clock?: Clock
}

/**
 * A pipe of JSON-RPC messages over this process's own stdin and stdout, one message a line. Reading never pauses.
 * The end of stdin is the end of reading only: what is sent afterwards still leaves, until the channel is closed.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export function createStdioChannel(options: StdioChannelOptions): Channel {
  let receiver: Receiver | undefined
  let stopReading: (() => void) | undefined
  let closing: Promise<void> | undefined

  const outbox = createOutbox({
    sink: options.sink,
    clock: options.clock ?? systemClock,
    highWaterBytes: options.highWaterBytes ?? DEFAULT_HIGH_WATER_BYTES,
    maxOutboundBytes: options.maxOutboundBytes ?? DEFAULT_MAX_OUTBOUND_BYTES,
    stalledReaderMs: options.stalledReaderMs ?? DEFAULT_STALLED_READER_MS,
    closingStalledMs: options.closingStalledMs ?? DEFAULT_CLOSING_STALLED_MS,
    onBroken: end,
  })

  function end(reason: CloseReason): void {
    stopReading?.()
    const last = receiver
    receiver = undefined
    last?.end(reason)
  }

  function inputEnded(reason: CloseReason): void {
    receiver?.readEnd?.(reason)
    options.onInputEnd?.(reason)
  }

  async function finish(): Promise<void> {
    stopReading?.()
    await outbox.finish()
    end({ kind: 'local', message: 'closed by this side' })
  }

  return {
    open(to) {
      receiver = to
      const reader = createNdjsonReader({
        maxMessageBytes: options.maxMessageBytes,
        message: (value) => to.message(value),
        unreadable: (fault) => to.unreadable(fault),
      })
      stopReading = options.read({
        chunk: (bytes) => reader.push(bytes),
        end(error) {
          reader.end()
          inputEnded(error === undefined ? { kind: 'remote', message: 'stdin has ended' } : readFailure(error))
        },
      })
    },
    send(message) {
      const text = Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
      return outbox.push(`${text}\n`)
    },
    close() {
      closing ??= finish()
      return closing
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}

function readFailure(error: unknown): CloseReason {
  const text = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', message: `stdin cannot be read: ${text}`, error }
}
