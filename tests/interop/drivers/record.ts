/** Things in the order they came, to be waited for. */
export interface Record<T> {
  readonly items: readonly T[]
  add(item: T): void
  /** Resolves with the first item that is like this, at once when it came before. */
  until(isIt: (item: T) => boolean): Promise<T>
  /** Forgets all that came. */
  clear(): void
}

export function createRecord<T>(): Record<T> {
  const items: T[] = []
  const waiting = new Set<(item: T) => void>()
  return {
    items,
    add(item) {
      items.push(item)
      for (const look of [...waiting]) look(item)
    },
    until(isIt) {
      const found = items.find(isIt)
      if (found !== undefined) return Promise.resolve(found)
      return new Promise((resolve) => {
        const look = (item: T): void => {
          if (!isIt(item)) return
          waiting.delete(look)
          resolve(item)
        }
        waiting.add(look)
      })
    },
    clear: () => void items.splice(0),
  }
}
