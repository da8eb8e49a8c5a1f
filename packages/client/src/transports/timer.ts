/** Timers of something that must be finished, so that they keep the process alive; a fake in tests. */
export interface Timer {
  /** Calls `fn` once after `ms` milliseconds unless the returned function is called before. */
  after(ms: number, fn: () => void): () => void
}

export const heldTimer: Timer = {
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves to true when `event` comes within `ms` milliseconds, and to false when it does not. */
export function comesWithin(event: Promise<unknown>, ms: number, timer: Timer): Promise<boolean> {
  return new Promise((resolve) => {
    // one more turn: a process that was busy when the time ran out has not looked at its events yet
    let cancel = timer.after(ms, () => {
      cancel = timer.after(0, () => resolve(false))
    })
    const came = (): void => {
      cancel()
      resolve(true)
    }
    event.then(came, came)
  })
}
