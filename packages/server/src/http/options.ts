import { atLeast } from '../at-least.ts'
import type { ServeOptions } from '../serving.ts'
import type { HttpAuthOptions } from './auth/options.ts'

export const DEFAULT_MAX_BODY_BYTES: number = 4 * 1024 * 1024
export const DEFAULT_KEEP_ALIVE_MS = 8000
export const DEFAULT_STALLED_READER_MS = 30_000

/** Limits and policies of serving over HTTP; every limit has a name, a default and a row in the limits table. */
export interface HttpOptions extends ServeOptions {
  /**
   * Host names this server may be reached under, with or without a port; `'any'` where something in front checks them.
   * Default: those of the loopback interface, which keeps web pages from reaching it through a name of their own.
   */
  allowedHosts?: readonly string[] | 'any'
  /** Origins of web pages that may call this server, beside those of its own host. Default: those of the loopback interface. */
  allowedOrigins?: readonly string[]
  /** Protects the server with access tokens. Default: anybody may call. */
  auth?: HttpAuthOptions
  /** Longest request body, in bytes. Default 4 MiB. */
  maxBodyBytes?: number
  /** Longest value of a request header this server reads, in characters. Default 8192. */
  maxHeaderLength?: number
  /** Milliseconds a client may take to send its body. Default 30 s. */
  bodyTimeoutMs?: number
  /** Milliseconds without an answer after which an event stream is opened for it, where the client takes one. Default 1 s. */
  streamAfterMs?: number
  /** Milliseconds of silence on an event stream before a comment keeps it alive. Default 8 s. */
  keepAliveMs?: number
  /** Characters that wait for the reader of one event stream before senders are asked to wait. Default 64 Ki. */
  highWaterLength?: number
  /** Characters that wait for the reader of one event stream that takes nothing. Default 4 Mi. */
  maxOutboundLength?: number
  /** Milliseconds such a reader is given before its stream, or on Node its connection, is ended. Default 30 s. */
  stalledReaderMs?: number
  /** Subscriptions that are open at once. Default 10,000. */
  maxSubscriptions?: number
  /** Calls that run at once. Default 1000. */
  maxConcurrentCalls?: number
  /**
   * Sessions of clients that open with a handshake, on this node; past it, those that were never used make room. Default
   * 10,000.
   */
  maxSessions?: number
  /** Milliseconds without a request after which such a session is over. Default 30 minutes. */
  sessionIdleMs?: number
  /** Milliseconds after which the events of a stream that has ended cannot be replayed any more. Default 5 minutes. */
  replayTtlMs?: number
  /** Characters of one stream that are kept to be replayed; past it the stream goes on, and cannot be resumed. Default 1 Mi. */
  maxReplayLength?: number
  /** Milliseconds a client is told to wait before it comes back to a stream. Default 1 s. */
  retryMs?: number
  /** Milliseconds after which a node that does not answer any more is given up, and its calls with it. Default 10 s. */
  ownerLostMs?: number
}

/** The limits of HTTP, settled. */
export interface HttpLimits {
  readonly maxBodyBytes: number
  readonly maxHeaderLength: number
  readonly bodyTimeoutMs: number
  readonly streamAfterMs: number
  readonly keepAliveMs: number
  readonly highWaterLength: number
  readonly maxOutboundLength: number
  readonly stalledReaderMs: number
  readonly maxSessions: number
  readonly sessionIdleMs: number
  readonly replayTtlMs: number
  readonly maxReplayLength: number
  readonly retryMs: number
  readonly ownerLostMs: number
}

/** Limits that differ from those of a pipe, because many clients share them. */
export const HTTP_SERVE_DEFAULTS: Pick<ServeOptions, 'maxConcurrentCalls' | 'maxSubscriptions'> = {
  maxConcurrentCalls: 1000,
  maxSubscriptions: 10_000,
}

/** @throws {TypeError} for a limit under which nothing could be served */
export function httpLimits(options: HttpOptions): HttpLimits {
  const limits: HttpLimits = {
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    maxHeaderLength: options.maxHeaderLength ?? 8192,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
    streamAfterMs: options.streamAfterMs ?? 1000,
    keepAliveMs: options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
    highWaterLength: options.highWaterLength ?? 64 * 1024,
    maxOutboundLength: options.maxOutboundLength ?? 4 * 1024 * 1024,
    stalledReaderMs: options.stalledReaderMs ?? DEFAULT_STALLED_READER_MS,
    maxSessions: options.maxSessions ?? 10_000,
    sessionIdleMs: options.sessionIdleMs ?? 30 * 60_000,
    replayTtlMs: options.replayTtlMs ?? 5 * 60_000,
    maxReplayLength: options.maxReplayLength ?? 1024 * 1024,
    retryMs: options.retryMs ?? 1000,
    ownerLostMs: options.ownerLostMs ?? 10_000,
  }
  for (const [name, value] of Object.entries(limits)) atLeast(LOWEST[name] ?? 1, name, value)
  return limits
}

/** Limits that may be 0. */
const LOWEST: Readonly<Record<string, number>> = {
  maxSessions: 0,
  replayTtlMs: 0,
  maxReplayLength: 0,
  streamAfterMs: 0,
  retryMs: 0,
}
