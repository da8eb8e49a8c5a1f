import {
  CANCELLED,
  type Channel,
  type Clock,
  type CloseReason,
  ConnectionError,
  encodeMessage,
  INITIALIZED,
  isJsonObject,
  isRequestId,
  type JsonObject,
  type JsonRpcMessage,
  type Receiver,
  type RequestId,
  RpcError,
  type Unreadable,
  type Way,
} from '@bao-mcp/protocol/engine'
import { connectionError, type Ending, isAnswerTo, readAnswer } from '../../http/answer.ts'
import { type HeaderMap, sharedHeaders } from '../../http/headers.ts'
import { ownHeaders, POST_HEADERS } from '../../http/post.ts'
import type { ReadLimits } from '../../http/read-body.ts'
import type { Wire } from '../../http/wire.ts'
import { guarded } from '../../listeners.ts'
import { CallHandlers, type OpenCall } from './http-channel-call.ts'
import type { HttpSession } from './http-session.ts'
import { isSessionLost } from './lost-session.ts'
import { DEFAULT_RETRY_MS, resumeAnswer, type StreamPosition } from './resume.ts'
import { followServerStream } from './server-stream.ts'
import { createSessions, type PostedText } from './sessions.ts'

export interface SessionChannelOptions {
  readonly wire: Wire
  readonly limits: ReadLimits
  readonly clock: Clock
  /** A number from 0 up to 1. */
  readonly random: () => number
  /** Times in a row that a stream is gone on with, without an event having come. */
  readonly maxResumes: number
  /** Whether the server is told when this side closes. */
  readonly endSessionOnClose: boolean
  /** Hears of what could not be delivered or followed. */
  warn(message: string): void
  /** The server had forgotten the session, and a new one has begun: what it was told in the old one is to be told again. */
  onRenewed?(result: JsonObject): void
  /** The server's own stream was interrupted and what it would have told meanwhile is lost. */
  onMissed?(): void
}

const CLOSED: CloseReason = { kind: 'local', message: 'closed by this side' }

/**
 * A conversation over Streamable HTTP that its handshake is remembered of: every message is a POST of its own, answers
 * come in its response, and what the server says unasked on a stream beside. A stream that breaks off is gone on with;
 * a session the server has forgotten is opened anew, and only what has certainly not run is sent again.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export function createSessionChannel(options: SessionChannelOptions): Channel {
  const { wire, limits, warn } = options
  const calls = new Map<RequestId, OpenCall>()
  const over = new AbortController()
  const onRenewed = guarded((result: JsonObject) => options.onRenewed?.(result))
  const onMissed = guarded(() => options.onMissed?.())
  let receiver: Receiver | undefined
  /** What goes with every call of a session, and of which. */
  let common: { readonly headers: HeaderMap; readonly session: HttpSession | undefined } | undefined
  let listening: AbortController | undefined
  let closing: Promise<void> | undefined

  const sessions = createSessions({
    wire,
    limits,
    clock: options.clock,
    signal: over.signal,
    handlers: { message: (value, length) => hear(value, length), unreadable },
    onLost: () => listening?.abort(new DOMException('the session is lost', 'AbortError')),
    onRenewed(session, result) {
      onRenewed(result)
      listen(session)
    },
  })

  function unreadable(fault: Unreadable): void {
    receiver?.unreadable(fault)
  }

  /** @param from the call whose response it came in */
  function hear(value: unknown, length: number, from?: OpenCall): void {
    if (from?.isGivenUp === true && isAnswerTo(from.request.id, value)) return
    receiver?.message(value, length)
    if (!isJsonObject(value) || !isRequestId(value.id) || !isAnswerTo(value.id, value)) return
    const call = calls.get(value.id)
    if (call === undefined || call === from) return
    // it was answered in another place than its own response, which then has nothing more to say
    call.isGivenUp = true
    call.controller.abort(new DOMException('it was answered', 'AbortError'))
  }

  /** Runs a call to its end. Never rejects. */
  async function run(call: OpenCall): Promise<void> {
    const { request, controller } = call
    const { signal } = controller
    try {
      if (request.method === 'initialize') return settle(call, await open(call))
      const current = sessions.current()
      let session = current instanceof Promise ? await renewed(call, current) : current
      for (let isRepeated = false; ; isRepeated = true) {
        const position: StreamPosition = { eventId: '', retryMs: DEFAULT_RETRY_MS, came: false }
        const handlers = new CallHandlers(position, call, hear, unreadable)
        let ending = await exchange(call, session, handlers)
        signal.throwIfAborted()
        if (ending.kind === 'dropped' && position.eventId !== '' && session?.resumesStreams === true) {
          const stopped = { request, error: ending.error }
          ending = await resumeAnswer(stopped, { session, position, handlers, signal }, options)
        }
        if (isRepeated || session === undefined || !hasLost(call, ending, session)) return settle(call, ending)
        // "it MUST start a new session by sending a new InitializeRequest without a session ID attached"
        call.isSent = false
        session = await renewed(call, sessions.renew(session))
      }
    } catch (error) {
      fail(call, error instanceof Error ? error : new TypeError(String(error)))
    } finally {
      if (calls.get(request.id)?.controller === controller) calls.delete(request.id)
    }
  }

  function settle(call: OpenCall, ending: Ending): void {
    if (ending.kind !== 'answered') fail(call, ending.error)
  }

  function fail(call: OpenCall, error: Error): void {
    if (!call.isGivenUp) receiver?.failed?.(call.request.id, error)
  }

  function open(call: OpenCall): Promise<Ending> {
    const { request, body, headers, controller } = call
    call.isSent = true
    const handlers = { message: (value: unknown, length: number) => hear(value, length, call), unreadable }
    return sessions.open(request, body, { headers, signal: controller.signal, handlers })
  }

  /** The new session; a call that waited for it in vain has not run. */
  async function renewed({ request, controller }: OpenCall, renewal: Promise<HttpSession>): Promise<HttpSession> {
    try {
      const session = await renewal
      controller.signal.throwIfAborted()
      return session
    } catch (cause) {
      if (!(cause instanceof RpcError || cause instanceof ConnectionError)) throw cause
      const code = cause instanceof ConnectionError ? cause.code : 'http_status'
      const words = `the session was lost and could not be opened anew: ${cause.message}`
      throw connectionError(request, code, words, { outcome: 'not_run', ...evidenceOf(cause), cause })
    }
  }

  function exchange(call: OpenCall, session: HttpSession | undefined, handlers: CallHandlers): Promise<Ending> {
    const { request, body, headers, controller } = call
    const { signal } = controller
    signal.throwIfAborted()
    call.isSent = true
    return wire.exchange(
      { method: 'POST', headers: [headers, headersOf(session)], body, signal, what: request.method },
      (response) => readAnswer(request, response, handlers, limits),
    )
  }

  function headersOf(session: HttpSession | undefined): HeaderMap {
    if (common === undefined || common.session !== session) {
      common = { headers: sharedHeaders(POST_HEADERS, session?.headers), session }
    }
    return common.headers
  }

  /** Posts a message that has no answer, once more where the session had to be opened anew. @throws why it was refused */
  async function tell(message: PostedText): Promise<void> {
    const session = await sessions.current()
    let refusal = await sessions.post(message, session)
    if (refusal !== undefined && session !== undefined && isSessionLost(refusal, session.id !== undefined)) {
      refusal = await sessions.post(message, await sessions.renew(session))
    }
    if (refusal !== undefined) throw refusal
  }

  async function tellInitialized(message: PostedText): Promise<void> {
    await tell(message)
    const session = await sessions.current()
    if (session !== undefined && listening === undefined) listen(session)
  }

  /** An answer belongs to the session its question came in: a new one knows nothing of it. */
  async function answer(message: PostedText): Promise<void> {
    try {
      const refusal = await sessions.post(message, await sessions.current())
      if (refusal !== undefined) throw refusal
    } catch (error) {
      if (!over.signal.aborted) warn(`an answer could not be delivered: ${wordsOf(error)}`)
    }
  }

  /** "Disconnection SHOULD NOT be interpreted as the client cancelling its request", so the server is told. */
  async function cancel(call: OpenCall | undefined, message: PostedText): Promise<void> {
    if (call === undefined || call.isGivenUp) return
    call.isGivenUp = true
    try {
      if (call.isSent) await sessions.post(message, await sessions.current())
    } catch {
      // a server that cannot be told of it is none that works on it
    }
    call.controller.abort(new DOMException('the call was given up', 'AbortError'))
  }

  function listen(session: HttpSession): void {
    if (over.signal.aborted) return
    const controller = new AbortController()
    listening = controller
    // never rejects
    void followServerStream({
      ...options,
      session,
      signal: controller.signal,
      message: (value, length) => hear(value, length),
      unreadable,
      onMissed,
      onLost() {
        sessions.renew(session).catch((error: unknown) => {
          if (!over.signal.aborted) warn(`the session was lost and could not be opened anew: ${wordsOf(error)}`)
        })
      },
    })
  }

  function send(message: JsonRpcMessage | JsonRpcMessage[], way?: Way): void | Promise<void> {
    const body = Array.isArray(message) ? `[${message.map(encodeMessage).join(',')}]` : encodeMessage(message)
    if (closing !== undefined) return
    if (Array.isArray(message) || !('method' in message)) return void answer({ method: 'an answer', body })
    const { method } = message
    if (method === CANCELLED) {
      const { requestId } = message.params ?? {}
      return void cancel(isRequestId(requestId) ? calls.get(requestId) : undefined, { method, body })
    }
    if (!('id' in message)) return method === INITIALIZED ? tellInitialized({ method, body }) : tell({ method, body })
    const controller = new AbortController()
    const call = { request: message, body, headers: ownHeaders(way), controller, isSent: false, isGivenUp: false }
    calls.set(message.id, call)
    // never rejects
    void run(call)
  }

  async function close(): Promise<void> {
    const abort = new DOMException(CLOSED.message, 'AbortError')
    for (const call of calls.values()) {
      call.isGivenUp = true
      call.controller.abort(abort)
    }
    listening?.abort(abort)
    over.abort(abort)
    const last = receiver
    receiver = undefined
    last?.end(CLOSED)
    if (options.endSessionOnClose) await sessions.end()
  }

  return {
    open(to) {
      if (receiver !== undefined) throw new TypeError('a channel is opened once')
      if (closing === undefined) receiver = to
      else queueMicrotask(() => to.end(CLOSED))
    },
    send,
    close() {
      closing ??= close()
      return closing
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}

function evidenceOf(cause: Error): { status?: number; retryAfterMs?: number } {
  if (!(cause instanceof ConnectionError)) return {}
  const { status, retryAfterMs } = cause
  return { ...(status !== undefined && { status }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function hasLost(call: OpenCall, ending: Ending, { id }: HttpSession): boolean {
  return ending.kind === 'failed' && !call.isGivenUp && isSessionLost(ending.error, id !== undefined)
}
