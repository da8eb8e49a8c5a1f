import {
  type Channel,
  type Clock,
  type CloseReason,
  createNdjsonReader,
  createOutbox,
  encodeMessage,
  type OutboxFailure,
  type Receiver,
  systemClock,
} from '@bao-mcp/protocol/engine'
import type { ByteSink, StdinHandlers } from '../runtime/port.ts'

export const DEFAULT_HIGH_WATER_BYTES: number = 1024 * 1024
export const DEFAULT_MAX_OUTBOUND_BYTES: number = 64 * 1024 * 1024
export const DEFAULT_STALLED_READER_MS = 30_000
const DEFAULT_CLOSING_STALLED_MS = 5000

/** Lengths are counted in characters, which for ASCII are bytes. */
export interface StdoutLimits {
  /** Waiting for the reader of stdout before senders are asked to wait. Default 1 MiB. */
  highWaterBytes?: number
  /** Waiting for a reader of stdout that takes nothing. Default 64 MiB. */
  maxOutboundBytes?: number
  /** Milliseconds such a reader is given before the connection is ended. Default 30 s. */
  stalledReaderMs?: number
  /** The same patience once the channel is closing, however little waits. Default 5 s. */
  closingStalledMs?: number
}

export interface StdioChannelOptions extends StdoutLimits {
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
    write: (text) => options.sink.write(text),
    clock: options.clock ?? systemClock,
    highWaterLength: options.highWaterBytes ?? DEFAULT_HIGH_WATER_BYTES,
    maxLength: options.maxOutboundBytes ?? DEFAULT_MAX_OUTBOUND_BYTES,
    stalledMs: options.stalledReaderMs ?? DEFAULT_STALLED_READER_MS,
    onFailed: (failure) => end(reasonOf(failure)),
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
    await outbox.finish(options.closingStalledMs ?? DEFAULT_CLOSING_STALLED_MS)
    end({ kind: 'local', message: 'closed by this side' })
  }

  return {
    open(to) {
      receiver = to
      const reader = createNdjsonReader({
        maxMessageBytes: options.maxMessageBytes,
        message: (value, length) => to.message(value, length),
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

function reasonOf(failure: OutboxFailure): CloseReason {
  switch (failure.kind) {
    case 'broken':
      return writeFailure(failure.error)
    case 'stalled': {
      const message = `the reader of stdout took nothing for ${failure.stalledMs} ms while ${failure.length} bytes waited`
      return { kind: 'failed', message }
    }
    case 'overrun': {
      const message = `the reader of stdout is too slow: ${failure.length} bytes wait (maxOutboundBytes)`
      return { kind: 'failed', message }
    }
    default:
      return failure satisfies never
  }
}

function writeFailure(error: unknown): CloseReason {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EPIPE') return { kind: 'remote', message: 'the reader of stdout is gone (EPIPE)', error }
  const text = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', message: `stdout cannot be written: ${text}`, error }
}
