/** What a listener heard, and a way to wait for more. */
export interface Heard<T> {
  readonly items: readonly T[]
  push(item: T): void
  /** Resolves when there are that many. */
  count(atLeast: number): Promise<readonly T[]>
}

export function heard<T>(): Heard<T> {
  const items: T[] = []
  const waiting = new Set<() => void>()
  return {
    items,
    push(item) {
      items.push(item)
      for (const look of waiting) look()
    },
    count: (atLeast) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (items.length < atLeast) return
          waiting.delete(look)
          resolve(items)
        }
        waiting.add(look)
        look()
      }),
  }
}
