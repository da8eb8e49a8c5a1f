/** Hands items to one listener. */
export interface Delivery<T> {
  push(item: T): void
  /** Drops what was not handed over yet. */
  stop(): void
}

/**
 * Hands over in order and in a later microtask, so that a listener is never called from within what it does itself.
 * What it throws is an unhandled rejection: it must neither reach who pushed nor keep other items back.
 */
export function createDelivery<T>(deliver: (item: T) => void): Delivery<T> {
  let waiting: T[] = []
  let stopped = false

  function drain(): void {
    const items = waiting
    waiting = []
    for (const item of items) {
      if (stopped) return
      try {
        deliver(item)
      } catch (error) {
        later(() => {
          throw error
        })
      }
    }
  }

  return {
    push(item) {
      if (waiting.length === 0) queueMicrotask(drain)
      waiting.push(item)
    },
    stop() {
      stopped = true
      waiting = []
    },
  }
}

/** Calls a function of somebody else in a microtask. Nobody awaits what it throws, so the process tells of it. */
export function later(fn: () => void): void {
  void Promise.resolve().then(fn)
}
