import {
  AnsweredError,
  type Clock,
  classify,
  encodeMessage,
  INITIALIZED,
  InvalidResultError,
  isJsonObject,
  type JsonObject,
  type JsonRpcError,
  type JsonRpcRequest,
  NegotiationError,
  notification,
} from '@bao-mcp/protocol/engine'
import { type AnswerHandlers, type Ending, isAnswerTo, readAnswer, readRefusal } from '../../http/answer.ts'
import { ACCEPTANCE_MS, POST_HEADERS } from '../../http/post.ts'
import type { ReadLimits } from '../../http/read-body.ts'
import { discard, type Wire } from '../../http/wire.ts'
import { type HttpSession, readSessionId, sessionOf } from './http-session.ts'
import { timeLimit } from './time-limit.ts'

export interface SessionsOptions {
  readonly wire: Wire
  readonly limits: ReadLimits
  readonly clock: Clock
  /** Aborts when the channel is closed. */
  readonly signal: AbortSignal
  /** Reads what comes beside the answer while a lost session is replaced. */
  readonly handlers: AnswerHandlers
  /** The session in use is lost and about to be replaced. */
  onLost(): void
  onRenewed(session: HttpSession, result: JsonObject): void
}

/** The session in use, and how it is replaced when the server has forgotten it. */
export interface Sessions {
  /** The session in use, if there is one yet. A promise while a lost one is replaced, which rejects as {@link renew} does. */
  current(): HttpSession | undefined | Promise<HttpSession>
  /** Opens a session with the handshake this side was asked to send. */
  open(request: JsonRpcRequest, body: string, handshake: Handshake): Promise<Ending>
  /**
   * Replaces a lost session, once for all who have lost it.
   * @throws {NegotiationError} when the server now wants another version
   * @throws {ConnectionError} | {AnsweredError} | {InvalidResultError} when it does not begin anew
   */
  renew(lost: HttpSession): Promise<HttpSession>
  /** Posts a message that has no answer; resolves to why it was refused, if it was. @throws {ConnectionError} */
  post(message: PostedText, session: HttpSession | undefined): Promise<Error | undefined>
  /** Tells the server that the session is over. Never rejects. */
  end(): Promise<void>
}

export interface Handshake {
  /** Headers of its own. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly handlers: AnswerHandlers
}

export interface PostedText {
  /** Its method, or what it is. */
  readonly method: string
  readonly body: string
}

/** Milliseconds the handshake that replaces a lost session may take. */
const RENEWAL_MS = 30_000
/** Milliseconds telling of the end of a session may take. */
const FAREWELL_MS = 2000

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management */
export function createSessions(options: SessionsOptions): Sessions {
  const { wire, limits, clock } = options
  let session: HttpSession | undefined
  let params: JsonObject | undefined
  let renewing: Promise<HttpSession> | undefined
  let renewals = 0

  async function shake(
    request: JsonRpcRequest,
    body: string,
    { headers, signal, handlers }: Handshake,
    take: (answer: JsonObject, opened: HttpSession | undefined, length: number) => void,
  ): Promise<Ending> {
    const sent = await wire.send({
      method: 'POST',
      headers: { ...headers, ...POST_HEADERS },
      body,
      signal,
      what: request.method,
    })
    try {
      const id = readSessionId(sent.response.headers)
      const message = (value: unknown, length: number): void => {
        if (!isJsonObject(value) || !isAnswerTo(request.id, value)) return handlers.message(value, length)
        take(value, sessionOf(value.result, id), length)
      }
      return await readAnswer(request, sent.response, { ...handlers, message }, limits)
    } finally {
      await discard(sent)
    }
  }

  async function replace(lost: HttpSession): Promise<HttpSession> {
    options.onLost()
    using limit = timeLimit('initialize', RENEWAL_MS, clock, options.signal)
    const { signal } = limit
    const request: JsonRpcRequest = {
      jsonrpc: '2.0',
      id: `renewal ${++renewals}`,
      method: 'initialize',
      ...(params !== undefined && { params }),
    }
    let opened: HttpSession | undefined
    let answer: JsonObject = {}
    const handshake = { headers: {}, signal, handlers: options.handlers }
    const ending = await shake(request, encodeMessage(request), handshake, (value, next) => {
      answer = value
      opened = next
    })
    if (ending.kind !== 'answered') throw ending.error
    const { result } = answer
    if (opened === undefined || !isJsonObject(result)) throw refusedBy(answer)
    if (opened.version !== lost.version) {
      const words = `the session was lost, and the server now answers initialize with ${opened.version}`
      throw new NegotiationError(`${words} where ${lost.version} was agreed on`, [lost.version], [opened.version])
    }
    const refusal = await post(
      { method: INITIALIZED, body: encodeMessage(notification(INITIALIZED, undefined)) },
      opened,
    )
    if (refusal !== undefined) throw refusal
    options.signal.throwIfAborted()
    session = opened
    options.onRenewed(opened, result)
    return opened
  }

  async function post({ method, body }: PostedText, on: HttpSession | undefined): Promise<Error | undefined> {
    using limit = timeLimit(method, ACCEPTANCE_MS, clock, options.signal)
    const sent = await wire.send({
      method: 'POST',
      headers: { ...POST_HEADERS, ...on?.headers },
      body,
      signal: limit.signal,
      what: method,
    })
    if (sent.response.ok) {
      await discard(sent)
      return undefined
    }
    try {
      return await readRefusal({ method }, sent.response, limits)
    } finally {
      sent.release()
    }
  }

  return {
    current: () => renewing ?? session,
    open(request, body, handshake) {
      params = request.params
      return shake(request, body, handshake, (answer, opened, length) => {
        // first: whoever hears of the answer may send the next message at once
        session = opened
        handshake.handlers.message(answer, length)
      })
    },
    renew(lost) {
      if (renewing !== undefined) return renewing
      if (session !== undefined && session !== lost) return Promise.resolve(session)
      renewing = replace(lost).finally(() => {
        renewing = undefined
      })
      return renewing
    },
    post,
    async end() {
      if (session?.id === undefined) return
      using limit = timeLimit('the end of the session', FAREWELL_MS, clock)
      try {
        const { signal } = limit
        const what = 'the end of the session'
        await discard(await wire.send({ method: 'DELETE', headers: session.headers, signal, what }))
      } catch {
        // a server that cannot be told finds out by itself
      }
    },
  }
}

function refusedBy(answer: JsonObject): Error {
  if (classify(answer) !== 'error') return new InvalidResultError('initialize', 'it agrees on no protocol version')
  // proof: classify has just checked its members
  const { code, message, data } = (answer as unknown as JsonRpcError).error
  return new AnsweredError(code, message, data)
}
