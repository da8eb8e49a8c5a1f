import type { Exchange } from '@bao-mcp/protocol/engine'

/** What a handler can do with the task it runs in. */
export interface TaskHandle {
  /** Says in words how far it is. Said often, the latest words count. */
  status(message: string): void
}

/** What a handler that runs as a task runs for: nobody waits, so nothing can be told on the way. */
export class TaskExchange implements Exchange {
  readonly id: string
  readonly length: number
  readonly handle: TaskHandle
  cancelled = false
  #controller: AbortController | undefined
  #reason: unknown

  constructor(id: string, length: number, handle: TaskHandle) {
    this.id = id
    this.length = length
    this.handle = handle
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  notify(): void {
    // "progress and log messages must not be sent for tasks"
  }

  abort(why: string): void {
    if (this.cancelled) return
    this.cancelled = true
    this.#reason = new DOMException(why, 'AbortError')
    this.#controller?.abort(this.#reason)
  }

  /** The handler is done, so there is nothing to abort. */
  finish(): void {
    this.cancelled = true
  }
}
