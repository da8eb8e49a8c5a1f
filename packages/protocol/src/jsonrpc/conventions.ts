import type { JsonObject, Notice, RequestId } from './message.ts'

/**
 * What the protocol above JSON-RPC agrees on for calls that share a pipe: how one is cancelled, and how a notice tells
 * which call it belongs to. The engine knows no method names of its own.
 */
export interface Conventions {
  /** The notification that gives up an outbound call. */
  cancelNotice(id: RequestId, reason: string): Notice
  /** The inbound call a notification gives up, or undefined when it is another kind of notification. */
  cancelledCall(notice: Notice): RequestId | undefined
  /** Why the other side gave the call up, in its own words. */
  cancelReason(notice: Notice): string
  /** Marks the params of an outbound call so that its notices can be told from others'. Must not change its argument. */
  mark(method: string, params: JsonObject | undefined, id: RequestId): JsonObject | undefined
  /** The outbound call a notification belongs to, or undefined when it belongs to none. */
  callOf(notice: Notice): RequestId | undefined
}
