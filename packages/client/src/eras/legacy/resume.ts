import { type Clock, ConnectionError, type JsonRpcRequest } from '@bao-mcp/protocol/engine'
import { backoffMs } from '../../backoff.ts'
import { type AnswerHandlers, connectionError, type Ending, readAnswer, retryAfter } from '../../http/answer.ts'
import type { ReadLimits } from '../../http/read-body.ts'
import { isEventStream } from '../../http/read-messages.ts'
import { discard, type Wire, type WireResponse } from '../../http/wire.ts'
import { heldPause } from '../../pause.ts'
import type { HttpSession } from './http-session.ts'

/** Where the reading of a stream has got to. */
export interface StreamPosition {
  /** The last event that came whole; empty when none had an id. */
  eventId: string
  /** Milliseconds to leave the stream alone before it is gone on with: the server's word, or the default. */
  retryMs: number
  /** Whether anything came since this was last set to false. */
  came: boolean
}

export interface ResumeOptions {
  readonly wire: Wire
  readonly limits: ReadLimits
  readonly clock: Clock
  readonly random: () => number
  /** Times in a row without an event before it is given up. */
  readonly maxResumes: number
}

/** Milliseconds before a stream is gone on with where its server has named none. */
export const DEFAULT_RETRY_MS = 1000
/** The least of them, whatever the server says: one that closes its streams at once must not be asked without end. */
export const LEAST_RETRY_MS = 100
/** The most of them: a server that names a time nobody lives to see would end what it only wants to slow down. */
export const LONGEST_RETRY_MS = 300_000

/** Milliseconds to leave a stream alone, within the limits of this side. */
export function boundedRetryMs(ms: number): number {
  return Math.min(Math.max(ms, LEAST_RETRY_MS), LONGEST_RETRY_MS)
}

/** Statuses of a server that may answer later. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

export function isTransient(status: number): boolean {
  return TRANSIENT.has(status)
}

/**
 * Goes on with the stream of a request until it has brought the answer, or cannot any more. A server may close it as
 * often as it likes, as long as something comes each time: that is polling. It is never asked earlier than it said, up
 * to {@link LONGEST_RETRY_MS}.
 * @throws {AuthError} when credentials are wanted that cannot be had
 * @throws the signal's reason
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export async function resumeAnswer(
  stopped: Stopped,
  { session, position, handlers, signal }: ResumedStream,
  options: ResumeOptions,
): Promise<Ending> {
  const { request } = stopped
  const { clock, random, maxResumes } = options
  let { error } = stopped
  let failures = error.cause === undefined ? 0 : 1
  let empty = 0
  while (empty < maxResumes) {
    const waitMs = boundedRetryMs(position.retryMs) + (failures === 0 ? 0 : backoffMs(failures, random))
    await heldPause(clock, Math.max(waitMs, boundedRetryMs(error.retryAfterMs ?? 0)), signal)
    position.came = false
    const ending = await goOn()
    if (ending.kind !== 'dropped') return ending
    error = ending.error
    empty = position.came ? 0 : empty + 1
    failures = position.came ? 0 : failures + 1
  }
  const words = `its stream was gone on with ${maxResumes} times without an event (maxResumes): ${error.message}`
  return { kind: 'failed', error: unknown(request, words, { cause: error }) }

  async function goOn(): Promise<Ending> {
    let sent: WireResponse
    try {
      sent = await options.wire.send({
        method: 'GET',
        headers: { accept: 'text/event-stream', ...session.headers, 'last-event-id': position.eventId },
        signal,
        what: `the rest of ${request.method}`,
      })
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof ConnectionError)
        return { kind: 'dropped', error: unknown(request, cause.message, { cause }) }
      // a login that is refused does not tell what became of the call
      const why = cause instanceof Error ? cause.message : String(cause)
      const words = `its stream ended before the answer, and to go on with it failed: ${why}`
      return { kind: 'failed', error: unknown(request, words, { cause }) }
    }
    const { response } = sent
    const { status, headers } = response
    if (response.ok && isEventStream(response)) {
      try {
        return await readAnswer(request, response, handlers, options.limits)
      } finally {
        sent.release()
      }
    }
    await discard(sent)
    const words = `its stream ended before the answer, and to go on with it was answered with HTTP ${status}`
    if (!isTransient(status)) return { kind: 'failed', error: unknown(request, words, { status }) }
    const retryAfterMs = retryAfter(headers.get('retry-after'))
    return {
      kind: 'dropped',
      error: unknown(request, words, { status, ...(retryAfterMs !== undefined && { retryAfterMs }) }),
    }
  }
}

/** A stream that ended before the answer. */
export interface Stopped {
  readonly request: JsonRpcRequest
  readonly error: ConnectionError
}

export interface ResumedStream {
  readonly session: HttpSession
  readonly position: StreamPosition
  readonly handlers: AnswerHandlers
  readonly signal: AbortSignal
}

function unknown(
  request: JsonRpcRequest,
  words: string,
  evidence: { status?: number; retryAfterMs?: number; cause?: unknown },
): ConnectionError {
  return connectionError(request, 'dropped', words, { ...evidence, outcome: 'unknown' })
}
