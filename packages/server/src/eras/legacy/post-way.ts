import {
  encodeMessage,
  encodeSseEvent,
  type JsonRpcMessage,
  type JsonRpcResponse,
  type RequestId,
  RpcError,
} from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import type { AuthInfo } from '../../http/auth/auth-info.ts'
import type { HttpCore, Incoming } from '../../http/incoming.ts'
import { Reply } from '../../http/reply.ts'
import { accepted, encodeAnswer, errorResponse, jsonText } from '../../http/respond.ts'
import type { ServedWay } from '../../way.ts'
import type { EventLog } from './event-log.ts'

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
  /** Headers of the response, when it is known to be one. */
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
  readonly auth: AuthInfo | undefined
  readonly #options: PostWayOptions
  readonly #reply: Reply
  #log: EventLog | undefined
  #done = false

  constructor(options: PostWayOptions) {
    this.#options = options
    this.stream = options.stream
    this.auth = options.incoming.auth
    this.#reply = new Reply(options.core, options.incoming.accepts, {
      gone() {
        // the calls go on: what they have to say is kept for the client
      },
      opened: () => this.#prime(),
      headers: () => options.headers(),
    })
  }

  get canAsk(): boolean {
    return this.#reply.canStream
  }

  response(): Promise<Response> {
    return this.#reply.response()
  }

  /** @throws when the message cannot be written as JSON */
  send(message: JsonRpcMessage | JsonRpcMessage[]): void | Promise<void> {
    if (this.#done) return undefined
    if (!Array.isArray(message) && 'method' in message) return this.#tell(encodeMessage(message))
    // proof: what has no method is an answer, and a batch holds nothing but answers
    const answer = message as JsonRpcResponse | JsonRpcResponse[]
    const text = encodeAnswer(answer)
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
    if (this.#options.revision()?.http.primesStreams !== true || !this.#reply.canStream) return false
    const stream = this.#reply.open()
    const retry = retryMs ?? this.#options.core.limits.retryMs
    void stream?.write(encodeSseEvent({ data: '', retry }))
    this.detach()
    return true
  }

  /** Lets go of the connection; what follows is only kept. */
  detach(): void {
    if (this.#reply.isStream) this.#reply.end()
  }

  #prime(): void {
    const { revision: current, core } = this.#options
    const binding = current()?.http
    if (binding?.resumesStreams !== true || core.limits.maxReplayLength === 0) return
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
    const status = revision()?.http.statusOf(code) ?? 200
    return errorResponse(status, answer.id ?? undefined, error, { ...headers(), ...challenge(error, incoming) })
  }

  #finish(): void {
    this.#done = true
    this.#log?.end()
    this.detach()
    this.#options.onDone(this)
  }
}
