import {
  type Exchange,
  encodeMessage,
  encodeSseEvent,
  INTERNAL_ERROR,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  notification,
  type RequestId,
  RpcError,
  toRpcError,
} from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'
import type { AuthInfo } from '../../http/auth/auth-info.ts'
import { HttpFault } from '../../http/fault.ts'
import type { HttpCore, Incoming } from '../../http/incoming.ts'
import { Reply } from '../../http/reply.ts'
import { errorResponse, errorText, jsonText } from '../../http/respond.ts'
import type { ServedWay } from '../../way.ts'

const OK = 200

/** One request that came alone, with its own way back. A client that goes away has cancelled it. */
export class HttpExchange implements Exchange, ServedWay {
  readonly id: RequestId
  readonly length: number
  readonly auth: AuthInfo | undefined
  readonly method: string
  cancelled = false
  readonly #core: HttpCore
  readonly #incoming: Incoming
  readonly #facts: RequestFacts
  #reply: Reply | undefined
  #controller: AbortController | undefined
  #abortReason: unknown
  #stopWatching: (() => void) | undefined

  constructor(core: HttpCore, incoming: Incoming, { id, method }: JsonRpcRequest, facts: RequestFacts) {
    this.#core = core
    this.#incoming = incoming
    this.#facts = facts
    this.id = id
    this.method = method
    this.length = incoming.length
    this.auth = incoming.auth
  }

  /** What is asked travels with the answer. */
  readonly canAsk = true

  get way(): ServedWay {
    return this
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  /** What a client cannot be told before its answer is dropped: none of it is part of the answer. */
  notify(method: string, params?: JsonObject): void | Promise<void> {
    if (this.cancelled) return undefined
    const stream = this.#replying().open()
    return stream?.write(encodeSseEvent({ data: encodeMessage(notification(method, params)) }))
  }

  /** The response of a request that is answered later. From now on a client that goes away cancels it. */
  later(): Promise<Response> {
    const { signal } = this.#incoming.request
    const onAbort = (): void => this.#reply?.gone('the client is gone')
    signal.addEventListener('abort', onAbort, { once: true })
    this.#stopWatching = () => signal.removeEventListener('abort', onAbort)
    const response = this.#replying().response()
    if (signal.aborted) onAbort()
    return response
  }

  /** Answers with a result; undefined when nobody waits, or when it leaves by the stream that is open. */
  succeed(result: JsonObject): Response | undefined {
    if (this.cancelled) return undefined
    if (!isJsonObject(result)) return this.fail(new TypeError(`${this.method} returned no result object`))
    let text: string
    try {
      text = encodeMessage({ jsonrpc: '2.0', id: this.id, result })
    } catch (cause) {
      this.#core.serving.log.error(`the result of ${this.method} cannot be written as JSON`, cause)
      return this.fail(new RpcError(INTERNAL_ERROR, `the result of ${this.method} cannot be written as JSON`))
    }
    this.cancelled = true
    return this.#leavesByStream(text) ? undefined : jsonText(text)
  }

  /** Answers with an error, likewise. */
  fail(thrown: unknown, headers?: Readonly<Record<string, string>>): Response | undefined {
    if (this.cancelled) return undefined
    this.cancelled = true
    const error = toRpcError(thrown)
    if (error !== thrown) this.#core.serving.log.error(`${this.method} failed`, thrown)
    const status = error instanceof HttpFault ? error.status : this.#facts.revision.http.statusOf(error.code)
    // an error before anything else is told by the status as well; one that is a plain answer leaves like a result
    const inBand = this.#reply?.isStream === true || status === OK
    if (inBand && this.#leavesByStream(errorText(this.id, error))) return undefined
    return errorResponse(status, this.id, error, headers)
  }

  /** Stops whatever works on it. */
  abort(reason: unknown): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }

  /** The response of a request whose answer left by the stream it opened. */
  streamed(): Promise<Response> {
    return this.#replying().response()
  }

  /** Ends the response of a request that was answered {@link later}. */
  settle(response: Response | undefined): void {
    this.#stopWatching?.()
    if (response !== undefined) this.#reply?.finish(response)
  }

  #leavesByStream(text: string): boolean {
    const reply = this.#incoming.accepts.json ? this.#reply : this.#replying()
    if (reply?.mustStream !== true) return false
    void reply.open()?.write(encodeSseEvent({ data: text }))
    reply.end()
    return true
  }

  #replying(): Reply {
    this.#reply ??= new Reply(this.#core, this.#incoming.accepts, {
      gone: (reason) => {
        this.cancelled = true
        this.abort(new DOMException(reason, 'AbortError'))
        this.#stopWatching?.()
      },
    })
    return this.#reply
  }
}
