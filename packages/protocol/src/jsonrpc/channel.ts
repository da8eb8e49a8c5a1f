import type { CloseReason } from './errors.ts'
import type { JsonRpcMessage, RequestId } from './message.ts'

/** One of the ways back of a channel that has several, such as the answer to one HTTP request. Only its channel looks inside. */
export type Way = object

/** What goes with an outbound call, where the channel can carry it. */
export interface OutboundWay {
  readonly headers: Readonly<Record<string, string>>
}

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
   * @param way the way back for its answer, where the channel has several
   */
  message(value: unknown, length?: number, way?: Way): void
  unreadable(fault: Unreadable): void
  /** No answer to the call of this id can come, and why; called by channels on which every call goes its own way. */
  failed?(id: RequestId, error: Error): void
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
   * @param way the way the request came that the message belongs to, where the channel has several
   * @throws at once when the message cannot be serialised; nothing was written then
   */
  send(message: JsonRpcMessage | JsonRpcMessage[], way?: Way): void | Promise<void>
  /** Told that a request which came this way was cancelled and has no answer, where the channel has several ways. */
  unanswered?(way: Way): void
  /** Ends the channel, after what was sent has left. Resolves when nothing of it is left; never rejects. */
  close(): Promise<void>
}
