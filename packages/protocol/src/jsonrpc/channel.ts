import type { CloseReason } from './errors.ts'
import type { JsonRpcMessage, RequestId } from './message.ts'

/** Something that arrived and could not be parsed as JSON, so that no message can be made of it. */
export interface Unreadable {
  /** `syntax`: not JSON. `oversized`: longer than the channel's `maxMessageBytes`, and skipped. */
  kind: 'syntax' | 'oversized'
  /** One sentence for the error answer. */
  message: string
  /** The top-level id, where a scan of the text found one. */
  id: RequestId | undefined
  /** True when the scan found that the text answers something, so that it must not be answered itself. */
  isResponse: boolean
  /** The start of the text, for logs; at most 200 characters. */
  excerpt: string
  /** Length of the text in bytes. */
  bytes: number
  /** A JSON value found behind leading rubbish on the same line; to be believed only where it answers a pending call. */
  salvaged?: unknown
}

/** What a channel tells its owner. All calls come in the order of arrival. */
export interface Receiver {
  /**
   * One parsed JSON value, not yet classified. Never makes the reader wait: answers and cancels behind it must be read.
   * @param length of its text in UTF-16 units, where the channel knows it
   */
  message(value: unknown, length?: number): void
  unreadable(fault: Unreadable): void
  /** Nothing more will arrive, but what is sent may still leave. Precedes `end` on channels that can be half closed. */
  readEnd?(reason: CloseReason): void
  /** The channel is over; nothing follows. Called exactly once after `open`. */
  end(reason: CloseReason): void
}

/**
 * A pipe of JSON-RPC messages. It is push-based: an async iterator would cost a hop per message.
 * Disposing closes it and waits until nothing of it is left.
 */
export interface Channel extends AsyncDisposable {
  /** Starts reading. May be called once. */
  open(receiver: Receiver): void
  /**
   * Writes one message; returns a promise only under back-pressure. Messages of one tick leave in one write.
   * `belongsTo` names the inbound request a message is part of, for channels that have several ways back.
   * @throws at once when the message cannot be serialised; nothing was written then
   */
  send(message: JsonRpcMessage | JsonRpcMessage[], belongsTo?: RequestId): void | Promise<void>
  /** Ends the channel, after what was sent has left. Resolves when nothing of it is left; never rejects. */
  close(): Promise<void>
}
