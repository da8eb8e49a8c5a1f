/** Work by name that all who need it at the same time share. */
export interface Flights<T> {
  /**
   * Joins the work of this name that is under way, or begins it. The work is given up when all who joined have given up.
   * @throws what the work throws, or the signal's reason
   */
  join(name: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>
}

interface UnderWay<T> {
  result: Promise<T>
  control: AbortController
  waiting: number
}

export function createFlights<T>(): Flights<T> {
  const all = new Map<string, UnderWay<T>>()

  function begin(name: string, work: (signal: AbortSignal) => Promise<T>): UnderWay<T> {
    const control = new AbortController()
    const started = { result: work(control.signal), control, waiting: 0 }
    const end = (): void => void forget(name, started)
    started.result.then(end, end)
    all.set(name, started)
    return started
  }

  function forget(name: string, ended: UnderWay<T>): boolean {
    return all.get(name) === ended && all.delete(name)
  }

  return {
    async join(name, work, signal) {
      signal?.throwIfAborted()
      const mine = all.get(name) ?? begin(name, work)
      mine.waiting++
      let leave = (): void => undefined
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal?.reason)
      })
      signal?.addEventListener('abort', leave, { once: true })
      try {
        return await Promise.race([mine.result, left])
      } finally {
        signal?.removeEventListener('abort', leave)
        mine.waiting--
        // nobody is left who wants it; whoever comes now begins anew
        if (mine.waiting === 0 && forget(name, mine)) mine.control.abort(signal?.reason)
      }
    },
  }
}
