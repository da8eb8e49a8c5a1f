import { type Clock, ConnectionError, type Unreadable } from '@bao-mcp/protocol/engine'
import { AuthError, type AuthErrorCode } from '../../auth/auth-error.ts'
import { backoffMs } from '../../backoff.ts'
import { retryAfter } from '../../http/answer.ts'
import { BodyError, type ReadLimits } from '../../http/read-body.ts'
import { isEventStream, readMessages } from '../../http/read-messages.ts'
import { discard, type Wire, type WireResponse } from '../../http/wire.ts'
import { heldPause } from '../../pause.ts'
import type { HttpSession } from './http-session.ts'
import { boundedRetryMs, DEFAULT_RETRY_MS, isTransient } from './resume.ts'

export interface ServerStreamOptions {
  readonly wire: Wire
  readonly limits: ReadLimits
  readonly clock: Clock
  readonly random: () => number
  readonly session: HttpSession
  /** Ends it. */
  readonly signal: AbortSignal
  message(value: unknown, length: number): void
  unreadable(fault: Unreadable): void
  /** The stream was open, and now the server does not know the session. */
  onLost(): void
  /** The stream was opened again with no way to hear what came in between. */
  onMissed(): void
  warn(message: string): void
}

/** What becomes of the stream after one try. */
type Next =
  /** No stream is offered, or none any more. */
  | { kind: 'stop' }
  /** @param isSteady whether there was nothing wrong with it */
  | { kind: 'again'; isSteady: boolean; waitMs: number }

/** Milliseconds after which an open stream has worked, even if nothing came. */
const STEADY_MS = 30_000
/** Failures of a login that end by themselves; after any other one, trying again would ask a person again. */
const PASSING_AUTH: ReadonlySet<AuthErrorCode> = new Set(['unreachable', 'storage_failed'])

/**
 * Follows the stream on which a server speaks without being asked, and opens it again for as long as the session lasts.
 * A server may offer none. Never rejects.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 */
export async function followServerStream(options: ServerStreamOptions): Promise<void> {
  const { wire, limits, clock, random, session, signal, warn } = options
  let lastEventId = ''
  let retryMs = DEFAULT_RETRY_MS
  let wasOpen = false
  let failures = 0
  /** What was told last of why it cannot be opened. */
  let told = ''
  try {
    for (;;) {
      const next = await follow()
      if (next.kind === 'stop') return
      failures = next.isSteady ? 0 : failures + 1
      const waitMs = retryMs + (failures === 0 ? 0 : backoffMs(failures, random))
      // whoever waits for changes still does
      await heldPause(clock, Math.max(waitMs, boundedRetryMs(next.waitMs)), signal)
    }
  } catch (error) {
    if (signal.aborted) return
    stopped(wordsOf(error))
  }

  function failing(words: string): void {
    if (words === told) return
    told = words
    warn(`the server's own stream cannot be opened and is tried again: ${words}`)
  }

  function stopped(words: string): Next {
    warn(`the server's own stream is followed no longer, so changes may go unnoticed: ${words}`)
    return { kind: 'stop' }
  }

  async function follow(): Promise<Next> {
    let sent: WireResponse
    try {
      sent = await wire.send({
        method: 'GET',
        headers: {
          accept: 'text/event-stream',
          ...session.headers,
          ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
        },
        signal,
        what: "the server's own stream",
      })
    } catch (error) {
      if (signal.aborted || isLasting(error)) throw error
      if (!(error instanceof ConnectionError)) failing(wordsOf(error))
      return again(false)
    }
    const { response } = sent
    if (!response.ok || !isEventStream(response)) {
      await discard(sent)
      return refused(response)
    }
    try {
      return await read(response)
    } finally {
      sent.release()
    }
  }

  async function read(response: Response): Promise<Next> {
    told = ''
    if (wasOpen && lastEventId === '') options.onMissed()
    wasOpen = true
    const openedAt = clock.now()
    let isSteady = false
    try {
      await readMessages(
        response,
        {
          message(value, length) {
            isSteady = true
            options.message(value, length)
          },
          unreadable: (fault) => options.unreadable(fault),
          eventId(id) {
            lastEventId = id
          },
          retry(ms) {
            // a server that says when to come back means to close it
            isSteady = true
            retryMs = boundedRetryMs(ms)
          },
        },
        limits,
      )
    } catch (error) {
      if (!(error instanceof BodyError)) throw error
    }
    return again(isSteady || clock.now() - openedAt >= STEADY_MS)
  }

  function refused({ status, headers }: Response): Next {
    if (isTransient(status)) return again(false, retryAfter(headers.get('retry-after')))
    // "405 Method Not Allowed, indicating that the server does not offer an SSE stream"; others say so in other words
    if (!wasOpen) return { kind: 'stop' }
    if (status === 404 && session.id !== undefined) {
      options.onLost()
      return { kind: 'stop' }
    }
    if (status === 405 || status < 300) return stopped(`to open it again was answered with HTTP ${status}`)
    // it may be the event that the server does not know
    lastEventId = ''
    return again(false)
  }

  function again(isSteady: boolean, waitMs = 0): Next {
    return { kind: 'again', isSteady, waitMs }
  }
}

/**
 * Whether trying again is in vain: a redirect to elsewhere, or a person or server that said no. What is out of order may be
 * in order later, such as a function of the application that could not get a token.
 */
function isLasting(error: unknown): boolean {
  if (error instanceof AuthError) return !PASSING_AUTH.has(error.code)
  return error instanceof ConnectionError && error.code === 'http_status'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
