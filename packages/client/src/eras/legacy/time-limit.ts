import { type Clock, ConnectionError } from '@bao-mcp/protocol/engine'
import { follow } from '../../follow.ts'

/** A signal that aborts with another one, or when the time is up. Disposing ends both. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal
}

export function timeLimit(what: string, ms: number, clock: Clock, signal?: AbortSignal): TimeLimit {
  const limit = follow(signal)
  const stop = clock.after(ms, () => {
    limit.controller.abort(new ConnectionError('timeout', `${what} was not answered within ${ms} ms`))
  })
  return {
    signal: limit.signal,
    [Symbol.dispose]() {
      stop()
      limit[Symbol.dispose]()
    },
  }
}
