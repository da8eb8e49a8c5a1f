/** The requests that are being worked on. */
export interface InFlight {
  readonly count: number
  /** No more are let in. */
  readonly isDraining: boolean
  /** @param abort ends it early, with a reason */
  enter(abort: (reason: string) => void): () => void
  drain(): void
  /** Resolves when none is left. */
  idle(): Promise<void>
  abortAll(reason: string): void
}

export function createInFlight(): InFlight {
  const running = new Set<(reason: string) => void>()
  let isDraining = false
  let waiters: (() => void)[] = []
  return {
    get count() {
      return running.size
    },
    get isDraining() {
      return isDraining
    },
    enter(abort) {
      running.add(abort)
      return () => {
        running.delete(abort)
        if (running.size > 0) return
        for (const wake of waiters) wake()
        waiters = []
      }
    },
    drain() {
      isDraining = true
    },
    async idle() {
      if (running.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      waiters.push(resolve)
      await promise
    },
    abortAll(reason) {
      for (const abort of [...running]) abort(reason)
    },
  }
}
