import type { Deadline } from '@bao-mcp/protocol/engine'
import type { Accepts } from './accept.ts'
import type { HttpCore } from './incoming.ts'
import { openStream } from './open-stream.ts'
import { sseResponse } from './respond.ts'
import type { SseStream } from './sse-stream.ts'

export interface ReplyHooks {
  /** The client is gone, or was given up; told once, and not after the reply is finished. */
  gone(reason: string): void
  /** The stream is open, with nothing in it yet. */
  opened?(): void
  /** Headers of the stream, beside its own. */
  headers?(): Readonly<Record<string, string>> | undefined
}

/**
 * The answer to one POST: a single body, unless something has to be told before it or it takes long. Then it becomes a
 * stream of events, where the client takes one.
 */
export class Reply implements Deadline {
  dueAt = 0
  heapIndex = -1
  readonly #core: HttpCore
  readonly #accepts: Accepts
  readonly #hooks: ReplyHooks
  #settled: Response | undefined
  #resolve: ((response: Response) => void) | undefined
  #stream: SseStream | undefined
  #over = false

  constructor(core: HttpCore, accepts: Accepts, hooks: ReplyHooks) {
    this.#core = core
    this.#accepts = accepts
    this.#hooks = hooks
  }

  /** False for a client that takes the one answer and nothing else. */
  get canStream(): boolean {
    return this.#accepts.events
  }

  get isStream(): boolean {
    return this.#stream !== undefined
  }

  get isOver(): boolean {
    return this.#over
  }

  /** The response, as soon as it is known whether it is a stream. From now on a long silence opens one. */
  response(): Promise<Response> {
    if (this.#settled !== undefined) return Promise.resolve(this.#settled)
    const { deadlines, limits } = this.#core
    if (this.canStream) {
      this.dueAt = deadlines.now() + limits.streamAfterMs
      deadlines.add(this)
    }
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Time for the answer to come as one body is over. */
  expire(): void {
    this.open()?.keepAlive()
  }

  /** The stream, opened if it is not; undefined when the client takes none, or the reply is over. */
  open(): SseStream | undefined {
    if (this.#stream !== undefined || this.#over || !this.canStream) return this.#stream
    const stream = openStream(this.#core, (reason) => this.gone(reason))
    this.#stream = stream
    this.#settle(sseResponse(stream, this.#hooks.headers?.()))
    this.#hooks.opened?.()
    return stream
  }

  /** Ends the reply with a whole response; only while it is no stream. */
  finish(response: Response): void {
    this.#over = true
    this.#settle(response)
  }

  /** Ends a stream, after what was written has left. */
  end(): void {
    this.#over = true
    if (this.#stream === undefined) return
    this.#core.keepAlive.remove(this.#stream)
    this.#stream.end()
  }

  /** Nobody reads it any more. */
  gone(reason: string): void {
    if (this.#over) return
    this.end()
    this.#settle(new Response(null, { status: 499 }))
    this.#hooks.gone(reason)
  }

  /** True when an answer as one body would not be taken. */
  get mustStream(): boolean {
    return this.#stream !== undefined || !this.#accepts.json
  }

  #settle(response: Response): void {
    if (this.#settled !== undefined) return
    this.#settled = response
    if (this.heapIndex >= 0) this.#core.deadlines.remove(this)
    this.#resolve?.(response)
  }
}
