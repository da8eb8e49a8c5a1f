/** Where time comes from: the platform by default, a fake in tests. */
export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number
  /** Calls `fn` once after `ms` milliseconds unless the returned function is called before. Never keeps a process alive. */
  after(ms: number, fn: () => void): () => void
}

const MAX_TIMER_MS = 2_147_483_647

/** The time and the timers of this machine; its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, fn) {
    const timer: unknown = setTimeout(fn, Math.min(ms, MAX_TIMER_MS))
    // Node and Bun return an object whose timers hold the process open; browsers return a number that does not
    if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
      timer.unref()
    }
    // proof: it came from setTimeout just above
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
  },
}
