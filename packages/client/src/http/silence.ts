import type { Deadline, Deadlines } from '@bao-mcp/protocol/engine'
import { type BytesReader, cancel } from './linger.ts'

/** The time without a piece after which a body is taken for dead, and cancelled. */
export class Silence implements Deadline {
  dueAt = 0
  heapIndex = -1
  isOver = false
  #beganAt = 0
  readonly #reader: BytesReader
  readonly #limitMs: number
  readonly #deadlines: Deadlines
  readonly #of: { mayBeSilent?(): boolean }

  constructor(reader: BytesReader, limitMs: number, deadlines: Deadlines, of: { mayBeSilent?(): boolean }) {
    this.#reader = reader
    this.#limitMs = limitMs
    this.#deadlines = deadlines
    this.#of = of
  }

  /** From now on. A deadline that is set already finds out by itself that it has become a later one. */
  begin(): void {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return
    this.#beganAt = this.#deadlines.now()
    if (this.heapIndex < 0) this.#wait()
  }

  end(): void {
    this.#deadlines.remove(this)
  }

  expire(): void {
    const now = this.#deadlines.now()
    if (this.#beganAt + this.#limitMs > now) return this.#wait()
    if (this.#of.mayBeSilent?.() === true) {
      this.#beganAt = now
      return this.#wait()
    }
    this.isOver = true
    cancel(this.#reader)
  }

  #wait(): void {
    this.dueAt = this.#beganAt + this.#limitMs
    this.#deadlines.add(this)
  }
}
