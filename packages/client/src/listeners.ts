/**
 * Makes a listener safe to call on the message path: what it throws does not reach the reader, whose other messages are
 * not to blame, but the host's handler of uncaught errors.
 */
export function guarded<A extends unknown[]>(listener: ((...args: A) => void) | undefined): (...args: A) => void {
  if (listener === undefined) return ignore
  return (...args) => {
    try {
      listener(...args)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

function ignore(): void {
  // nobody listens
}
