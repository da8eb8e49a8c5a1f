/** A controller of its own that aborts with others. Disposing lets go of them. */
export interface Follower extends Disposable {
  readonly controller: AbortController
  readonly signal: AbortSignal
}

/**
 * Makes a controller that also aborts, with the same reason, as soon as one of `signals` does. `AbortSignal.any` is no
 * substitute: on Node a signal that lives long remembers every combination it was ever part of, and making one more
 * takes longer each time.
 */
export function follow(...signals: readonly (AbortSignal | undefined)[]): Follower {
  const controller = new AbortController()
  const followed = signals.filter((signal) => signal !== undefined)
  const onAbort = (): void => controller.abort(followed.find(({ aborted }) => aborted)?.reason)
  if (followed.some(({ aborted }) => aborted)) onAbort()
  else for (const signal of followed) signal.addEventListener('abort', onAbort, { once: true })
  return {
    controller,
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of followed) signal.removeEventListener('abort', onAbort)
    },
  }
}
