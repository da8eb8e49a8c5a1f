import type { Clock, MaybePromise } from '@bao-mcp/protocol/engine'
import type { Authorizer } from '../auth/authorizer.ts'

/** What sends a request over HTTP; the runtime's own, or one that adds to it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** How a server is reached over HTTP. */
export interface HttpClientOptions {
  /** Headers of every request, such as those a gateway wants. */
  headers?: Readonly<Record<string, string>> | (() => MaybePromise<Readonly<Record<string, string>>>)
  /** Gets requests past a server that wants to know who asks: `bearer(…)`, `oauth(…)`. */
  auth?: Authorizer
  /** Milliseconds without a byte after which an open stream is taken for dead. Default 5 minutes. */
  streamIdleTimeoutMs?: number
  /** Longest message that is read, in bytes. Default 64 MiB. */
  maxMessageBytes?: number
  /** Times one stream that broke off is gone on with in a row, without anything having come. Default 5. */
  maxResumes?: number
  /** False leaves the session open on the server when this side closes. Default true. */
  endSessionOnClose?: boolean
  /** Sends the requests. Default: `fetch` of the runtime. */
  fetch?: Fetch
  clock?: Clock
  /** Numbers from 0 up to 1 that spread pauses. Default `Math.random`. */
  random?: () => number
}

export const DEFAULT_STREAM_IDLE_TIMEOUT_MS: number = 5 * 60_000
export const DEFAULT_MAX_RESUMES = 5
