import type { JsonRpcRequest, Unreadable } from '@bao-mcp/protocol/engine'
import type { AnswerHandlers } from '../../http/answer.ts'
import type { HeaderMap } from '../../http/headers.ts'
import type { StreamPosition } from './resume.ts'

/** One call, from being sent to being settled. */
export interface OpenCall {
  readonly request: JsonRpcRequest
  readonly body: string
  readonly headers: HeaderMap
  readonly controller: AbortController
  /** Whether the server may have heard of it. */
  isSent: boolean
  /** Nobody waits for it any more. */
  isGivenUp: boolean
}

/** Hears a message, and of the call whose response it came in. */
export type Hear = (value: unknown, length: number, from: OpenCall) => void

/** Reads the response to a call, and keeps where it has got to. */
export class CallHandlers implements AnswerHandlers {
  readonly #position: StreamPosition
  readonly #call: OpenCall
  readonly #hear: Hear
  readonly unreadable: (fault: Unreadable) => void

  constructor(position: StreamPosition, call: OpenCall, hear: Hear, unreadable: (fault: Unreadable) => void) {
    this.#position = position
    this.#call = call
    this.#hear = hear
    this.unreadable = unreadable
  }

  message(value: unknown, length: number): void {
    this.#position.came = true
    this.#hear(value, length, this.#call)
  }

  eventId(id: string): void {
    this.#position.came = true
    this.#position.eventId = id
  }

  retry(ms: number): void {
    this.#position.retryMs = ms
  }
}
