/**
 * Makes a listener safe to call on the message path: what it throws does not reach the reader, whose other messages are
 * not to blame.
 * @param report takes what it throws. Default: the host's handler of uncaught errors.
 */
export function guarded<A extends unknown[]>(
  listener: ((...args: A) => void) | undefined,
  report: (error: unknown) => void = throwUncaught,
): (...args: A) => void {
  if (listener === undefined) return ignore
  return (...args) => {
    try {
      listener(...args)
    } catch (error) {
      report(error)
    }
  }
}

function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

function ignore(): void {
  // nobody listens
}
