import {
  encodeMessage,
  encodeSseEvent,
  type JsonRpcMessage,
  type JsonRpcResponse,
  type RequestId,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { handshakeRevisions, type Revision } from '@bao-mcp/protocol/revisions'
import type { AuthInfo } from '../../http/auth/auth-info.ts'
import type { HttpCore, Incoming } from '../../http/incoming.ts'
import { Reply } from '../../http/reply.ts'
import { accepted, encodeAnswer, errorResponse, jsonText } from '../../http/respond.ts'
import type { ServedWay } from '../../way.ts'
import type { EventLog } from './event-log.ts'

/** What a handshake that fails is answered in. */
const [NEWEST] = handshakeRevisions

export interface PostWayOptions {
  readonly core: HttpCore
  readonly incoming: Incoming
  /** The requests that came with the POST. */
  readonly ids: readonly RequestId[]
  /** The name of its stream, should it become one. */
  readonly stream: string
  /** What was negotiated; undefined before the handshake is answered. */
  revision(): Revision | undefined
  openLog(): EventLog
  /** True for the handshake: its response tells the session, so nothing is sent before its answer. */
  readonly opens: boolean
  /** Headers of a response that carries a result. */
  headers(): Readonly<Record<string, string>> | undefined
  challenge(error: RpcError, incoming: Incoming): Readonly<Record<string, string>> | undefined
  /** Told once, when everything is answered. */
  onDone(way: PostWay): void
}

/**
 * The way back of one POST. The client may lose its connection, or be sent away, and come back for the rest: that it is
 * gone cancels nothing.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export class PostWay implements ServedWay {
  readonly stream: string
  readonly ids: readonly RequestId[]
  readonly auth: AuthInfo | undefined
  readonly #options: PostWayOptions
  readonly #reply: Reply
  #log: EventLog | undefined
  #done = false
  #failed = false
  #answered: PromiseWithResolvers<void> | undefined

  constructor(options: PostWayOptions) {
    this.#options = options
    this.stream = options.stream
    this.ids = options.ids
    this.auth = options.incoming.auth
    this.#reply = new Reply(options.core, options.incoming.accepts, {
      gone() {
        // the calls go on: what they have to say is kept for the client
      },
      opened: () => this.#prime(),
      headers: () => (this.#failed ? undefined : options.headers()),
    })
  }

  /** True once it was answered with an error. */
  get failed(): boolean {
    return this.#failed
  }

  get canAsk(): boolean {
    return this.#reply.canStream && (!this.#reply.isOver || this.#canResume)
  }

  response(): Promise<Response> {
    if (!this.#options.opens || this.#done) return this.#reply.response()
    this.#answered = Promise.withResolvers()
    return this.#answered.promise.then(() => this.#reply.response())
  }

  /** @throws when the message cannot be written as JSON */
  send(message: JsonRpcMessage | JsonRpcMessage[]): void | Promise<void> {
    if (this.#done) return undefined
    if (!Array.isArray(message) && 'method' in message) {
      return this.#options.opens ? undefined : this.#tell(encodeMessage(message))
    }
    // proof: what has no method is an answer, and a batch holds nothing but answers
    const answer = message as JsonRpcResponse | JsonRpcResponse[]
    const text = encodeAnswer(answer)
    this.#failed = !Array.isArray(answer) && 'error' in answer
    if (this.#reply.mustStream) void this.#tell(text)
    else this.#reply.finish(this.#whole(answer, text))
    this.#finish()
  }

  /** A cancelled request has no answer, and a stream without one ends. */
  unanswered(): void {
    if (this.#done) return
    if (!this.#reply.isStream) this.#reply.finish(accepted())
    this.#finish()
  }

  release(retryMs: number | undefined): boolean {
    if (this.#done || this.#options.revision()?.http.primesStreams !== true || !this.#reply.canStream) return false
    const stream = this.#reply.open()
    // whoever cannot come back must not be sent away
    if (!this.#canResume) return false
    const retry = retryMs ?? this.#options.core.limits.retryMs
    void stream?.write(encodeSseEvent({ data: '', retry }))
    this.detach()
    return true
  }

  /** Lets go of the connection; what follows is only kept. */
  detach(): void {
    if (this.#reply.isStream) this.#reply.end()
  }

  get #canResume(): boolean {
    return this.#log?.isWhole === true
  }

  #prime(): void {
    const { revision: current, core } = this.#options
    const { maxReplayLength, replayTtlMs } = core.limits
    const binding = current()?.http
    if (binding?.resumesStreams !== true || maxReplayLength === 0 || replayTtlMs === 0) return
    this.#log = this.#options.openLog()
    if (binding.primesStreams) void this.#reply.open()?.write(encodeSseEvent({ id: this.#log.start, data: '' }))
  }

  #tell(text: string): void | Promise<void> {
    const stream = this.#reply.open()
    const id = this.#log?.add(text)
    return stream?.write(encodeSseEvent({ data: text, ...(id !== undefined && { id }) }))
  }

  #whole(answer: JsonRpcResponse | JsonRpcResponse[], text: string): Response {
    const { headers, incoming, challenge, revision } = this.#options
    if (Array.isArray(answer) || !('error' in answer)) return jsonText(text, headers())
    const { code, message, data } = answer.error
    const error = new RpcError(code, message, data)
    const status = (revision() ?? NEWEST)?.http.statusOf(code) ?? 200
    return errorResponse(status, answer.id ?? undefined, error, challenge(error, incoming))
  }

  #finish(): void {
    this.#done = true
    this.#log?.end()
    this.detach()
    this.#answered?.resolve()
    this.#options.onDone(this)
  }
}
