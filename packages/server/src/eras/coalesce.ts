/**
 * Sends at most one thing of each kind at a time: what comes again while the reader does not read replaces what waits, so
 * that a reader that stalls costs no more than the number of kinds.
 * @param send returns a promise while there is no room
 */
export function coalescing<T>(send: (key: string, value: T) => void | Promise<void>): (key: string, value: T) => void {
  const waiting = new Map<string, T>()
  let blocked = false

  function flush(): void {
    blocked = false
    for (const [key, value] of waiting) {
      if (blocked) return
      waiting.delete(key)
      attempt(key, value)
    }
  }

  function attempt(key: string, value: T): void {
    const room = send(key, value)
    if (room === undefined) return
    blocked = true
    void room.then(flush, flush)
  }

  return (key, value) => {
    if (!blocked) return attempt(key, value)
    // the latest place in the order of what waits
    waiting.delete(key)
    waiting.set(key, value)
  }
}
